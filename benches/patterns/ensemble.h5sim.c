/* 100 members with a file each, open together, a record each step; an output and a checkpoint in turns; reading all members. */
#include "with_h5sim.h"

int main(void)
{
    const int64_t shape[1] = {64}, field_shape[2] = {128, 128};
    double *data = numbers(128 * 128 + 1024), found[64];
    h5sim_file files[100];
    ready();
    begin();
    for (int i = 0; i < 100; i++)
        files[i] = opened(name("%d.h5", i), "w", NULL);
    for (int t = 0; t < 100; t++)
        for (int i = 0; i < 100; i++)
            OK(h5sim_append_f64(files[i], "a", 1, shape, data + t + i));
    for (int i = 0; i < 100; i++)
        OK(h5sim_close(files[i]));
    end("append");
    begin();
    for (int i = 0; i < 100; i++)
        files[i] = opened(name("%d.h5", i), "r", NULL);
    for (int t = 0; t < 100; t++)
        for (int i = 0; i < 100; i++) {
            OK(h5sim_read_f64(files[i], "a", name("%d", t), 64, found));
            MUST(found[63] == data[t + i + 63]);
        }
    for (int i = 0; i < 100; i++)
        OK(h5sim_close(files[i]));
    end("read");
    begin();
    h5sim_file output = opened("output.h5", "w", NULL), checkpoint = opened("checkpoint.h5", "w", NULL);
    OK(h5sim_create(checkpoint, "field", H5SIM_F64, 2, field_shape, NULL));
    for (int t = 0; t < 500; t++) {
        OK(h5sim_append_f64(output, "a", 1, shape, data + t));
        OK(h5sim_write_slice(checkpoint, "field", NULL, H5SIM_F64, 128 * 128, data + t));
    }
    OK(h5sim_close(output));
    OK(h5sim_close(checkpoint));
    end("two");
    return 0;
}
