/* Chunks that are read again, in each mode: all of a dataset and then its planes along each axis, all of it five times, time series at points of maps, and
   elements of a dataset of very many chunks. */
#include "with_h5sim.h"

#define MAPS 100

static const char *metric(const char *work, const char *dataset, const char *mode)
{
    static char text[32];
    snprintf(text, sizeof text, "%s%s%s%s", work, dataset, *dataset == 0 ? "" : "_", mode);
    return text;
}

int main(void)
{
    const int64_t shape[3] = {64, 128, 128}, maps[3] = {MAPS, 90, 180}, many[1] = {200000};
    double *data = field(64, 128 * 128), *found = malloc(64 * 128 * 128 * sizeof *found);
    float *single = malloc(MAPS * 90 * 180 * sizeof *single);
    const char *modes[2] = {"r", "r+"}, *datasets[2] = {"gzip", "plain"};
    for (int i = 0; i < MAPS * 90 * 180; i++)
        single[i] = (float)data[i % (64 * 128 * 128)];
    memset(found, 1, 64 * 128 * 128 * sizeof *found);
    ready();
    h5sim_file file = opened("a.h5", "w", NULL);
    OK(h5sim_write(file, "gzip", H5SIM_F64, 3, shape, NULL, data, "{\"chunks\": [16, 32, 32], \"compression\": 2, \"shuffle\": true}"));
    OK(h5sim_write(file, "plain", H5SIM_F64, 3, shape, NULL, data, "{\"chunks\": [16, 32, 32]}"));
    OK(h5sim_write(file, "maps", H5SIM_F32, 3, maps, NULL, single, "{\"chunks\": [1, 90, 180]}"));
    OK(h5sim_write(file, "many", H5SIM_F64, 1, many, NULL, data, "{\"chunks\": [10]}"));
    OK(h5sim_close(file));
    for (int mode = 0; mode < 2; mode++) {
        for (int i = 0; i < 2; i++) {
            file = opened("a.h5", modes[mode], NULL);
            begin();
            get(file, datasets[i], 3, (int64_t[3]){0}, shape, found);
            for (int axis = 0; axis < 3; axis++)
                for (int k = 0; k < 64; k++) {
                    int64_t start[3] = {0}, count[3] = {64, 128, 128};
                    start[axis] = k;
                    count[axis] = 1;
                    get(file, datasets[i], 3, start, count, found);
                }
            end(metric("planes_", datasets[i], modes[mode]));
            OK(h5sim_close(file));
            file = opened("a.h5", modes[mode], NULL);
            begin();
            for (int k = 0; k < 5; k++)
                get(file, datasets[i], 3, (int64_t[3]){0}, shape, found);
            end(metric("whole_", datasets[i], modes[mode]));
            OK(h5sim_close(file));
        }
        uint64_t state = SEED;
        file = opened("a.h5", modes[mode], NULL);
        begin();
        for (int i = 0; i < 50; i++) {
            const int64_t start[3] = {0, draw(&state) % 90, draw(&state) % 180}, count[3] = {MAPS, 1, 1};
            OK(h5sim_read_hyperslab(file, "maps", H5SIM_F32, 3, start, NULL, count, NULL, MAPS, found));
        }
        end(metric("points_", "", modes[mode]));
        OK(h5sim_close(file));
        begin();
        file = opened("a.h5", modes[mode], NULL);
        for (int i = 0; i < 10; i++)
            get(file, "many", 1, (int64_t[1]){draw(&state) % 200000}, (int64_t[1]){1}, found);
        OK(h5sim_close(file));
        end(metric("many_", "", modes[mode]));
    }
    return 0;
}
