/* A created dataset (200, 256, 256) filled a step at a time, a commit each 20 steps. */
#include "with_h5sim.h"

int main(void)
{
    const int64_t shape[3] = {200, 256, 256};
    double *data = numbers(65536 * 4);
    const char *metrics[2] = {"kill", "none"}, *options[2] = {NULL, "{\"durability\": \"none\"}"};
    ready();
    for (int i = 0; i < 2; i++) {
        begin();
        h5sim_file file = opened("a.h5", "w", options[i]);
        OK(h5sim_create(file, "a", H5SIM_F64, 3, shape, NULL));
        for (int t = 0; t < 200; t++) {
            OK(h5sim_write_slice(file, "a", name("%d", t), H5SIM_F64, 65536, data + 65536 * (t % 4)));
            if (t % 20 == 19)
                OK(h5sim_commit(file));
        }
        OK(h5sim_close(file));
        end(metrics[i]);
    }
    return 0;
}
