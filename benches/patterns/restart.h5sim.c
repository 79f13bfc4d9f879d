/* A restart: what was the last step, the last record of each of 50 series, 20 fields of 48^3, then the series go on; deep paths. */
#include "with_h5sim.h"

int main(void)
{
    const int64_t shape[3] = {48, 48, 48}, record[1] = {32};
    double *data = numbers(48 * 48 * 48 + 64), *found = malloc(48 * 48 * 48 * sizeof *found), last[32];
    int64_t extents[32];
    int32_t dtype, rank;
    ready();
    h5sim_file file = opened("a.h5", "w", NULL);
    for (int i = 0; i < 50; i++)
        OK(h5sim_append(file, name("series/%d", i), H5SIM_F64, 1, record, data, "{\"records\": 1000}"));
    for (int i = 0; i < 20; i++)
        OK(h5sim_write_f64(file, name("state/species/%d/density", i), 3, shape, data + i));
    OK(h5sim_close(file));
    memset(found, 1, 48 * 48 * 48 * sizeof *found);
    begin();
    for (int again = 0; again < 10; again++) {
        file = opened("a.h5", "r+", NULL);
        for (int i = 0; i < 50; i++) {
            const char *path = name("series/%d", i);
            OK(h5sim_info(file, path, &dtype, &rank, extents));
            OK(h5sim_read_f64(file, path, "-1", 32, last));
            MUST(extents[0] == 1000 + 5 * again);
        }
        for (int i = 0; i < 20; i++) {
            OK(h5sim_read_f64(file, name("state/species/%d/density", i), NULL, 48 * 48 * 48, found));
            MUST(found[7] == data[i + 7]);
        }
        for (int t = 0; t < 5; t++)
            for (int i = 0; i < 50; i++)
                OK(h5sim_append_f64(file, name("series/%d", i), 1, record, data + t));
        OK(h5sim_close(file));
    }
    end("continue");
    begin();
    file = opened("b.h5", "w", NULL);
    OK(h5sim_create(file, "a/b/c/d/e/f", H5SIM_F64, 1, record, NULL));
    for (int t = 0; t < 10000; t++)
        OK(h5sim_write_slice(file, "a/b/c/d/e/f", name("%d", t % 32), H5SIM_F64, 1, data + t));
    OK(h5sim_close(file));
    end("deep");
    return 0;
}
