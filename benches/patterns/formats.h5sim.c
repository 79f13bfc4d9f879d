/* The newest file format, check sums, and compressed series with commits. */
#include "with_h5sim.h"

#define LATEST "{\"libver\": \"latest\"}"

int main(void)
{
    const int64_t shape[1] = {8}, square[2] = {1024, 1024}, step[2] = {64, 64};
    const char *titles[5] = {"mass", "charge", "radius", "spin", "age"};
    const char *compressed = "{\"chunks\": [8, 64, 64], \"compression\": \"gzip\", \"shuffle\": true}";
    double *data = numbers(1024 * 1024), *found = malloc(1024 * 1024 * sizeof *found);
    memset(found, 1, 1024 * 1024 * sizeof *found);
    ready();
    begin();
    h5sim_file file = opened("a.h5", "w", LATEST);
    for (int t = 0; t < 5000; t++)
        for (int i = 0; i < 4; i++)
            OK(h5sim_append_f64(file, name("series/%d", i), 1, shape, data + t + i));
    OK(h5sim_close(file));
    end("latest_append");
    begin();
    file = opened("b.h5", "w", LATEST);
    for (int i = 0; i < 2000; i++)
        OK(h5sim_write_f64(file, name("group/%d", i), 1, shape, data + i));
    OK(h5sim_close(file));
    end("latest_datasets");
    begin();
    file = opened("b.h5", "r", NULL);
    for (int i = 0; i < 2000; i++) {
        OK(h5sim_read_f64(file, name("group/%d", i), NULL, 8, found));
        MUST(memcmp(found, data + i, 8 * sizeof *found) == 0);
    }
    OK(h5sim_close(file));
    end("latest_read");
    begin();
    file = opened("b.h5", "r+", NULL);
    for (int i = 0; i < 2000; i++)
        OK(h5sim_write_f64(file, name("more/%d", i), 1, shape, data + i));
    OK(h5sim_close(file));
    end("latest_more");
    begin();
    file = opened("e.h5", "w", LATEST);
    for (int i = 0; i < 2000; i++) {
        OK(h5sim_write_f64(file, name("group/%d", i), 1, shape, data + i));
        if (i % 20 == 19)
            OK(h5sim_commit(file));
    }
    OK(h5sim_close(file));
    end("latest_commits");
    begin();
    file = opened("f.h5", "w", LATEST);
    for (int i = 0; i < 1000; i++) {
        OK(h5sim_create_group(file, name("bodies/%d", i)));
        for (int k = 0; k < 5; k++)
            OK(h5sim_set_attr(file, name("bodies/%d", i), titles[k], H5SIM_F64, 0, NULL, data + k));
    }
    OK(h5sim_close(file));
    end("latest_groups");
    begin();
    file = opened("f.h5", "r", NULL);
    for (int i = 0; i < 1000; i++)
        for (int k = 0; k < 5; k++) {
            OK(h5sim_get_attr(file, name("bodies/%d", i), titles[k], H5SIM_F64, 1, found));
            MUST(*found == data[k]);
        }
    OK(h5sim_close(file));
    end("latest_groups_read");
    begin();
    file = opened("c.h5", "w", NULL);
    OK(h5sim_write(file, "a", H5SIM_F64, 2, square, NULL, data, "{\"chunks\": [128, 128], \"fletcher32\": true}"));
    OK(h5sim_close(file));
    end("fletcher32_write");
    begin();
    file = opened("c.h5", "r", NULL);
    OK(h5sim_read_f64(file, "a", NULL, 1024 * 1024, found));
    OK(h5sim_close(file));
    end("fletcher32_read");
    MUST(memcmp(found, data, 1024 * 1024 * sizeof *found) == 0);
    begin();
    file = opened("d.h5", "w", NULL);
    for (int t = 0; t < 400; t++) {
        OK(h5sim_append(file, "a", H5SIM_F64, 2, step, data + t, compressed));
        if (t % 10 == 9)
            OK(h5sim_commit(file));
    }
    OK(h5sim_close(file));
    end("gzip_commits");
    return 0;
}
