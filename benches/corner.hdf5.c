/* A 2x2 corner of a dataset, by path and slice; the time of one read. */
#include "bench.h"
#include <hdf5.h>

int main(void)
{
    const hsize_t shape[2] = {1000, 1000}, start_at[2] = {0, 0}, edges[2] = {2, 2};
    const int reads = 100000;
    double corner[4], *data = numbers(1000 * 1000);
    hid_t file = H5Fcreate("a.h5", H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t space = H5Screate_simple(2, shape, NULL);
    hid_t dataset = H5Dcreate2(file, "a", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    MUST(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    MUST(H5Dclose(dataset) >= 0 && H5Sclose(space) >= 0 && H5Fclose(file) >= 0);

    file = H5Fopen("a.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
    double start = now();
    for (int i = 0; i < reads; i++) {
        dataset = H5Dopen2(file, "a", H5P_DEFAULT);
        space = H5Dget_space(dataset);
        MUST(H5Sselect_hyperslab(space, H5S_SELECT_SET, start_at, NULL, edges, NULL) >= 0);
        hid_t memory = H5Screate_simple(2, edges, NULL);
        MUST(H5Dread(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, corner) >= 0);
        MUST(H5Sclose(memory) >= 0 && H5Sclose(space) >= 0 && H5Dclose(dataset) >= 0);
    }
    report("read", (now() - start) / reads);
    MUST(corner[3] == data[1001]);
    MUST(H5Fclose(file) >= 0);
    return 0;
}
