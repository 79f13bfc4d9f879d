/* 256 MiB of a smooth field with noise, gzip 4 and shuffle. HDF5 has one thread only. */
#include "field.h"
#include <hdf5.h>
#include <string.h>

int main(void)
{
    const hsize_t shape[2] = {4096, 8192}, chunk[2] = {256, 512};
    const size_t count = 4096 * 8192;
    double *data = field(4096, 8192), *found = calloc(count, sizeof *found);
    memset(found, 1, count * sizeof *found);
    MUST(H5open() >= 0);

    double start = now();
    hid_t file = H5Fcreate("a.h5", H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t space = H5Screate_simple(2, shape, NULL), list = H5Pcreate(H5P_DATASET_CREATE);
    MUST(H5Pset_chunk(list, 2, chunk) >= 0 && H5Pset_shuffle(list) >= 0 && H5Pset_deflate(list, 4) >= 0);
    hid_t dataset = H5Dcreate2(file, "a", H5T_IEEE_F64LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
    MUST(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    MUST(H5Dclose(dataset) >= 0 && H5Sclose(space) >= 0 && H5Pclose(list) >= 0 && H5Fclose(file) >= 0);
    double seconds = now() - start;
    report("write", seconds);
    report("write_one", seconds);

    start = now();
    file = H5Fopen("a.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
    dataset = H5Dopen2(file, "a", H5P_DEFAULT);
    MUST(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, found) >= 0);
    MUST(H5Dclose(dataset) >= 0 && H5Fclose(file) >= 0);
    seconds = now() - start;
    report("read", seconds);
    report("read_one", seconds);
    MUST(memcmp(found, data, count * sizeof *found) == 0);
    report_size("size", "a.h5");
    return 0;
}
