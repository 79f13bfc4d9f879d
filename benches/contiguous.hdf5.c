/* 256 MiB as one contiguous dataset. */
#include "bench.h"
#include <hdf5.h>
#include <string.h>

int main(void)
{
    const hsize_t shape[2] = {4096, 8192};
    const size_t count = 4096 * 8192;
    double *data = numbers(count), *found = calloc(count, sizeof *found);
    memset(found, 1, count * sizeof *found);
    /* What the library sets up once is not part of the work. */
    MUST(H5open() >= 0);

    double start = now();
    hid_t file = H5Fcreate("a.h5", H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t space = H5Screate_simple(2, shape, NULL);
    hid_t dataset = H5Dcreate2(file, "a", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    MUST(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    MUST(H5Dclose(dataset) >= 0 && H5Sclose(space) >= 0 && H5Fclose(file) >= 0);
    report("write", now() - start);

    start = now();
    file = H5Fopen("a.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
    dataset = H5Dopen2(file, "a", H5P_DEFAULT);
    MUST(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, found) >= 0);
    MUST(H5Dclose(dataset) >= 0 && H5Fclose(file) >= 0);
    report("read", now() - start);
    MUST(memcmp(found, data, count * sizeof *found) == 0);
    return 0;
}
