/* 1,000 groups with 5 attributes each, which are read again; 5,000 updates of one attribute, of one with a series beside it. */
#include "with_h5sim.h"

int main(void)
{
    const char *titles[5] = {"mass", "charge", "radius", "spin", "age"};
    double *data = numbers(1024), found;
    ready();
    begin();
    h5sim_file file = opened("a.h5", "w", NULL);
    for (int i = 0; i < 1000; i++) {
        const char *path = name("bodies/%d", i);
        OK(h5sim_create_group(file, path));
        for (int k = 0; k < 5; k++)
            OK(h5sim_set_attr(file, path, titles[k], H5SIM_F64, 0, NULL, data + k));
    }
    OK(h5sim_close(file));
    end("create");
    begin();
    file = opened("a.h5", "r", NULL);
    for (int i = 0; i < 1000; i++)
        for (int k = 0; k < 5; k++) {
            OK(h5sim_get_attr(file, name("bodies/%d", i), titles[k], H5SIM_F64, 1, &found));
            MUST(found == data[k]);
        }
    OK(h5sim_close(file));
    end("read");

    begin();
    file = opened("b.h5", "w", NULL);
    for (int32_t step = 0; step < 5000; step++)
        OK(h5sim_set_attr(file, "/", "step", H5SIM_I32, 0, NULL, &step));
    OK(h5sim_close(file));
    end("update");
    begin();
    file = opened("c.h5", "w", NULL);
    for (int32_t step = 0; step < 5000; step++) {
        OK(h5sim_append_f64(file, "energy", 0, NULL, data + step % 1024));
        OK(h5sim_set_attr(file, "/", "step", H5SIM_I32, 0, NULL, &step));
    }
    OK(h5sim_close(file));
    end("update_append");
    return 0;
}
