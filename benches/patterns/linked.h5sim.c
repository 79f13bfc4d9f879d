/* A file of links into ten others, whose datasets are read one after the other: of parts of a run that are looked at as one. */
#include "with_h5sim.h"

int main(void)
{
    const int64_t shape[1] = {100};
    double *data = numbers(100), found[100];
    char path[32], target[32], options[64];
    ready();
    for (int i = 0; i < 10; i++) {
        h5sim_file file = opened(name("part%d.h5", i), "w", NULL);
        for (int j = 0; j < 50; j++) {
            snprintf(path, sizeof path, "g/%d", j);
            OK(h5sim_write_f64(file, path, 1, shape, data));
            OK(h5sim_set_attr(file, path, "time", H5SIM_F64, 0, NULL, data));
        }
        OK(h5sim_close(file));
    }
    h5sim_file file = opened("linked.h5", "w", NULL);
    for (int i = 0; i < 10; i++) {
        snprintf(options, sizeof options, "{\"file\": \"part%d.h5\"}", i);
        OK(h5sim_link(file, name("group%d", i), "/g", options));
        for (int j = 0; j < 50; j++) {
            snprintf(path, sizeof path, "%d/%d", i, j);
            snprintf(target, sizeof target, "/g/%d", j);
            OK(h5sim_link(file, path, target, options));
        }
    }
    OK(h5sim_close(file));
    for (int turn = 0; turn < 2; turn++) {
        const char *mode = turn == 0 ? "r" : "r+";
        file = opened("linked.h5", mode, NULL);
        begin();
        for (int j = 0; j < 50; j++) {
            for (int i = 0; i < 10; i++) {
                snprintf(path, sizeof path, "%d/%d", i, j);
                OK(h5sim_read_f64(file, path, NULL, 100, found));
                MUST(found[99] == data[99]);
            }
        }
        end(turn == 0 ? "datasets_r" : "datasets_r+");
        begin();
        for (int j = 0; j < 50; j++) {
            for (int i = 0; i < 10; i++) {
                snprintf(path, sizeof path, "group%d/%d", i, j);
                OK(h5sim_read_f64(file, path, NULL, 100, found));
                OK(h5sim_get_attr(file, path, "time", H5SIM_F64, 1, found));
            }
        }
        end(turn == 0 ? "groups_r" : "groups_r+");
        OK(h5sim_close(file));
    }
    return 0;
}
