/* The cost of one among many: 10,000,000 records of one float64, 100,000 datasets of 8. */
#include "bench.h"
#include <h5sim.h>

int main(void)
{
    const int64_t shape[1] = {8};
    double *data = numbers(1024);
    char path[32];
    h5sim_file file;

    double start = now();
    MUST(h5sim_open("a.h5", "w", NULL, &file) == 0);
    for (int i = 0; i < 10000000; i++)
        MUST(h5sim_append_f64(file, "a", 0, NULL, data + i % 1024) == 0);
    MUST(h5sim_close(file) == 0);
    report("record", (now() - start) / 1e7);

    start = now();
    MUST(h5sim_open("b.h5", "w", NULL, &file) == 0);
    for (int i = 0; i < 100000; i++) {
        snprintf(path, sizeof path, "group/%d", i);
        MUST(h5sim_write_f64(file, path, 1, shape, data + i % 1000) == 0);
    }
    MUST(h5sim_close(file) == 0);
    report("dataset", (now() - start) / 1e5);
    return 0;
}
