/* Many series of one number each, a step at a time: with commits, with one small write elsewhere each step, in random order. */
#include "with_h5sim.h"

static void steps(const char *metric, int series, int count, int commit, int elsewhere, int random)
{
    const int64_t shape[1] = {16};
    double *data = numbers(1024);
    uint64_t state = SEED;
    char path[64];
    begin();
    h5sim_file file = opened(name("a%d.h5", (int)(unsigned char)metric[0]), "w", NULL);
    if (elsewhere)
        OK(h5sim_create(file, "state", H5SIM_F64, 1, shape, NULL));
    for (int t = 0; t < count; t++) {
        for (int i = 0; i < series; i++) {
            snprintf(path, sizeof path, "series/%d", random ? (int)(draw(&state) % (uint64_t)series) : i);
            OK(h5sim_append_f64(file, path, 0, NULL, data + (t + i) % 1024));
        }
        if (elsewhere)
            OK(h5sim_write_slice(file, "state", name("%d", t % 16), H5SIM_F64, 1, data + t % 1024));
        if (commit != 0 && t % commit == commit - 1)
            OK(h5sim_commit(file));
    }
    OK(h5sim_close(file));
    end(metric);
    free(data);
}

int main(void)
{
    ready();
    steps("commits", 64, 500, 10, 0, 0);
    steps("elsewhere", 50, 200, 0, 1, 0);
    steps("many_elsewhere", 300, 100, 0, 1, 0);
    steps("random", 100, 500, 0, 0, 1);
    steps("scalars", 20, 5000, 0, 0, 0);
    steps("twenty_commits", 20, 2000, 100, 0, 0);
    return 0;
}
