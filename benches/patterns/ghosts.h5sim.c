/* 20 arrays of 1024 x 1024 out of their ghost cells: written, read back into them, appended. */
#include "with_h5sim.h"

#define N 1024
#define WIDE (N + 2)

int main(void)
{
    const int64_t shape[2] = {N, N}, strides[2] = {WIDE, 1};
    double *data = numbers(WIDE * WIDE), *found = calloc(WIDE * WIDE, sizeof *found);
    memset(found, 1, WIDE * WIDE * sizeof *found);
    ready();
    begin();
    h5sim_file file = opened("a.h5", "w", NULL);
    for (int i = 0; i < 20; i++)
        OK(h5sim_write(file, name("%d", i), H5SIM_F64, 2, shape, strides, data + WIDE + 1, NULL));
    OK(h5sim_close(file));
    end("write");
    const char *metrics[2] = {"read_r", "read_r+"}, *modes[2] = {"r", "r+"};
    for (int mode = 0; mode < 2; mode++) {
        begin();
        file = opened("a.h5", modes[mode], NULL);
        for (int i = 0; i < 20; i++)
            OK(h5sim_read_into(file, name("%d", i), NULL, H5SIM_F64, 2, shape, strides, found + WIDE + 1));
        OK(h5sim_close(file));
        end(metrics[mode]);
        MUST(found[WIDE * N + N] == data[WIDE * N + N]);
    }
    begin();
    file = opened("b.h5", "w", NULL);
    for (int i = 0; i < 20; i++)
        OK(h5sim_append_from(file, "a", H5SIM_F64, 2, shape, strides, data + WIDE + 1, NULL));
    OK(h5sim_close(file));
    end("append");
    return 0;
}
