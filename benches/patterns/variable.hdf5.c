/* Texts of variable length, as h5py writes lists of them: written, read, and a log that grows. */
#include "with_hdf5.h"

#define NAMES 10000
#define LISTS 500
#define LOG 20000

/* All texts of an open dataset, as pointers to terminated ones. */
static void read_texts(hid_t dataset, hid_t type, char **found)
{
    hid_t space = H5Dget_space(dataset);
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    OK(H5Treclaim(type, space, H5P_DEFAULT, found));
    OK(H5Sclose(space));
}

int main(void)
{
    const hsize_t shape[1] = {NAMES}, few[1] = {20};
    const char **names = malloc(NAMES * sizeof *names);
    char **found = malloc(2 * LOG * sizeof *found);
    for (int i = 0; i < NAMES; i++) {
        char *one = malloc(16);
        snprintf(one, 16, "species%d", i);
        names[i] = one;
    }
    ready();
    hid_t type = text_type(H5T_VARIABLE), space = H5Screate_simple(1, shape, NULL), list = H5Screate_simple(1, few, NULL);
    begin();
    hid_t file = created("a.h5");
    for (int i = 0; i < 5; i++) {
        hid_t dataset = H5Dcreate2(file, name("names%d", i), type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, names));
        OK(H5Dclose(dataset));
    }
    OK(H5Fclose(file));
    end("variable_write");
    begin();
    file = opened("a.h5", "r");
    for (int i = 0; i < 5; i++) {
        hid_t dataset = H5Dopen2(file, name("names%d", i), H5P_DEFAULT);
        read_texts(dataset, type, found);
        OK(H5Dclose(dataset));
    }
    OK(H5Fclose(file));
    end("variable_read");
    begin();
    file = created("b.h5");
    hid_t group = new_group(file, "lists");
    for (int i = 0; i < LISTS; i++) {
        hid_t dataset = H5Dcreate2(group, name("%d", i), type, list, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, names + i));
        OK(H5Dclose(dataset));
    }
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    end("lists_write");
    begin();
    file = opened("b.h5", "r");
    group = H5Gopen2(file, "lists", H5P_DEFAULT);
    for (int i = 0; i < LISTS; i++) {
        hid_t dataset = H5Dopen2(group, name("%d", i), H5P_DEFAULT);
        read_texts(dataset, type, found);
        OK(H5Dclose(dataset));
    }
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    end("lists_read");
    begin();
    file = opened("b.h5", "r+");
    group = H5Gopen2(file, "lists", H5P_DEFAULT);
    for (int i = 0; i < LISTS; i++) {
        hid_t dataset = H5Dopen2(group, name("%d", i), H5P_DEFAULT);
        OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, names + i + 20));
        OK(H5Dclose(dataset));
    }
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    end("lists_again");
    const hsize_t one[1] = {1};
    begin();
    file = created("c.h5");
    hid_t chunks = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t none[1] = {0}, unbounded[1] = {H5S_UNLIMITED}, chunk[1] = {1024};
    hid_t grows = H5Screate_simple(1, none, unbounded);
    OK(H5Pset_chunk(chunks, 1, chunk));
    struct dataset log = kept(H5Dcreate2(file, "log", type, grows, H5P_DEFAULT, chunks, H5P_DEFAULT));
    for (int i = 0; i < LOG; i++)
        append_as(&log, type, one[0], names + i % NAMES);
    shut(&log);
    OK(H5Fclose(file));
    end("log_write");
    begin();
    for (int k = 0; k < 20; k++) {
        file = opened("c.h5", "r+");
        log = kept(H5Dopen2(file, "log", H5P_DEFAULT));
        for (int i = 0; i < 50; i++)
            append_as(&log, type, one[0], names + i);
        shut(&log);
        OK(H5Fclose(file));
    }
    end("log_again");
    begin();
    file = opened("c.h5", "r");
    hid_t dataset = H5Dopen2(file, "log", H5P_DEFAULT);
    read_texts(dataset, type, found);
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    end("log_read");
    return 0;
}
