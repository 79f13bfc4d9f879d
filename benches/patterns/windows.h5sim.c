/* Windows of 64 x 64 at random places, strided parts, and rows, out of a sheet of 2048 x 1024, in each layout and mode. */
#include "with_h5sim.h"

int main(void)
{
    const int64_t shape[2] = {2048, 1024}, window[2] = {64, 64}, spread[2] = {4, 8}, few[2] = {512, 128}, pairs[2] = {1, 2};
    double *data = field(2048, 1024), *found = malloc(4096 * 32 * sizeof *found);
    const char *options[3] = {NULL, "{\"chunks\": [128, 128]}", "{\"chunks\": [128, 128], \"compression\": \"gzip\", \"shuffle\": true}"};
    const char *layouts[3] = {"contiguous", "chunked", "gzip"}, *modes[2] = {"r", "r+"};
    char metric[64];
    memset(found, 1, 4096 * 32 * sizeof *found);
    ready();
    for (int layout = 0; layout < 3; layout++) {
        h5sim_file file = opened(name("a%d.h5", layout), "w", NULL);
        OK(h5sim_write(file, "a", H5SIM_F64, 2, shape, NULL, data, options[layout]));
        OK(h5sim_close(file));
        for (int mode = 0; mode < 2; mode++) {
            uint64_t state = SEED;
            file = opened(name("a%d.h5", layout), modes[mode], NULL);
            begin();
            for (int i = 0; i < 500; i++) {
                int64_t row = (int64_t)(draw(&state) % 1984), column = (int64_t)(draw(&state) % 960);
                get(file, "a", 2, (int64_t[2]){row, column}, window, found);
                MUST(found[4095] == data[(row + 63) * 1024 + column + 63]);
            }
            snprintf(metric, sizeof metric, "windows_%s_%s", layouts[layout], modes[mode]);
            end(metric);
            begin();
            for (int64_t i = 0; i < 4; i++)
                OK(h5sim_read_hyperslab(file, "a", H5SIM_F64, 2, (int64_t[2]){i, i}, spread, few, pairs, 512 * 256, found));
            snprintf(metric, sizeof metric, "strided_%s_%s", layouts[layout], modes[mode]);
            end(metric);
            begin();
            for (int i = 0; i < 512; i++)
                OK(h5sim_read_f64(file, "a", name("%d", i), 1024, found));
            snprintf(metric, sizeof metric, "rows_%s_%s", layouts[layout], modes[mode]);
            end(metric);
            OK(h5sim_close(file));
        }
    }
    return 0;
}
