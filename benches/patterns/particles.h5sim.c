/* Particles and events whose number differs from step to step, appended many records at a time. */
#include "with_h5sim.h"

int main(void)
{
    const int64_t shape[1] = {3};
    const char *compressed = "{\"records\": 1000, \"compression\": \"gzip\", \"shuffle\": true, \"chunks\": [4096, 3]}";
    double *data = numbers(3 * 2048);
    uint64_t state = SEED;
    char options[64];
    ready();
    begin();
    h5sim_file file = opened("a.h5", "w", NULL);
    for (int t = 0; t < 500; t++) {
        snprintf(options, sizeof options, "{\"records\": %d}", (int)(900 + draw(&state) % 200));
        OK(h5sim_append(file, "position", H5SIM_F64, 1, shape, data, options));
        OK(h5sim_append(file, "velocity", H5SIM_F64, 1, shape, data + 3, options));
        OK(h5sim_append_f64(file, "time", 0, NULL, data + t));
    }
    OK(h5sim_close(file));
    end("varying");
    begin();
    file = opened("b.h5", "w", NULL);
    for (int t = 0; t < 5000; t++)
        OK(h5sim_append(file, "event", H5SIM_F64, 1, shape, data + t % 1024, "{\"records\": 64}"));
    OK(h5sim_close(file));
    end("batches");
    begin();
    file = opened("c.h5", "w", NULL);
    for (int t = 0; t < 300; t++)
        OK(h5sim_append(file, "event", H5SIM_F64, 1, shape, data + t, compressed));
    OK(h5sim_close(file));
    end("gzip");
    return 0;
}
