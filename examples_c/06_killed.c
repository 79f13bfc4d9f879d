/* A job that is killed in the middle of a step, and goes on with the last step that it committed.
 *
 *     06_killed 3        steps 1 and 2, then SIGKILL in the middle of step 3
 *     06_killed          goes on, up to step 6 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"
#include <signal.h>

int main(int argc, char **argv)
{
    int64_t kill_in = argc > 1 ? atoll(argv[1]) : 0, step = 0, records[32];
    const int64_t cells[1] = {1000};
    double field[1000], first;
    int32_t begun, dtype, rank;
    h5sim_file file;

    CHECK(h5sim_open("killed.hdf5", "a", NULL, &file));
    CHECK(h5sim_exists(file, "energy", &begun));
    if (begun != H5SIM_NONE) {
        CHECK(h5sim_get_attr(file, "/", "step", H5SIM_I64, 1, &step));
        CHECK(h5sim_info(file, "energy", &dtype, &rank, records));
        CHECK(h5sim_read_f64(file, "field", "0", 1, &first));
        printf("goes on after step %d: %d energies, and the field is that of step %g\n", (int)step, (int)records[0], first);
    }
    while (++step <= 6) {
        double energy = 0.5 * (double)(step * step);
        for (int i = 0; i < 1000; i++)
            field[i] = (double)step;
        /* [step] */
        /* A new record, and a field that replaces the last one: both, or neither. */
        CHECK(h5sim_append_f64(file, "energy", 0, NULL, &energy));
        CHECK(h5sim_write(file, "field", H5SIM_F64, 1, cells, NULL, field, "{\"overwrite\": true}"));
        /* [end of step] */
        if (step == kill_in) {
            printf("step %d: killed\n", (int)step);
            fflush(stdout);
            raise(SIGKILL);
        }
        CHECK(h5sim_set_attr(file, "/", "step", H5SIM_I64, 0, NULL, &step));
        CHECK(h5sim_commit(file));
        printf("step %d: committed\n", (int)step);
    }
    CHECK(h5sim_close(file));
    return 0;
}
