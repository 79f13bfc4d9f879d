/* A host that uses its own HDF5, of another version, and h5sim at once, on two files in
 * turns and then on each other's. argv[1] and argv[2] are the files to make. */
#include "expect.h"

#include <hdf5.h>

enum { ROUNDS = 50, LENGTH = 100 };

static double values[LENGTH];

static void write_by_host(hid_t host, int round)
{
    char name[32];
    hsize_t length = LENGTH;
    snprintf(name, sizeof name, "host%d", round);
    hid_t space = H5Screate_simple(1, &length, NULL);
    hid_t dataset = H5Dcreate2(host, name, H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    HOLDS(dataset >= 0 && H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    HOLDS(H5Dclose(dataset) >= 0 && H5Sclose(space) >= 0);
}

static void check_by_host(const char *path, const char *kind)
{
    char name[32];
    double found[LENGTH];
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    HOLDS(file >= 0);
    for (int round = 0; round < ROUNDS; round++) {
        snprintf(name, sizeof name, "%s%d", kind, round);
        hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
        HOLDS(dataset >= 0 && H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, found) >= 0);
        HOLDS(found[0] == round && found[LENGTH - 1] == LENGTH - 1 + round);
        H5Dclose(dataset);
    }
    HOLDS(H5Fclose(file) >= 0);
}

static void check_by_h5sim(const char *path, const char *kind)
{
    char name[32];
    double found[LENGTH];
    h5sim_file file;
    SUCCEED(h5sim_open(path, "r", NULL, &file));
    for (int round = 0; round < ROUNDS; round++) {
        snprintf(name, sizeof name, "%s%d", kind, round);
        SUCCEED(h5sim_read_f64(file, name, NULL, LENGTH, found));
        HOLDS(found[0] == round && found[LENGTH - 1] == LENGTH - 1 + round);
    }
    SUCCEED(h5sim_close(file));
}

int main(int argc, char **argv)
{
    const int64_t shape[1] = {LENGTH};
    unsigned major, minor, release;
    char name[32], versions[64];
    h5sim_file ours;

    if (argc != 3)
        return 2;
    HOLDS(H5get_libversion(&major, &minor, &release) >= 0);
    snprintf(versions, sizeof versions, "%u.%u.%u", major, minor, release);
    HOLDS(strcmp(versions, h5sim_hdf5_version()) != 0);
    HOLDS(major == H5_VERS_MAJOR && minor == H5_VERS_MINOR);

    hid_t host = H5Fcreate(argv[1], H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    HOLDS(host >= 0);
    SUCCEED(h5sim_open(argv[2], "w", NULL, &ours));
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < LENGTH; i++)
            values[i] = i + round;
        write_by_host(host, round);
        snprintf(name, sizeof name, "ours%d", round);
        SUCCEED(h5sim_write_f64(ours, name, 1, shape, values));
        /* An error in one leaves the other alone, and each is silent in its own way. */
        FAIL(H5SIM_ERR_NOT_FOUND, "none", h5sim_read_f64(ours, "none", NULL, LENGTH, out.data));
        H5E_BEGIN_TRY { HOLDS(H5Dopen2(host, "none", H5P_DEFAULT) < 0); } H5E_END_TRY;
    }
    HOLDS(H5Fget_obj_count(host, H5F_OBJ_ALL) == 1);
    HOLDS(H5Fclose(host) >= 0);
    SUCCEED(h5sim_close(ours));

    check_by_h5sim(argv[1], "host");
    check_by_host(argv[2], "ours");
    SUCCEED(h5sim_finalize());
    check_by_host(argv[1], "host");
    HOLDS(H5close() >= 0);
    return conclude();
}
