/* 1,000 small files: written, opened and read, an attribute of each read, one record added to each. */
#include "with_h5sim.h"

int main(void)
{
    const int64_t shape[1] = {16};
    double *data = numbers(16), found[16];
    int32_t step;
    ready();
    begin();
    for (int32_t i = 0; i < 1000; i++) {
        h5sim_file file = opened(name("%d.h5", i), "w", NULL);
        OK(h5sim_write_f64(file, "a", 1, shape, data));
        OK(h5sim_close(file));
    }
    end("write");
    begin();
    for (int i = 0; i < 1000; i++) {
        h5sim_file file = opened(name("%d.h5", i), "r", NULL);
        OK(h5sim_read_f64(file, "a", NULL, 16, found));
        OK(h5sim_close(file));
        MUST(found[15] == data[15]);
    }
    end("read");
    begin();
    for (int32_t i = 0; i < 1000; i++) {
        h5sim_file file = opened(name("%d.h5", i), "r+", NULL);
        OK(h5sim_set_attr(file, "/", "step", H5SIM_I32, 0, NULL, &i));
        OK(h5sim_close(file));
    }
    end("attribute_write");
    begin();
    for (int32_t i = 0; i < 1000; i++) {
        h5sim_file file = opened(name("%d.h5", i), "r", NULL);
        OK(h5sim_get_attr(file, "/", "step", H5SIM_I32, 1, &step));
        OK(h5sim_close(file));
        MUST(step == i);
    }
    end("attribute_read");
    begin();
    for (int t = 0; t < 500; t++) {
        h5sim_file file = opened("series.h5", "a", NULL);
        OK(h5sim_append_f64(file, "a", 1, shape, data));
        OK(h5sim_close(file));
    }
    end("reopen_append");
    return 0;
}
