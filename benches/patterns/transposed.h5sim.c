/* A column-major array of 4096 x 4096 as a dataset in rows, and read back. */
#include "with_h5sim.h"

#define N 4096

int main(void)
{
    const int64_t shape[2] = {N, N}, strides[2] = {1, N};
    double *data = numbers((size_t)N * N), *found = malloc((size_t)N * N * sizeof *found);
    memset(found, 1, (size_t)N * N * sizeof *found);
    ready();
    begin();
    h5sim_file file = opened("a.h5", "w", NULL);
    OK(h5sim_write(file, "a", H5SIM_F64, 2, shape, strides, data, NULL));
    OK(h5sim_close(file));
    end("write");
    begin();
    file = opened("a.h5", "r", NULL);
    OK(h5sim_read_into(file, "a", NULL, H5SIM_F64, 2, shape, strides, found));
    OK(h5sim_close(file));
    end("read");
    MUST(memcmp(found, data, (size_t)N * N * sizeof *found) == 0);
    return 0;
}
