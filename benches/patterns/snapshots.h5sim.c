/* A new dataset of 64 x 64 in one group each step, with a commit each step, each 20, and none. */
#include "with_h5sim.h"

int main(void)
{
    const int64_t shape[2] = {64, 64};
    double *data = numbers(4096);
    const int each[3] = {1, 20, 0};
    const char *metrics[3] = {"each", "each20", "never"};
    ready();
    for (int i = 0; i < 3; i++) {
        begin();
        h5sim_file file = opened(name("a%d.h5", i), "w", NULL);
        for (int t = 0; t < 400; t++) {
            OK(h5sim_write_f64(file, name("steps/%d", t), 2, shape, data));
            if (each[i] != 0 && t % each[i] == each[i] - 1)
                OK(h5sim_commit(file));
        }
        OK(h5sim_close(file));
        end(metrics[i]);
    }
    return 0;
}
