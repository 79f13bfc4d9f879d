/* Files of the newer format that are opened again: series are read, lengthened and changed. */
#include "with_hdf5.h"

#define SERIES 200
#define RECORDS 1000
#define NUMBERS 20000

int main(void)
{
    const hsize_t record[1] = {8};
    double *data = numbers(NUMBERS), *found = malloc(NUMBERS * sizeof *found);
    struct dataset series[SERIES];
    memset(found, 1, NUMBERS * sizeof *found);
    ready();
    hid_t latest = H5Pcreate(H5P_FILE_ACCESS);
    OK(H5Pset_libver_bounds(latest, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST));
    hid_t file = H5Fcreate("a.h5", H5F_ACC_TRUNC, H5P_DEFAULT, latest);
    for (int i = 0; i < SERIES; i++) {
        series[i] = new_series(file, name("s%d", i), H5T_IEEE_F64LE, 1, record, 64, 0);
        for (int t = 0; t < RECORDS; t += 50)
            append_as(&series[i], H5T_NATIVE_DOUBLE, 50, data + t + i);
        shut(&series[i]);
    }
    OK(H5Fclose(file));
    begin();
    for (int k = 0; k < 3; k++) {
        file = opened("a.h5", "r");
        for (int i = 0; i < SERIES; i++) {
            hid_t dataset = H5Dopen2(file, name("s%d", i), H5P_DEFAULT);
            OK(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
            OK(H5Dclose(dataset));
            MUST(memcmp(found, data + i, 8 * sizeof *found) == 0);
        }
        OK(H5Fclose(file));
    }
    end("newer_read");
    begin();
    for (int k = 0; k < 5; k++) {
        file = opened("a.h5", "r+");
        for (int i = 0; i < SERIES; i++)
            series[i] = kept(H5Dopen2(file, name("s%d", i), H5P_DEFAULT));
        for (int t = 0; t < 20; t++)
            for (int i = 0; i < SERIES; i++)
                append(&series[i], data + t + i);
        for (int i = 0; i < SERIES; i++)
            shut(&series[i]);
        OK(H5Fclose(file));
    }
    end("newer_append");
    begin();
    file = opened("a.h5", "r+");
    for (int i = 0; i < SERIES; i++)
        series[i] = kept(H5Dopen2(file, name("s%d", i), H5P_DEFAULT));
    for (int t = 0; t < 10; t++)
        for (int i = 0; i < SERIES; i++) {
            const hsize_t start[2] = {(hsize_t)(100 * t + i), 0}, count[2] = {1, 8};
            put(&series[i], start, count, data + t + i);
        }
    for (int i = 0; i < SERIES; i++)
        shut(&series[i]);
    OK(H5Fclose(file));
    end("newer_records");
    return 0;
}
