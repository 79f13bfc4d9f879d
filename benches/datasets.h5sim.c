/* 5,000 datasets of 1000x2 in one group. */
#include "bench.h"
#include <h5sim.h>

int main(void)
{
    const int64_t shape[2] = {1000, 2};
    double *data = numbers(2000), *found = numbers(2000);
    char path[32];
    h5sim_file file;

    MUST(h5sim_hdf5_version() != NULL);
    double start = now();
    MUST(h5sim_open("a.h5", "w", NULL, &file) == 0);
    for (int i = 0; i < 5000; i++) {
        snprintf(path, sizeof path, "timeseries/%d", i);
        MUST(h5sim_write_f64(file, path, 2, shape, data) == 0);
    }
    MUST(h5sim_close(file) == 0);
    report("write", now() - start);

    start = now();
    MUST(h5sim_open("a.h5", "r", NULL, &file) == 0);
    for (int i = 0; i < 5000; i++) {
        snprintf(path, sizeof path, "timeseries/%d", i);
        MUST(h5sim_read_f64(file, path, NULL, 2000, found) == 0);
    }
    MUST(h5sim_close(file) == 0);
    report("read", now() - start);
    return 0;
}
