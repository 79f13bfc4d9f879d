/* 5,000 attributes on one group; the first append of each of 1,000 series. */
#include "with_h5sim.h"

int main(void)
{
    double *data = numbers(1024);
    ready();
    begin();
    h5sim_file file = opened("a.h5", "w", NULL);
    for (int i = 0; i < 5000; i++)
        OK(h5sim_set_attr(file, "/", name("parameter%d", i), H5SIM_F64, 0, NULL, data + i % 1024));
    OK(h5sim_close(file));
    end("attributes_root");
    begin();
    file = opened("b.h5", "w", NULL);
    OK(h5sim_create_group(file, "parameters"));
    for (int i = 0; i < 5000; i++)
        OK(h5sim_set_attr(file, "parameters", name("parameter%d", i), H5SIM_F64, 0, NULL, data + i % 1024));
    OK(h5sim_close(file));
    end("attributes");
    begin();
    file = opened("c.h5", "w", NULL);
    for (int i = 0; i < 1000; i++)
        OK(h5sim_append_f64(file, name("series/%d", i), 0, NULL, data + i));
    OK(h5sim_close(file));
    end("appends");
    return 0;
}
