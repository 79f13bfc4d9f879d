/* One step [t] after another read out of chunks of (16, 64, 64), in each mode. */
#include "with_h5sim.h"

#define STEPS 160
#define PLANE 4096

static void read_steps(h5sim_file file, const char *metric, const double *data)
{
    static double plane[PLANE];
    begin();
    for (int t = 0; t < STEPS; t++) {
        OK(h5sim_read_f64(file, "a", name("%d", t), PLANE, plane));
        MUST(plane[77] == data[t * PLANE + 77]);
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
        read_steps(file, gzip ? "gzip_w" : "plain_w", data);
        OK(h5sim_close(file));
        file = opened("a.h5", "r+", NULL);
        read_steps(file, gzip ? "gzip_r+" : "plain_r+", data);
        OK(h5sim_close(file));
        file = opened("a.h5", "r", NULL);
        read_steps(file, gzip ? "gzip_r" : "plain_r", data);
        OK(h5sim_close(file));
    }
    return 0;
}
