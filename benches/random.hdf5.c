/* 200,000 reads of 16 neighbours out of 32 MiB, the dataset and its dataspaces open. */
#include "bench.h"
#include <hdf5.h>
#include <string.h>

int main(void)
{
    const hsize_t shape[1] = {4 << 20}, last = shape[0] - 16, sixteen[1] = {16};
    double *data = numbers((size_t)shape[0]), found[16];
    uint64_t state = 88172645463325252ULL;
    hid_t file = H5Fcreate("a.h5", H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t space = H5Screate_simple(1, shape, NULL), memory = H5Screate_simple(1, sixteen, NULL);
    hid_t dataset = H5Dcreate2(file, "a", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    MUST(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    MUST(H5Dclose(dataset) >= 0 && H5Fclose(file) >= 0);
    file = H5Fopen("a.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
    dataset = H5Dopen2(file, "a", H5P_DEFAULT);

    double start = now();
    for (int i = 0; i < 200000; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        const hsize_t place[1] = {state % last};
        MUST(H5Sselect_hyperslab(space, H5S_SELECT_SET, place, NULL, sixteen, NULL) >= 0);
        MUST(H5Dread(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, found) >= 0);
        MUST(memcmp(found, data + place[0], sizeof found) == 0);
    }
    report("read", now() - start);
    MUST(H5Dclose(dataset) >= 0 && H5Sclose(memory) >= 0 && H5Sclose(space) >= 0 && H5Fclose(file) >= 0);
    return 0;
}
