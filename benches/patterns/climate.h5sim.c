/* Four variables (time, level, lat, lon) appended with gzip, a record a step; then a level of all times, and a mean over times. */
#include "with_h5sim.h"

#define LEVEL (90 * 180)
#define RECORD (8 * LEVEL)

int main(void)
{
    const int64_t shape[3] = {8, 90, 180};
    double *data = field(16, RECORD), *found = malloc(24 * RECORD * sizeof *found), sum = 0;
    const char *options = "{\"chunks\": [1, 8, 90, 180], \"compression\": \"gzip\", \"shuffle\": true, \"dtype\": \"f4\"}";
    memset(found, 1, 24 * RECORD * sizeof *found);
    ready();
    begin();
    h5sim_file file = opened("a.h5", "w", NULL);
    for (int t = 0; t < 24; t++) {
        for (int k = 0; k < 4; k++)
            OK(h5sim_append(file, name("variable%d", k), H5SIM_F64, 3, shape, data + (t + k) % 13 * RECORD, options));
        OK(h5sim_append_f64(file, "time", 0, NULL, data + t));
        if (t % 8 == 7)
            OK(h5sim_commit(file));
    }
    OK(h5sim_close(file));
    end("append");
    const char *levels[2] = {"level_r", "level_r+"}, *means[2] = {"mean_r", "mean_r+"}, *modes[2] = {"r", "r+"};
    for (int mode = 0; mode < 2; mode++) {
        begin();
        file = opened("a.h5", modes[mode], NULL);
        for (int k = 0; k < 4; k++)
            OK(h5sim_read_f64(file, name("variable%d", k), ":, 3", 24 * LEVEL, found));
        OK(h5sim_close(file));
        end(levels[mode]);
        begin();
        file = opened("a.h5", modes[mode], NULL);
        for (int t = 0; t < 24; t++) {
            OK(h5sim_read_f64(file, "variable0", name("%d", t), RECORD, found));
            for (int i = 0; i < RECORD; i++)
                sum += found[i];
        }
        OK(h5sim_close(file));
        end(means[mode]);
    }
    MUST(sum == sum);
    return 0;
}
