/* Objects of the newer format with more attributes than a header takes: changed, in a file that is opened again, once and each step. */
#include "with_h5sim.h"

int main(void)
{
    const int64_t shape[1] = {8};
    double *data = numbers(200);
    char path[32];
    ready();
    h5sim_file file = opened("a.h5", "w", "{\"libver\": \"latest\"}");
    for (int i = 0; i < 100; i++) {
        snprintf(path, sizeof path, "d%d", i);
        OK(h5sim_write_f64(file, path, 1, shape, data));
        for (int k = 0; k < 20; k++)
            OK(h5sim_set_attr(file, path, name("attribute%d", k), H5SIM_F64, 0, NULL, data + k));
    }
    OK(h5sim_close(file));
    begin();
    file = opened("a.h5", "r+", NULL);
    for (int i = 0; i < 100; i++) {
        snprintf(path, sizeof path, "d%d", i);
        for (int k = 0; k < 20; k++)
            OK(h5sim_set_attr(file, path, name("attribute%d", k), H5SIM_F64, 0, NULL, data + k + i));
    }
    OK(h5sim_close(file));
    end("changed");
    begin();
    for (int t = 0; t < 100; t++) {
        file = opened("a.h5", "r+", NULL);
        OK(h5sim_set_attr(file, "d7", "attribute3", H5SIM_F64, 0, NULL, data + t));
        OK(h5sim_close(file));
    }
    end("reopened");
    return 0;
}
