/* A run with named axes and a group for ParaView, which goes back to a checkpoint and on from there. The programs of the same
 * name in Fortran and Julia do the same. `axes FILE LIBVER`; `axes FILE LIBVER kill` is killed after its last commit, in the
 * middle of what comes then, and `axes FILE LIBVER rewind` between a rewind and the records that come again. */
#include "expect.h"
#include <signal.h>

static double field[3][4];

static void append(h5sim_file file, int32_t step, double more)
{
    double time = step / 2.0, mean = step + more;
    for (int j = 0; j < 3; j++)
        for (int i = 0; i < 4; i++)
            field[j][i] = 100 * step + 10 * j + i + more;
    const int64_t shape[2] = {3, 4};
    SUCCEED(h5sim_append(file, "time", H5SIM_F64, 0, NULL, &time, "{\"dims\": [\"time\"], \"attrs\": {\"units\": \"s\"}}"));
    SUCCEED(h5sim_append(file, "fields/u", H5SIM_F64, 2, shape, field,
                       "{\"dims\": [\"time\", \"y\", \"x\"], \"attrs\": {\"units\": \"K\"}, \"compression\": \"gzip\"}"));
    SUCCEED(h5sim_append(file, "mean", H5SIM_F64, 0, NULL, &mean, "{\"dims\": [\"time\"]}"));
    SUCCEED(h5sim_append(file, "extra", H5SIM_F64, 0, NULL, &mean, "{\"chunks\": [4]}"));
}

int main(int argc, char **argv)
{
    h5sim_file file;
    char options[80], *names;
    const double x[4] = {0, 0.5, 1, 1.5}, y[3] = {0, 1, 2};
    const int64_t nx = 4, ny = 3, shape[2] = {3, 4};
    const char *way = argc > 3 ? argv[3] : "";
    snprintf(options, sizeof options, "{\"libver\": \"%s\", \"track_order\": true}", argv[2]);
    SUCCEED(h5sim_open(argv[1], "w", options, &file));
    SUCCEED(h5sim_write(file, "x", H5SIM_F64, 1, &nx, NULL, x, "{\"attrs\": {\"units\": \"m\", \"long_name\": \"length\"}}"));
    SUCCEED(h5sim_write(file, "bare", H5SIM_F64, 2, shape, NULL, field, "{\"dims\": [\"rows\", \"columns\"]}"));
    SUCCEED(h5sim_write(file, "late", H5SIM_F64, 2, shape, NULL, field, NULL));
    SUCCEED(h5sim_set_dims(file, "late", "[\"y\", \"x\"]"));
    SUCCEED(h5sim_write(file, "nameless", H5SIM_F64, 2, shape, NULL, field, "{\"dims\": [\"y\", \"x\"]}"));
    SUCCEED(h5sim_set_dims(file, "nameless", "null"));
    SUCCEED(h5sim_write(file, "y", H5SIM_F64, 1, &ny, NULL, y, "{\"attrs\": {\"units\": \"m\"}}"));
    SUCCEED(h5sim_dims(file, "late", &names));
    HOLDS(strcmp(names, "[\"y\", \"x\"]") == 0);
    h5sim_free(names);
    SUCCEED(h5sim_dims(file, "nameless", &names));
    HOLDS(strcmp(names, "[null, null]") == 0);
    h5sim_free(names);
    FAIL(H5SIM_ERR_SHAPE, "names 1 axes", h5sim_set_dims(file, "late", "[\"x\"]"));
    FAIL(H5SIM_ERR_NOT_FOUND, "nothing", h5sim_dims(file, "nothing", &out.text));
    FAIL(H5SIM_ERR_NOT_FOUND, "nothing", h5sim_vtkhdf(file, "{\"point_data\": [\"nothing\"]}"));
    FAIL(H5SIM_ERR_SHAPE, "in one piece", h5sim_truncate(file, "late", 1));
    FAIL(H5SIM_ERR_NOT_FOUND, "nothing", h5sim_rewind(file, "nothing", 1));
    append(file, 0, 0);
    SUCCEED(h5sim_vtkhdf(file, "{\"point_data\": [\"fields/u\"], \"time\": \"time\", \"origin\": [0, 0], \"spacing\": [0.5, 1]}"));
    for (int32_t step = 1; step < 7; step++)
        append(file, step, 0);
    SUCCEED(h5sim_commit(file));
    SUCCEED(h5sim_rewind(file, "time", 2.0));
    SUCCEED(h5sim_truncate(file, "extra", 2));
    if (strcmp(way, "rewind") == 0)
        raise(SIGKILL);
    append(file, 5, 1000);
    append(file, 6, 1000);
    SUCCEED(h5sim_commit(file));
    if (strcmp(way, "kill") == 0) {
        append(file, 7, 0);
        SUCCEED(h5sim_write(file, "lost", H5SIM_F64, 1, &nx, NULL, x, "{\"dims\": [\"x\"]}"));
        raise(SIGKILL);
    }
    SUCCEED(h5sim_close(file));
    return conclude();
}
