/* A group for each step with ten datasets of 16 x 16 and two attributes, with and without commits; read again at a restart. */
#include "with_h5sim.h"

int main(void)
{
    const int64_t shape[2] = {16, 16};
    double *data = numbers(4096), found[256];
    char path[64];
    const int commits[3] = {0, 10, 1};
    const char *metrics[3] = {"never", "each10", "each"};
    ready();
    for (int kind = 0; kind < 3; kind++) {
        begin();
        h5sim_file file = opened(name("a%d.h5", kind), "w", NULL);
        for (int t = 0; t < 300; t++) {
            for (int k = 0; k < 10; k++) {
                snprintf(path, sizeof path, "data/%d/field%d", t, k);
                OK(h5sim_write_f64(file, path, 2, shape, data + t + k));
            }
            OK(h5sim_set_attr(file, name("data/%d", t), "time", H5SIM_F64, 0, NULL, data + t));
            OK(h5sim_set_attr_text(file, name("data/%d", t), "unit", "femtosecond"));
            if (commits[kind] != 0 && t % commits[kind] == commits[kind] - 1)
                OK(h5sim_commit(file));
        }
        OK(h5sim_close(file));
        end(metrics[kind]);
    }
    const char *reads[2] = {"read_r", "read_r+"}, *modes[2] = {"r", "r+"};
    for (int mode = 0; mode < 2; mode++) {
        begin();
        h5sim_file file = opened("a0.h5", modes[mode], NULL);
        for (int t = 0; t < 300; t++)
            for (int k = 0; k < 10; k++) {
                snprintf(path, sizeof path, "data/%d/field%d", t, k);
                OK(h5sim_read_f64(file, path, NULL, 256, found));
                MUST(found[255] == data[t + k + 255]);
            }
        OK(h5sim_close(file));
        end(reads[mode]);
    }
    return 0;
}
