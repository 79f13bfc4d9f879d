/* 256 MiB of a smooth field with noise, gzip 4 and shuffle: by all processors, and by one. */
#include "field.h"
#include <h5sim.h>
#include <string.h>

int main(void)
{
    const int64_t shape[2] = {4096, 8192};
    const size_t count = 4096 * 8192;
    double *data = field(4096, 8192), *found = calloc(count, sizeof *found);
    const char *creation[2] = {
        "{\"chunks\": [256, 512], \"compression\": \"gzip\", \"shuffle\": true}",
        "{\"chunks\": [256, 512], \"compression\": \"gzip\", \"shuffle\": true, \"threads\": 1}",
    };
    const char *opening[2] = {NULL, "{\"threads\": 1}"};
    const char *metrics[2][2] = {{"write", "read"}, {"write_one", "read_one"}};
    h5sim_file file;

    MUST(h5sim_hdf5_version() != NULL);
    for (int one = 0; one < 2; one++) {
        memset(found, 1, count * sizeof *found);
        double start = now();
        MUST(h5sim_open("a.h5", "w", NULL, &file) == 0);
        MUST(h5sim_write(file, "a", H5SIM_F64, 2, shape, NULL, data, creation[one]) == 0);
        MUST(h5sim_close(file) == 0);
        report(metrics[one][0], now() - start);

        start = now();
        MUST(h5sim_open("a.h5", "r", opening[one], &file) == 0);
        MUST(h5sim_read_f64(file, "a", NULL, (int64_t)count, found) == 0);
        MUST(h5sim_close(file) == 0);
        report(metrics[one][1], now() - start);
        MUST(memcmp(found, data, count * sizeof *found) == 0);
    }
    report_size("size", "a.h5");
    return 0;
}
