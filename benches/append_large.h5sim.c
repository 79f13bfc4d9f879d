/* 100,000 records of 1,000 float64, one after the other. */
#include "bench.h"
#include <h5sim.h>

int main(void)
{
    const int64_t shape[1] = {1000}, records = 100000;
    double *data = numbers(1000 * 64);
    h5sim_file file;

    MUST(h5sim_hdf5_version() != NULL);
    double start = now();
    MUST(h5sim_open("a.h5", "w", NULL, &file) == 0);
    for (int64_t i = 0; i < records; i++)
        MUST(h5sim_append_f64(file, "a", 1, shape, data + 1000 * (i % 64)) == 0);
    MUST(h5sim_close(file) == 0);
    report("append", now() - start);
    return 0;
}
