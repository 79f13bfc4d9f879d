/* 500 point histories [:, i, j] out of chunks of (16, 64, 64), in each mode. */
#include "with_h5sim.h"

#define STEPS 160
#define PLANE 4096

static void read_points(h5sim_file file, const char *metric, const double *data)
{
    static double history[STEPS];
    begin();
    for (int64_t k = 0; k < 500; k++) {
        const int64_t start[3] = {0, k % 64, k * 7 % 64}, count[3] = {STEPS, 1, 1};
        get(file, "a", 3, start, count, history);
        MUST(history[STEPS - 1] == data[(STEPS - 1) * PLANE + start[1] * 64 + start[2]]);
    }
    end(metric);
}

int main(void)
{
    const int64_t shape[3] = {STEPS, 64, 64};
    double *data = field(STEPS, PLANE);
    const char *creation[2] = {"{\"chunks\": [16, 64, 64]}", "{\"chunks\": [16, 64, 64], \"compression\": \"gzip\", \"shuffle\": true}"};
    ready();
    for (int gzip = 0; gzip < 2; gzip++) {
        h5sim_file file = opened("a.h5", "w", NULL);
        OK(h5sim_write(file, "a", H5SIM_F64, 3, shape, NULL, data, creation[gzip]));
        read_points(file, gzip ? "gzip_w" : "plain_w", data);
        OK(h5sim_close(file));
        file = opened("a.h5", "r+", NULL);
        read_points(file, gzip ? "gzip_r+" : "plain_r+", data);
        OK(h5sim_close(file));
        file = opened("a.h5", "r", NULL);
        read_points(file, gzip ? "gzip_r" : "plain_r", data);
        OK(h5sim_close(file));
    }
    return 0;
}
