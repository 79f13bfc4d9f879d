/* Small things written anew each step: a status text, a dataset of another size, one of the same size, a scalar, a histogram. */
#include "with_h5sim.h"

int main(void)
{
    double *data = numbers(4096), histogram[1000];
    char status[128];
    const int64_t bins[1] = {1000};
    ready();
    begin();
    h5sim_file file = opened("a.h5", "w", NULL);
    for (int t = 0; t < 2000; t++) {
        snprintf(status, sizeof status, "{\"step\": %d, \"state\": \"running\", \"residual\": %.6f}", t, data[t % 1024]);
        if (t > 0)
            OK(h5sim_delete(file, "status"));
        OK(h5sim_write_json(file, "status", status));
    }
    OK(h5sim_close(file));
    end("status");
    begin();
    file = opened("b.h5", "w", NULL);
    for (int t = 0; t < 2000; t++) {
        const int64_t shape[1] = {1000 + t % 100};
        OK(h5sim_write(file, "list", H5SIM_F64, 1, shape, NULL, data, "{\"overwrite\": true}"));
    }
    OK(h5sim_close(file));
    end("resized");
    begin();
    file = opened("c.h5", "w", NULL);
    for (int t = 0; t < 2000; t++) {
        if (t > 0)
            OK(h5sim_delete(file, "list"));
        OK(h5sim_write_f64(file, "list", 1, bins, data + t));
    }
    OK(h5sim_close(file));
    end("deleted");
    begin();
    file = opened("d.h5", "w", NULL);
    for (int t = 0; t < 5000; t++)
        OK(h5sim_write(file, "time", H5SIM_F64, 0, NULL, NULL, data + t % 4096, "{\"overwrite\": true}"));
    OK(h5sim_close(file));
    end("scalar");
    begin();
    file = opened("e.h5", "w", NULL);
    OK(h5sim_create(file, "histogram", H5SIM_F64, 1, bins, NULL));
    for (int t = 0; t < 5000; t++) {
        OK(h5sim_read_f64(file, "histogram", NULL, 1000, histogram));
        histogram[t % 1000] += 1;
        OK(h5sim_write_slice(file, "histogram", NULL, H5SIM_F64, 1000, histogram));
    }
    OK(h5sim_close(file));
    end("histogram");
    return 0;
}
