/* What is done to names: files' steps renamed, linked, read through links, deleted, rotated, cut and copied. */
#include "with_h5sim.h"

#define STEPS 300
#define FIELDS 10

static const int64_t shape[2] = {16, 16};

/* A file of step groups with ten datasets each, closed. */
static void steps(const char *path, int count, const double *data)
{
    char field[64];
    h5sim_file file = opened(path, "w", NULL);
    for (int t = 0; t < count; t++)
        for (int k = 0; k < FIELDS; k++) {
            snprintf(field, sizeof field, "data/%d/field%d", t, k);
            OK(h5sim_write_f64(file, field, 2, shape, data + t + k));
        }
    OK(h5sim_close(file));
}

int main(void)
{
    double *data = numbers(4096), found[256];
    char path[64], other[64];
    const int64_t record[1] = {64};
    ready();

    begin();
    h5sim_file file = opened("a.h5", "w", NULL);
    for (int t = 0; t < 2000; t++) {
        OK(h5sim_write_f64(file, "tmp", 2, shape, data + t));
        if (t > 0)
            OK(h5sim_delete(file, "latest"));
        OK(h5sim_move(file, "tmp", "latest"));
    }
    OK(h5sim_close(file));
    end("latest");

    begin();
    file = opened("b.h5", "w", NULL);
    for (int t = 0; t < 1000; t++) {
        for (int k = 0; k < 2; k++) {
            snprintf(path, sizeof path, "step_%06d/field%d", t, k);
            OK(h5sim_write_f64(file, path, 2, shape, data + t + k));
        }
        if (t > 0)
            OK(h5sim_delete(file, "latest"));
        OK(h5sim_link(file, "latest", name("step_%06d", t), "{\"type\": \"soft\"}"));
    }
    OK(h5sim_close(file));
    end("soft");

    begin();
    file = opened("c.h5", "w", NULL);
    OK(h5sim_write_f64(file, "mesh", 2, shape, data));
    for (int t = 0; t < 1000; t++) {
        snprintf(path, sizeof path, "step_%06d/field", t);
        OK(h5sim_write_f64(file, path, 2, shape, data + t));
        snprintf(path, sizeof path, "step_%06d/mesh", t);
        OK(h5sim_link(file, path, "mesh", "{\"type\": \"hard\"}"));
    }
    OK(h5sim_close(file));
    end("hard");

    begin();
    file = opened("d.h5", "w", NULL);
    for (int t = 0; t < 500; t++) {
        for (int k = 0; k < FIELDS; k++) {
            snprintf(path, sizeof path, "step%d/field%d", t, k);
            OK(h5sim_write_f64(file, path, 2, shape, data + t + k));
        }
        if (t >= 5)
            OK(h5sim_delete(file, name("step%d", t - 5)));
        OK(h5sim_commit(file));
    }
    OK(h5sim_close(file));
    end("rotated");

    steps("e.h5", STEPS, data);
    begin();
    file = opened("e.h5", "r+", NULL);
    for (int t = 0; t < STEPS; t++)
        for (int k = 0; k < FIELDS; k++) {
            snprintf(path, sizeof path, "data/%d/field%d", t, k);
            snprintf(other, sizeof other, "data/%d/renamed%d", t, k);
            OK(h5sim_move(file, path, other));
        }
    OK(h5sim_close(file));
    end("renamed");
    begin();
    file = opened("e.h5", "r+", NULL);
    for (int t = 0; t < STEPS; t++) {
        snprintf(path, sizeof path, "data/%d", t);
        OK(h5sim_move(file, path, name("data/step%d", t)));
    }
    OK(h5sim_close(file));
    end("renamed_groups");
    begin();
    file = opened("e.h5", "r+", NULL);
    for (int t = 0; t < STEPS; t++) {
        snprintf(path, sizeof path, "by_time/%d", t);
        OK(h5sim_link(file, path, name("data/step%d", t), "{\"type\": \"soft\"}"));
    }
    OK(h5sim_close(file));
    end("linked");
    const char *reads[2] = {"through_r", "through_r+"}, *modes[2] = {"r", "r+"};
    for (int mode = 0; mode < 2; mode++) {
        begin();
        file = opened("e.h5", modes[mode], NULL);
        for (int t = 0; t < STEPS; t++)
            for (int k = 0; k < FIELDS; k++) {
                snprintf(path, sizeof path, "by_time/%d/renamed%d", t, k);
                OK(h5sim_read_f64(file, path, NULL, 256, found));
                MUST(found[255] == data[t + k + 255]);
            }
        OK(h5sim_close(file));
        end(reads[mode]);
    }
    for (int t = 0; t < 100; t++)
        steps(name("part%d.h5", t), 1, data);
    file = opened("f.h5", "w", NULL);
    for (int t = 0; t < 100; t++) {
        snprintf(path, sizeof path, "part%d", t);
        OK(h5sim_link(file, path, "data", name("{\"file\": \"part%d.h5\"}", t)));
    }
    OK(h5sim_close(file));
    begin();
    file = opened("f.h5", "r", NULL);
    for (int t = 0; t < 100; t++)
        for (int k = 0; k < FIELDS; k++) {
            snprintf(path, sizeof path, "part%d/0/field%d", t, k);
            OK(h5sim_read_f64(file, path, NULL, 256, found));
            MUST(found[255] == data[k + 255]);
        }
    OK(h5sim_close(file));
    end("external_r");
    for (int t = 0; t < 100; t++)

    begin();
    file = opened("e.h5", "r+", NULL);
    for (int t = 0; t < STEPS; t++) {
        snprintf(path, sizeof path, "data/step%d", t);
        OK(h5sim_copy(file, path, file, name("copies/%d", t), NULL));
    }
    OK(h5sim_close(file));
    end("copied");
    begin();
    file = opened("e.h5", "r+", NULL);
    for (int t = 0; t < STEPS; t++)
        for (int k = 0; k < FIELDS; k++) {
            snprintf(path, sizeof path, "data/step%d/renamed%d", t, k);
            OK(h5sim_delete(file, path));
        }
    OK(h5sim_close(file));
    end("deleted");
    steps("g.h5", STEPS, data);
    begin();
    file = opened("g.h5", "r+", NULL);
    for (int t = 0; t < STEPS; t++) {
        snprintf(path, sizeof path, "data/%d", t);
        OK(h5sim_delete(file, path));
    }
    OK(h5sim_close(file));
    end("deleted_groups");

    file = opened("h.h5", "w", NULL);
    for (int k = 0; k < 100; k++)
        for (int t = 0; t < 200; t++)
            OK(h5sim_append_f64(file, name("series%d", k), 1, record, data + t));
    OK(h5sim_close(file));
    begin();
    file = opened("h.h5", "r+", NULL);
    for (int k = 0; k < 100; k++)
        OK(h5sim_truncate(file, name("series%d", k), 100));
    for (int t = 0; t < 100; t++)
        for (int k = 0; k < 100; k++)
            OK(h5sim_append_f64(file, name("series%d", k), 1, record, data + t));
    OK(h5sim_close(file));
    end("truncated");
    return 0;
}
