/* One step [t] after another written into chunks of (16, 64, 64), plain and gzip 4 + shuffle. */
#include "with_h5sim.h"

int main(void)
{
    const int64_t shape[3] = {320, 64, 64};
    double *data = field(320, 4096);
    const char *creation[2] = {"{\"chunks\": [16, 64, 64]}", "{\"chunks\": [16, 64, 64], \"compression\": \"gzip\", \"shuffle\": true}"};
    ready();
    for (int gzip = 0; gzip < 2; gzip++) {
        begin();
        h5sim_file file = opened(name("a%d.h5", gzip), "w", NULL);
        OK(h5sim_create(file, "a", H5SIM_F64, 3, shape, creation[gzip]));
        for (int t = 0; t < 320; t++)
            OK(h5sim_write_slice(file, "a", name("%d", t), H5SIM_F64, 4096, data + 4096 * t));
        OK(h5sim_close(file));
        end(gzip ? "gzip" : "plain");
    }
    return 0;
}
