/* A disk that cannot be written: argv[1] is its folder, argv[2] `prepare` while it still
 * can be, then `try`. */
#define _POSIX_C_SOURCE 200809L
#include "expect.h"

#include <unistd.h>

int main(int argc, char **argv)
{
    const int64_t shape[1] = {3};
    const double data[3] = {1, 2, 3};
    double found[3] = {0};
    h5sim_file file;

    if (argc != 3 || chdir(argv[1]) != 0)
        return 2;
    if (strcmp(argv[2], "prepare") == 0) {
        SUCCEED(h5sim_open("a.hdf5", "w", NULL, &file));
        SUCCEED(h5sim_write_f64(file, "a", 1, shape, data));
        SUCCEED(h5sim_close(file));
        return conclude();
    }
    FAIL(H5SIM_ERR_READ_ONLY, "a.hdf5", h5sim_open("a.hdf5", "r+", NULL, &out.file));
    FAIL(H5SIM_ERR_READ_ONLY, "a.hdf5", h5sim_open("a.hdf5", "w", NULL, &out.file));
    FAIL(H5SIM_ERR_READ_ONLY, "new.hdf5", h5sim_open("new.hdf5", "w", NULL, &out.file));
    SUCCEED(h5sim_open("a.hdf5", "r", NULL, &file));
    SUCCEED(h5sim_read_f64(file, "a", NULL, 3, found));
    HOLDS(memcmp(found, data, sizeof data) == 0);
    SUCCEED(h5sim_close(file));
    return conclude();
}
