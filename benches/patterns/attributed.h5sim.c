/* 3,000 datasets of 32 x 32 with two attributes each, written, and the attributes read. */
#include "with_h5sim.h"

int main(void)
{
    const int64_t shape[2] = {32, 32};
    double *data = numbers(1024), time;
    int32_t step;
    ready();
    begin();
    h5sim_file file = opened("a.h5", "w", NULL);
    for (int32_t i = 0; i < 3000; i++) {
        const char *path = name("fields/%d", i);
        OK(h5sim_write_f64(file, path, 2, shape, data));
        OK(h5sim_set_attr(file, path, "time", H5SIM_F64, 0, NULL, data + i % 1024));
        OK(h5sim_set_attr(file, path, "step", H5SIM_I32, 0, NULL, &i));
    }
    OK(h5sim_close(file));
    end("write");
    begin();
    file = opened("a.h5", "r", NULL);
    for (int32_t i = 0; i < 3000; i++) {
        const char *path = name("fields/%d", i);
        OK(h5sim_get_attr(file, path, "time", H5SIM_F64, 1, &time));
        OK(h5sim_get_attr(file, path, "step", H5SIM_I32, 1, &step));
        MUST(time == data[i % 1024] && step == i);
    }
    OK(h5sim_close(file));
    end("read");
    return 0;
}
