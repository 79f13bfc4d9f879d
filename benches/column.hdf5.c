/* Columns of a 4096 x 4096 contiguous dataset, 16 of them. */
#include "bench.h"
#include <hdf5.h>

int main(void)
{
    const hsize_t shape[2] = {4096, 4096}, count[2] = {4096, 1};
    double *data = numbers(4096 * 4096), found[4096];
    hid_t file = H5Fcreate("a.h5", H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t space = H5Screate_simple(2, shape, NULL), memory = H5Screate_simple(2, count, NULL);
    hid_t dataset = H5Dcreate2(file, "a", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    MUST(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    MUST(H5Dclose(dataset) >= 0 && H5Fclose(file) >= 0);

    double start = now();
    file = H5Fopen("a.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
    dataset = H5Dopen2(file, "a", H5P_DEFAULT);
    for (int i = 0; i < 16; i++) {
        const hsize_t place[2] = {0, (hsize_t)(250 * i + 17)};
        MUST(H5Sselect_hyperslab(space, H5S_SELECT_SET, place, NULL, count, NULL) >= 0);
        MUST(H5Dread(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, found) >= 0);
        MUST(found[4095] == data[4095 * 4096 + place[1]]);
    }
    MUST(H5Dclose(dataset) >= 0 && H5Fclose(file) >= 0);
    report("read", now() - start);
    MUST(H5Sclose(memory) >= 0 && H5Sclose(space) >= 0);
    return 0;
}
