/* The same with HDF5's calls, which keep the files open that links lead into. */
#include "with_hdf5.h"

static void read_whole(hid_t dataset, double *found)
{
    OK(dataset);
    OK(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
}

int main(void)
{
    const hsize_t shape[1] = {100};
    double *data = numbers(100), found[100];
    char path[32], target[32];
    ready();
    hid_t space = H5Screate_simple(1, shape, NULL), scalar = H5Screate(H5S_SCALAR);
    for (int i = 0; i < 10; i++) {
        hid_t file = created(name("part%d.h5", i)), group = new_group(file, "g");
        for (int j = 0; j < 50; j++) {
            hid_t dataset = H5Dcreate2(group, name("%d", j), H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
            OK(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
            new_attribute(dataset, "time", H5T_NATIVE_DOUBLE, scalar, data);
            OK(H5Dclose(dataset));
        }
        OK(H5Gclose(group));
        OK(H5Fclose(file));
    }
    hid_t file = created("linked.h5");
    for (int i = 0; i < 10; i++) {
        char part[32];
        snprintf(part, sizeof part, "part%d.h5", i);
        OK(H5Lcreate_external(part, "/g", file, name("group%d", i), H5P_DEFAULT, H5P_DEFAULT));
        hid_t group = new_group(file, name("%d", i));
        for (int j = 0; j < 50; j++) {
            snprintf(target, sizeof target, "/g/%d", j);
            OK(H5Lcreate_external(part, target, group, name("%d", j), H5P_DEFAULT, H5P_DEFAULT));
        }
        OK(H5Gclose(group));
    }
    OK(H5Fclose(file));
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    OK(H5Pset_elink_file_cache_size(access, 16));
    for (int turn = 0; turn < 2; turn++) {
        file = H5Fopen("linked.h5", turn == 0 ? H5F_ACC_RDONLY : H5F_ACC_RDWR, access);
        OK(file);
        begin();
        for (int j = 0; j < 50; j++) {
            for (int i = 0; i < 10; i++) {
                snprintf(path, sizeof path, "%d/%d", i, j);
                hid_t dataset = H5Dopen2(file, path, H5P_DEFAULT);
                read_whole(dataset, found);
                OK(H5Dclose(dataset));
                MUST(found[99] == data[99]);
            }
        }
        end(turn == 0 ? "datasets_r" : "datasets_r+");
        begin();
        hid_t groups[10];
        for (int i = 0; i < 10; i++) {
            groups[i] = H5Gopen2(file, name("group%d", i), H5P_DEFAULT);
            OK(groups[i]);
        }
        for (int j = 0; j < 50; j++) {
            for (int i = 0; i < 10; i++) {
                hid_t dataset = H5Dopen2(groups[i], name("%d", j), H5P_DEFAULT);
                read_whole(dataset, found);
                hid_t attribute = H5Aopen(dataset, "time", H5P_DEFAULT);
                OK(attribute);
                OK(H5Aread(attribute, H5T_NATIVE_DOUBLE, found));
                OK(H5Aclose(attribute));
                OK(H5Dclose(dataset));
            }
        }
        for (int i = 0; i < 10; i++)
            OK(H5Gclose(groups[i]));
        end(turn == 0 ? "groups_r" : "groups_r+");
        OK(H5Fclose(file));
    }
    return 0;
}
