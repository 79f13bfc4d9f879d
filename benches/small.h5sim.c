/* 20,000 datasets of 8 float64 in one group. */
#include "bench.h"
#include <h5sim.h>

int main(void)
{
    const int64_t shape[1] = {8};
    double *data = numbers(8 * 20000);
    char path[32];
    h5sim_file file;

    MUST(h5sim_hdf5_version() != NULL);
    double start = now();
    MUST(h5sim_open("a.h5", "w", NULL, &file) == 0);
    for (int i = 0; i < 20000; i++) {
        snprintf(path, sizeof path, "group/%d", i);
        MUST(h5sim_write_f64(file, path, 1, shape, data + 8 * i) == 0);
    }
    MUST(h5sim_close(file) == 0);
    report("write", now() - start);
    return 0;
}
