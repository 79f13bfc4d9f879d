/* Columns of a 4096 x 4096 contiguous dataset, 16 of them. */
#include "bench.h"
#include <h5sim.h>

int main(void)
{
    const int64_t shape[2] = {4096, 4096}, count[2] = {4096, 1};
    double *data = numbers(4096 * 4096), found[4096];
    h5sim_file file;
    MUST(h5sim_open("a.h5", "w", NULL, &file) == 0);
    MUST(h5sim_write_f64(file, "a", 2, shape, data) == 0);
    MUST(h5sim_close(file) == 0);

    double start = now();
    MUST(h5sim_open("a.h5", "r", NULL, &file) == 0);
    for (int i = 0; i < 16; i++) {
        const int64_t place[2] = {0, 250 * i + 17};
        MUST(h5sim_read_hyperslab(file, "a", H5SIM_F64, 2, place, NULL, count, NULL, 4096, found) == 0);
        MUST(found[4095] == data[4095 * 4096 + place[1]]);
    }
    MUST(h5sim_close(file) == 0);
    report("read", now() - start);
    return 0;
}
