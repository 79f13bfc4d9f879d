/* Eight fields overwritten in place at each checkpoint, a commit each; two checkpoints that are deleted and written in turn. */
#include "with_h5sim.h"

#define SIZE (64 * 64 * 64)

int main(void)
{
    const int64_t shape[3] = {64, 64, 64};
    double *data = numbers(SIZE + 64);
    const char *metrics[2] = {"place_kill", "place_none"}, *options[2] = {NULL, "{\"durability\": \"none\"}"};
    char path[64];
    ready();
    for (int i = 0; i < 2; i++) {
        h5sim_file file = opened("a.h5", "w", options[i]);
        for (int k = 0; k < 8; k++)
            OK(h5sim_write_f64(file, name("%d", k), 3, shape, data));
        OK(h5sim_commit(file));
        begin();
        for (int t = 0; t < 8; t++) {
            for (int k = 0; k < 8; k++)
                OK(h5sim_write(file, name("%d", k), H5SIM_F64, 3, shape, NULL, data + t, "{\"overwrite\": true}"));
            OK(h5sim_commit(file));
        }
        OK(h5sim_close(file));
        end(metrics[i]);
    }
    begin();
    h5sim_file file = opened("b.h5", "w", NULL);
    for (int t = 0; t < 8; t++) {
        if (t >= 2)
            OK(h5sim_delete(file, name("checkpoint%d", t % 2)));
        for (int k = 0; k < 8; k++) {
            snprintf(path, sizeof path, "checkpoint%d/%d", t % 2, k);
            OK(h5sim_write_f64(file, path, 3, shape, data + t));
        }
        OK(h5sim_commit(file));
    }
    OK(h5sim_close(file));
    end("rotating");
    return 0;
}
