/* 20,000 datasets of 8 float64 in one group, by the default property lists. */
#include "bench.h"
#include <hdf5.h>

int main(void)
{
    const hsize_t shape[1] = {8};
    double *data = numbers(8 * 20000);
    char name[32];
    MUST(H5open() >= 0);

    double start = now();
    hid_t file = H5Fcreate("a.h5", H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t group = H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    hid_t space = H5Screate_simple(1, shape, NULL);
    for (int i = 0; i < 20000; i++) {
        snprintf(name, sizeof name, "%d", i);
        hid_t dataset = H5Dcreate2(group, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        MUST(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data + 8 * i) >= 0);
        MUST(H5Dclose(dataset) >= 0);
    }
    MUST(H5Sclose(space) >= 0 && H5Gclose(group) >= 0 && H5Fclose(file) >= 0);
    report("write", now() - start);
    return 0;
}
