/* The newest file format, check sums, and compressed series with flushes. */
#include "with_hdf5.h"

int main(void)
{
    const hsize_t shape[1] = {8}, square[2] = {1024, 1024}, step[2] = {64, 64}, chunk[2] = {128, 128};
    const char *titles[5] = {"mass", "charge", "radius", "spin", "age"};
    double *data = numbers(1024 * 1024), *found = malloc(1024 * 1024 * sizeof *found);
    struct dataset series[4];
    memset(found, 1, 1024 * 1024 * sizeof *found);
    ready();
    begin();
    hid_t latest = H5Pcreate(H5P_FILE_ACCESS);
    OK(H5Pset_libver_bounds(latest, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST));
    hid_t file = H5Fcreate("a.h5", H5F_ACC_TRUNC, H5P_DEFAULT, latest), group = new_group(file, "series");
    for (int i = 0; i < 4; i++)
        series[i] = new_series(group, name("%d", i), H5T_IEEE_F64LE, 1, shape, 4096, 0);
    for (int t = 0; t < 5000; t++)
        for (int i = 0; i < 4; i++)
            append(&series[i], data + t + i);
    for (int i = 0; i < 4; i++)
        shut(&series[i]);
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    end("latest_append");
    hid_t space = H5Screate_simple(1, shape, NULL);
    begin();
    file = H5Fcreate("b.h5", H5F_ACC_TRUNC, H5P_DEFAULT, latest);
    group = new_group(file, "group");
    for (int i = 0; i < 2000; i++)
        write_new(group, name("%d", i), space, data + i);
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    end("latest_datasets");
    begin();
    file = opened("b.h5", "r");
    group = H5Gopen2(file, "group", H5P_DEFAULT);
    for (int i = 0; i < 2000; i++) {
        hid_t dataset = H5Dopen2(group, name("%d", i), H5P_DEFAULT);
        OK(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
        OK(H5Dclose(dataset));
        MUST(memcmp(found, data + i, 8 * sizeof *found) == 0);
    }
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    end("latest_read");
    begin();
    file = opened("b.h5", "r+");
    group = new_group(file, "more");
    for (int i = 0; i < 2000; i++)
        write_new(group, name("%d", i), space, data + i);
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    end("latest_more");
    begin();
    file = H5Fcreate("e.h5", H5F_ACC_TRUNC, H5P_DEFAULT, latest);
    group = new_group(file, "group");
    for (int i = 0; i < 2000; i++) {
        write_new(group, name("%d", i), space, data + i);
        if (i % 20 == 19)
            flush(file);
    }
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    end("latest_commits");
    hid_t scalar = H5Screate(H5S_SCALAR);
    begin();
    file = H5Fcreate("f.h5", H5F_ACC_TRUNC, H5P_DEFAULT, latest);
    hid_t bodies = new_group(file, "bodies");
    for (int i = 0; i < 1000; i++) {
        group = new_group(bodies, name("%d", i));
        for (int k = 0; k < 5; k++)
            new_attribute(group, titles[k], H5T_NATIVE_DOUBLE, scalar, data + k);
        OK(H5Gclose(group));
    }
    OK(H5Gclose(bodies));
    OK(H5Fclose(file));
    end("latest_groups");
    begin();
    file = opened("f.h5", "r");
    bodies = H5Gopen2(file, "bodies", H5P_DEFAULT);
    for (int i = 0; i < 1000; i++) {
        group = H5Gopen2(bodies, name("%d", i), H5P_DEFAULT);
        for (int k = 0; k < 5; k++) {
            hid_t attribute = H5Aopen(group, titles[k], H5P_DEFAULT);
            OK(H5Aread(attribute, H5T_NATIVE_DOUBLE, found));
            OK(H5Aclose(attribute));
            MUST(*found == data[k]);
        }
        OK(H5Gclose(group));
    }
    OK(H5Gclose(bodies));
    OK(H5Fclose(file));
    end("latest_groups_read");
    begin();
    file = created("c.h5");
    hid_t list = H5Pcreate(H5P_DATASET_CREATE), sheet = H5Screate_simple(2, square, NULL);
    OK(H5Pset_chunk(list, 2, chunk));
    OK(H5Pset_fletcher32(list));
    hid_t dataset = H5Dcreate2(file, "a", H5T_IEEE_F64LE, sheet, H5P_DEFAULT, list, H5P_DEFAULT);
    OK(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    end("fletcher32_write");
    begin();
    file = opened("c.h5", "r");
    dataset = H5Dopen2(file, "a", H5P_DEFAULT);
    OK(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    end("fletcher32_read");
    MUST(memcmp(found, data, 1024 * 1024 * sizeof *found) == 0);
    begin();
    file = created("d.h5");
    struct dataset a = new_series(file, "a", H5T_IEEE_F64LE, 2, step, 8, 4);
    for (int t = 0; t < 400; t++) {
        append(&a, data + t);
        if (t % 10 == 9)
            flush(file);
    }
    shut(&a);
    OK(H5Fclose(file));
    end("gzip_commits");
    return 0;
}
