/* 20 arrays of 1024 x 1024 out of their ghost cells: written, read back into them, appended. */
#include "with_hdf5.h"

#define N 1024
#define WIDE (N + 2)

int main(void)
{
    const hsize_t shape[2] = {N, N}, wide[2] = {WIDE, WIDE}, first[2] = {1, 1};
    double *data = numbers(WIDE * WIDE), *found = calloc(WIDE * WIDE, sizeof *found), *inside = malloc(N * N * sizeof *inside);
    memset(found, 1, WIDE * WIDE * sizeof *found);
    memset(inside, 1, N * N * sizeof *inside);
    ready();
    hid_t memory = H5Screate_simple(2, wide, NULL), space = H5Screate_simple(2, shape, NULL);
    OK(H5Sselect_hyperslab(memory, H5S_SELECT_SET, first, NULL, shape, NULL));
    begin();
    hid_t file = created("a.h5");
    for (int i = 0; i < 20; i++) {
        hid_t dataset = H5Dcreate2(file, name("%d", i), H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        OK(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, memory, H5S_ALL, H5P_DEFAULT, data));
        OK(H5Dclose(dataset));
    }
    OK(H5Fclose(file));
    end("write");
    const char *metrics[2] = {"read_r", "read_r+"}, *modes[2] = {"r", "r+"};
    for (int mode = 0; mode < 2; mode++) {
        begin();
        file = opened("a.h5", modes[mode]);
        for (int i = 0; i < 20; i++) {
            hid_t dataset = H5Dopen2(file, name("%d", i), H5P_DEFAULT);
            OK(H5Dread(dataset, H5T_NATIVE_DOUBLE, memory, H5S_ALL, H5P_DEFAULT, found));
            OK(H5Dclose(dataset));
        }
        OK(H5Fclose(file));
        end(metrics[mode]);
        MUST(found[WIDE * N + N] == data[WIDE * N + N]);
    }
    begin();
    file = created("b.h5");
    struct dataset a = new_series(file, "a", H5T_IEEE_F64LE, 2, shape, 1, 0);
    for (int i = 0; i < 20; i++) {
        for (int row = 0; row < N; row++)
            memcpy(inside + row * N, data + (row + 1) * WIDE + 1, N * sizeof *inside);
        append(&a, inside);
    }
    shut(&a);
    OK(H5Fclose(file));
    end("append");
    return 0;
}
