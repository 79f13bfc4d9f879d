/* 256 MiB as one contiguous dataset. */
#include "bench.h"
#include <h5sim.h>
#include <string.h>

int main(void)
{
    const int64_t shape[2] = {4096, 8192};
    const size_t count = 4096 * 8192;
    double *data = numbers(count), *found = calloc(count, sizeof *found);
    h5sim_file file;
    memset(found, 1, count * sizeof *found);

    MUST(h5sim_hdf5_version() != NULL);
    double start = now();
    MUST(h5sim_open("a.h5", "w", NULL, &file) == 0);
    MUST(h5sim_write_f64(file, "a", 2, shape, data) == 0);
    MUST(h5sim_close(file) == 0);
    report("write", now() - start);

    start = now();
    MUST(h5sim_open("a.h5", "r", NULL, &file) == 0);
    MUST(h5sim_read_f64(file, "a", NULL, (int64_t)count, found) == 0);
    MUST(h5sim_close(file) == 0);
    report("read", now() - start);
    MUST(memcmp(found, data, count * sizeof *found) == 0);
    return 0;
}
