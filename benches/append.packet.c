/* 1,000,000 records of 8 float64, one after the other: HDF5's packet table. */
#include "bench.h"
#include <hdf5.h>
#include <hdf5_hl.h>

int main(void)
{
    const hsize_t eight[1] = {8};
    const long records = 1000000;
    double *data = numbers(8 * 1024);
    MUST(H5open() >= 0);

    double start = now();
    hid_t file = H5Fcreate("a.h5", H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t record = H5Tarray_create2(H5T_NATIVE_DOUBLE, 1, eight);
    hid_t table = H5PTcreate(file, "a", record, 4096, H5P_DEFAULT);
    MUST(table >= 0);
    for (long i = 0; i < records; i++)
        MUST(H5PTappend(table, 1, data + 8 * (i % 1024)) >= 0);
    MUST(H5PTclose(table) >= 0 && H5Tclose(record) >= 0 && H5Fclose(file) >= 0);
    report("append", now() - start);
    return 0;
}
