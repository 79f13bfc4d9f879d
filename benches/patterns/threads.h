/* Two files of gzip + shuffle, each by a thread of its own, or both by one: written, read r+, read r. */
#include "with_h5sim.h"
#include <pthread.h>

#define SIDE 1024

static double *data;
static const char *mode;

static void *work(void *path)
{
    const int64_t shape[2] = {SIDE, SIDE};
    if (mode[0] == 'w') {
        h5sim_file file = opened(path, mode, "{\"threads\": 1}");
        for (int i = 0; i < 6; i++)
            OK(h5sim_write(file, name("%d", i), H5SIM_F64, 2, shape, NULL, data,
                           "{\"chunks\": [64, 1024], \"compression\": \"gzip\", \"shuffle\": true}"));
        OK(h5sim_close(file));
    } else {
        double *found = malloc(SIDE * SIDE * sizeof *found);
        h5sim_file file = opened(path, mode, "{\"threads\": 1}");
        for (int i = 0; i < 6; i++) {
            OK(h5sim_read_f64(file, name("%d", i), NULL, SIDE * SIDE, found));
            MUST(found[12345] == data[12345]);
        }
        OK(h5sim_close(file));
        free(found);
    }
    return NULL;
}

static int measure(int threads)
{
    const char *modes[3] = {"w", "r+", "r"}, *metrics[3] = {"write", "read_r+", "read_r"};
    char *paths[2] = {"a.h5", "b.h5"};
    pthread_t second;
    data = field(SIDE, SIDE);
    ready();
    for (int i = 0; i < 3; i++) {
        mode = modes[i];
        begin();
        if (threads == 2) {
            MUST(pthread_create(&second, NULL, work, paths[1]) == 0);
            work(paths[0]);
            MUST(pthread_join(second, NULL) == 0);
        } else {
            work(paths[0]);
            work(paths[1]);
        }
        end(metrics[i]);
    }
    return 0;
}
