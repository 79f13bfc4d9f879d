/* A 2x2 corner of a dataset, by path and slice; the time of one read. */
#include "bench.h"
#include <h5sim.h>

int main(void)
{
    const int64_t shape[2] = {1000, 1000};
    const int reads = 100000;
    double corner[4], *data = numbers(1000 * 1000);
    h5sim_file file;
    MUST(h5sim_open("a.h5", "w", NULL, &file) == 0);
    MUST(h5sim_write_f64(file, "a", 2, shape, data) == 0);
    MUST(h5sim_close(file) == 0);

    MUST(h5sim_open("a.h5", "r", NULL, &file) == 0);
    double start = now();
    for (int i = 0; i < reads; i++)
        MUST(h5sim_read_f64(file, "a", "[:2,:2]", 4, corner) == 0);
    report("read", (now() - start) / reads);
    MUST(corner[3] == data[1001]);
    MUST(h5sim_close(file) == 0);
    return 0;
}
