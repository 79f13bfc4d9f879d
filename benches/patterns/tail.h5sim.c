/* A series that is read while it grows: the latest record each step, an earlier one, its extents; and every tenth record afterwards. */
#include "with_h5sim.h"

int main(void)
{
    const int64_t shape[1] = {64};
    double *data = numbers(64 * 1024), found[64], *many = malloc(64 * 10000 * sizeof *many);
    int64_t extents[32];
    int32_t dtype, rank;
    uint64_t state = SEED;
    memset(many, 1, 64 * 10000 * sizeof *many);
    ready();
    const char *metrics[3] = {"latest", "earlier", "extents"};
    for (int kind = 0; kind < 3; kind++) {
        begin();
        h5sim_file file = opened(name("a%d.h5", kind), "w", NULL);
        for (int t = 0; t < 3000; t++) {
            OK(h5sim_append_f64(file, "a", 1, shape, data + 64 * (t % 1024)));
            if (kind == 0)
                OK(h5sim_read_f64(file, "a", "-1", 64, found));
            else if (kind == 1)
                OK(h5sim_read_f64(file, "a", name("%d", (int)(draw(&state) % (uint64_t)(t + 1))), 64, found));
            else
                OK(h5sim_info(file, "a", &dtype, &rank, extents));
            MUST(kind != 0 || found[63] == data[64 * (t % 1024) + 63]);
            MUST(kind != 2 || extents[0] == t + 1);
        }
        OK(h5sim_close(file));
        end(metrics[kind]);
    }
    h5sim_file file = opened("b.h5", "w", NULL);
    OK(h5sim_append(file, "a", H5SIM_F64, 1, shape, many, "{\"records\": 10000}"));
    OK(h5sim_close(file));
    const char *tenths[2] = {"tenth_r", "tenth_r+"}, *modes[2] = {"r", "r+"};
    for (int mode = 0; mode < 2; mode++) {
        begin();
        file = opened("b.h5", modes[mode], NULL);
        for (int i = 0; i < 10; i++)
            OK(h5sim_read_f64(file, "a", name("%d::10", i), 64 * 1000, many));
        for (int t = 0; t < 10000; t += 10)
            OK(h5sim_read_f64(file, "a", name("%d", t), 64, found));
        OK(h5sim_close(file));
        end(tenths[mode]);
    }
    begin();
    file = opened("b.h5", "r+", NULL);
    for (int i = 0; i < 5; i++)
        OK(h5sim_read_f64(file, "a", "::-1", 64 * 10000, many));
    OK(h5sim_close(file));
    end("backwards");
    return 0;
}
