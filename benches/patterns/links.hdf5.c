/* What is done to names: files' steps renamed, linked, read through links, deleted, rotated, cut and copied. */
#include "with_hdf5.h"

#define STEPS 300
#define FIELDS 10

static const hsize_t shape[2] = {16, 16};

/* A file of step groups with ten datasets each, closed. */
static void steps(const char *path, int count, hid_t space, const double *data)
{
    hid_t file = created(path), all = new_group(file, "data");
    for (int t = 0; t < count; t++) {
        hid_t group = new_group(all, name("%d", t));
        for (int k = 0; k < FIELDS; k++)
            write_new(group, name("field%d", k), space, data + t + k);
        OK(H5Gclose(group));
    }
    OK(H5Gclose(all));
    OK(H5Fclose(file));
}

static hid_t old_group(hid_t parent, const char *path)
{
    hid_t group = H5Gopen2(parent, path, H5P_DEFAULT);
    OK(group);
    return group;
}

static void read_once(hid_t group, const char *path, double *found)
{
    hid_t dataset = H5Dopen2(group, path, H5P_DEFAULT);
    OK(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    OK(H5Dclose(dataset));
}

int main(void)
{
    double *data = numbers(4096), found[256];
    const hsize_t record[1] = {64};
    struct dataset series[100];
    char from[64];
    ready();
    hid_t space = H5Screate_simple(2, shape, NULL);

    begin();
    hid_t file = created("a.h5");
    for (int t = 0; t < 2000; t++) {
        write_new(file, "tmp", space, data + t);
        if (t > 0)
            OK(H5Ldelete(file, "latest", H5P_DEFAULT));
        OK(H5Lmove(file, "tmp", file, "latest", H5P_DEFAULT, H5P_DEFAULT));
    }
    OK(H5Fclose(file));
    end("latest");

    begin();
    file = created("b.h5");
    for (int t = 0; t < 1000; t++) {
        hid_t group = new_group(file, name("step_%06d", t));
        for (int k = 0; k < 2; k++)
            write_new(group, name("field%d", k), space, data + t + k);
        OK(H5Gclose(group));
        if (t > 0)
            OK(H5Ldelete(file, "latest", H5P_DEFAULT));
        OK(H5Lcreate_soft(name("/step_%06d", t), file, "latest", H5P_DEFAULT, H5P_DEFAULT));
    }
    OK(H5Fclose(file));
    end("soft");

    begin();
    file = created("c.h5");
    write_new(file, "mesh", space, data);
    for (int t = 0; t < 1000; t++) {
        hid_t group = new_group(file, name("step_%06d", t));
        write_new(group, "field", space, data + t);
        OK(H5Lcreate_hard(file, "mesh", group, "mesh", H5P_DEFAULT, H5P_DEFAULT));
        OK(H5Gclose(group));
    }
    OK(H5Fclose(file));
    end("hard");

    begin();
    file = created("d.h5");
    for (int t = 0; t < 500; t++) {
        hid_t group = new_group(file, name("step%d", t));
        for (int k = 0; k < FIELDS; k++)
            write_new(group, name("field%d", k), space, data + t + k);
        OK(H5Gclose(group));
        if (t >= 5)
            OK(H5Ldelete(file, name("step%d", t - 5), H5P_DEFAULT));
        flush(file);
    }
    OK(H5Fclose(file));
    end("rotated");

    steps("e.h5", STEPS, space, data);
    begin();
    file = opened("e.h5", "r+");
    hid_t all = old_group(file, "data");
    for (int t = 0; t < STEPS; t++) {
        hid_t group = old_group(all, name("%d", t));
        for (int k = 0; k < FIELDS; k++) {
            snprintf(from, sizeof from, "field%d", k);
            OK(H5Lmove(group, from, group, name("renamed%d", k), H5P_DEFAULT, H5P_DEFAULT));
        }
        OK(H5Gclose(group));
    }
    OK(H5Gclose(all));
    OK(H5Fclose(file));
    end("renamed");
    begin();
    file = opened("e.h5", "r+");
    all = old_group(file, "data");
    for (int t = 0; t < STEPS; t++) {
        snprintf(from, sizeof from, "%d", t);
        OK(H5Lmove(all, from, all, name("step%d", t), H5P_DEFAULT, H5P_DEFAULT));
    }
    OK(H5Gclose(all));
    OK(H5Fclose(file));
    end("renamed_groups");
    begin();
    file = opened("e.h5", "r+");
    hid_t links = new_group(file, "by_time");
    for (int t = 0; t < STEPS; t++) {
        snprintf(from, sizeof from, "/data/step%d", t);
        OK(H5Lcreate_soft(from, links, name("%d", t), H5P_DEFAULT, H5P_DEFAULT));
    }
    OK(H5Gclose(links));
    OK(H5Fclose(file));
    end("linked");
    const char *reads[2] = {"through_r", "through_r+"}, *modes[2] = {"r", "r+"};
    for (int mode = 0; mode < 2; mode++) {
        begin();
        file = opened("e.h5", modes[mode]);
        links = old_group(file, "by_time");
        for (int t = 0; t < STEPS; t++) {
            hid_t group = old_group(links, name("%d", t));
            for (int k = 0; k < FIELDS; k++) {
                read_once(group, name("renamed%d", k), found);
                MUST(found[255] == data[t + k + 255]);
            }
            OK(H5Gclose(group));
        }
        OK(H5Gclose(links));
        OK(H5Fclose(file));
        end(reads[mode]);
    }
    for (int t = 0; t < 100; t++)
        steps(name("part%d.h5", t), 1, space, data);
    file = created("f.h5");
    for (int t = 0; t < 100; t++) {
        snprintf(from, sizeof from, "part%d.h5", t);
        OK(H5Lcreate_external(from, "/data", file, name("part%d", t), H5P_DEFAULT, H5P_DEFAULT));
    }
    OK(H5Fclose(file));
    begin();
    file = opened("f.h5", "r");
    for (int t = 0; t < 100; t++) {
        hid_t group = old_group(file, name("part%d/0", t));
        for (int k = 0; k < FIELDS; k++) {
            read_once(group, name("field%d", k), found);
            MUST(found[255] == data[k + 255]);
        }
        OK(H5Gclose(group));
    }
    OK(H5Fclose(file));
    end("external_r");
    for (int t = 0; t < 100; t++)

    begin();
    file = opened("e.h5", "r+");
    all = old_group(file, "data");
    hid_t copies = new_group(file, "copies");
    for (int t = 0; t < STEPS; t++) {
        snprintf(from, sizeof from, "step%d", t);
        OK(H5Ocopy(all, from, copies, name("%d", t), H5P_DEFAULT, H5P_DEFAULT));
    }
    OK(H5Gclose(copies));
    OK(H5Gclose(all));
    OK(H5Fclose(file));
    end("copied");
    begin();
    file = opened("e.h5", "r+");
    all = old_group(file, "data");
    for (int t = 0; t < STEPS; t++) {
        hid_t group = old_group(all, name("step%d", t));
        for (int k = 0; k < FIELDS; k++)
            OK(H5Ldelete(group, name("renamed%d", k), H5P_DEFAULT));
        OK(H5Gclose(group));
    }
    OK(H5Gclose(all));
    OK(H5Fclose(file));
    end("deleted");
    steps("g.h5", STEPS, space, data);
    begin();
    file = opened("g.h5", "r+");
    all = old_group(file, "data");
    for (int t = 0; t < STEPS; t++)
        OK(H5Ldelete(all, name("%d", t), H5P_DEFAULT));
    OK(H5Gclose(all));
    OK(H5Fclose(file));
    end("deleted_groups");

    file = created("h.h5");
    for (int k = 0; k < 100; k++) {
        series[k] = new_series(file, name("series%d", k), H5T_IEEE_F64LE, 1, record, 16, 0);
        for (int t = 0; t < 200; t++)
            append(&series[k], data + t);
        shut(&series[k]);
    }
    OK(H5Fclose(file));
    begin();
    file = opened("h.h5", "r+");
    for (int k = 0; k < 100; k++) {
        series[k] = kept(H5Dopen2(file, name("series%d", k), H5P_DEFAULT));
        series[k].shape[0] = 100;
        OK(H5Dset_extent(series[k].id, series[k].shape));
    }
    for (int t = 0; t < 100; t++)
        for (int k = 0; k < 100; k++)
            append(&series[k], data + t);
    for (int k = 0; k < 100; k++)
        shut(&series[k]);
    OK(H5Fclose(file));
    end("truncated");
    return 0;
}
