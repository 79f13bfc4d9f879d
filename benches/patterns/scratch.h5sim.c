/* Files without a journal, "durability": "none": small datasets with an attribute each, snapshots and series with commits, attributes and texts written over,
   files opened again. */
#include "with_h5sim.h"

static const char *const none = "{\"durability\": \"none\"}";

int main(void)
{
    const int64_t small[2] = {4, 8}, field[2] = {64, 64};
    double *data = numbers(8192);
    char path[64];
    ready();
    begin();
    h5sim_file file = opened("a.h5", "w", none);
    for (int i = 0; i < 3000; i++) {
        snprintf(path, sizeof path, "%d/%d", i / 100, i);
        OK(h5sim_write_f64(file, path, 2, small, data + i));
        OK(h5sim_set_attr(file, path, "time", H5SIM_F64, 0, NULL, data + i));
    }
    OK(h5sim_close(file));
    end("datasets");
    begin();
    file = opened("b.h5", "w", none);
    for (int t = 0; t < 400; t++) {
        OK(h5sim_write_f64(file, name("steps/%d", t), 2, field, data));
        if (t % 20 == 19)
            OK(h5sim_commit(file));
    }
    OK(h5sim_close(file));
    end("snapshots");
    begin();
    file = opened("c.h5", "w", none);
    for (int t = 0; t < 500; t++) {
        for (int i = 0; i < 64; i++)
            OK(h5sim_append_f64(file, name("series/%d", i), 0, NULL, data + t + i));
        if (t % 10 == 9)
            OK(h5sim_commit(file));
    }
    OK(h5sim_close(file));
    end("series");
    begin();
    file = opened("d.h5", "w", none);
    for (int t = 0; t < 2000; t++)
        OK(h5sim_set_attr_text(file, "/", "status", status(t)));
    OK(h5sim_close(file));
    end("status");
    begin();
    for (int i = 0; i < 500; i++) {
        file = opened(name("%d.h5", i), "w", none);
        OK(h5sim_write_f64(file, "a", 2, small, data + i));
        OK(h5sim_close(file));
    }
    end("files");
    begin();
    for (int i = 0; i < 500; i++) {
        file = opened(name("%d.h5", i), "r+", none);
        OK(h5sim_set_attr(file, "a", "time", H5SIM_F64, 0, NULL, data + i));
        OK(h5sim_close(file));
    }
    end("reopened");
    return 0;
}
