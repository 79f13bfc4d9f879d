/* The cost of one among few: 1,000 records of one float64, 100 datasets of 8. */
#include "bench.h"
#include <h5sim.h>

int main(void)
{
    const int64_t shape[1] = {8};
    double *data = numbers(1024);
    char path[32];
    h5sim_file file;

    /* The first file pays for what the process sets up once. Opening and closing is not
       a record's cost: it would hide what records cost among few. */
    for (int warm = 0; warm < 2; warm++) {
        double seconds = 0;
        for (int round = 0; round < 200; round++) {
            MUST(h5sim_open("a.h5", "w", NULL, &file) == 0);
            MUST(h5sim_append_f64(file, "a", 0, NULL, data) == 0);
            double start = now();
            for (int i = 0; i < 1000; i++)
                MUST(h5sim_append_f64(file, "a", 0, NULL, data + i) == 0);
            seconds += now() - start;
            MUST(h5sim_close(file) == 0);
        }
        if (warm)
            report("record", seconds / 200 / 1000);

        seconds = 0;
        for (int round = 0; round < 50; round++) {
            MUST(h5sim_open("b.h5", "w", NULL, &file) == 0);
            MUST(h5sim_create_group(file, "group") == 0);
            double start = now();
            for (int i = 0; i < 100; i++) {
                snprintf(path, sizeof path, "group/%d", i);
                MUST(h5sim_write_f64(file, path, 1, shape, data + i) == 0);
            }
            seconds += now() - start;
            MUST(h5sim_close(file) == 0);
        }
        if (warm)
            report("dataset", seconds / 50 / 100);
    }
    return 0;
}
