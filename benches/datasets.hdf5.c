/* 5,000 datasets of 1000x2 in one group. */
#include "bench.h"
#include <hdf5.h>

int main(void)
{
    const hsize_t shape[2] = {1000, 2};
    double *data = numbers(2000), *found = numbers(2000);
    char path[32];
    MUST(H5open() >= 0);

    double start = now();
    hid_t file = H5Fcreate("a.h5", H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t group = H5Gcreate2(file, "timeseries", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    hid_t space = H5Screate_simple(2, shape, NULL);
    for (int i = 0; i < 5000; i++) {
        snprintf(path, sizeof path, "%d", i);
        hid_t dataset = H5Dcreate2(group, path, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        MUST(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
        MUST(H5Dclose(dataset) >= 0);
    }
    MUST(H5Sclose(space) >= 0 && H5Gclose(group) >= 0 && H5Fclose(file) >= 0);
    report("write", now() - start);

    start = now();
    file = H5Fopen("a.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
    for (int i = 0; i < 5000; i++) {
        snprintf(path, sizeof path, "timeseries/%d", i);
        hid_t dataset = H5Dopen2(file, path, H5P_DEFAULT);
        MUST(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, found) >= 0);
        MUST(H5Dclose(dataset) >= 0);
    }
    MUST(H5Fclose(file) >= 0);
    report("read", now() - start);
    return 0;
}
