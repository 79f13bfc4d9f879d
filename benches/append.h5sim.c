/* 1,000,000 records of 8 float64, one after the other. */
#include "bench.h"
#include <h5sim.h>

int main(void)
{
    const int64_t shape[1] = {8}, records = 1000000;
    double *data = numbers(8 * 1024);
    h5sim_file file;

    MUST(h5sim_hdf5_version() != NULL);
    double start = now();
    MUST(h5sim_open("a.h5", "w", NULL, &file) == 0);
    for (int64_t i = 0; i < records; i++)
        MUST(h5sim_append_f64(file, "a", 1, shape, data + 8 * (i % 1024)) == 0);
    MUST(h5sim_close(file) == 0);
    report("append", now() - start);
    return 0;
}
