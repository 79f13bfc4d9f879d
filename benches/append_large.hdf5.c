/* 100,000 records of 1,000 float64, one after the other: the dataset is extended and written. */
#include "bench.h"
#include <hdf5.h>

int main(void)
{
    const hsize_t none[2] = {0, 1000}, limit[2] = {H5S_UNLIMITED, 1000}, chunk[2] = {32, 1000}, one[2] = {1, 1000};
    const hsize_t records = 100000;
    double *data = numbers(1000 * 64);
    MUST(H5open() >= 0);

    double start = now();
    hid_t file = H5Fcreate("a.h5", H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    hid_t space = H5Screate_simple(2, none, limit), memory = H5Screate_simple(2, one, NULL);
    MUST(H5Pset_chunk(list, 2, chunk) >= 0);
    hid_t dataset = H5Dcreate2(file, "a", H5T_IEEE_F64LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
    for (hsize_t i = 0; i < records; i++) {
        const hsize_t shape[2] = {i + 1, 1000}, place[2] = {i, 0};
        MUST(H5Dset_extent(dataset, shape) >= 0);
        hid_t selected = H5Dget_space(dataset);
        MUST(H5Sselect_hyperslab(selected, H5S_SELECT_SET, place, NULL, one, NULL) >= 0);
        MUST(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, memory, selected, H5P_DEFAULT, data + 1000 * (i % 64)) >= 0);
        MUST(H5Sclose(selected) >= 0);
    }
    MUST(H5Dclose(dataset) >= 0 && H5Sclose(memory) >= 0 && H5Sclose(space) >= 0 && H5Pclose(list) >= 0);
    MUST(H5Fclose(file) >= 0);
    report("append", now() - start);
    return 0;
}
