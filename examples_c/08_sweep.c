/* A sweep over parameters: each run is produced once, however often and by however many jobs at once this is started.
 *
 *     08_sweep runs              produce what is missing, then print a table
 *     08_sweep runs 100          stop after 100 steps in all, as a job whose time is over
 *
 * The file of a run is named by the hash of its parameters. */
#include "check.h"
#include <sys/stat.h>

enum { CELLS = 100, STEPS = 60 };

/* Heat along a rod whose left end is hot: goes on from the step after the last committed one. */
static void simulate(h5sim_file file, double k0, double dt, int64_t *steps_left)
{
    double rod[CELLS] = {1.0}, next[CELLS];
    int64_t done = 0, shape[1] = {CELLS};
    int32_t kind, dtype, rank;
    int64_t extents[H5SIM_MAX_RANK];
    CHECK(h5sim_exists(file, "rod", &kind));
    if (kind == H5SIM_DATASET) {
        CHECK(h5sim_info(file, "rod", &dtype, &rank, extents));
        done = extents[0];
        CHECK(h5sim_read_f64(file, "rod", "-1", CELLS, rod));
    }
    for (; done < STEPS && *steps_left > 0; done++, --*steps_left) {
        memcpy(next, rod, sizeof rod);
        for (int i = 1; i < CELLS - 1; i++)
            next[i] += k0 * dt * (rod[i - 1] - 2 * rod[i] + rod[i + 1]);
        memcpy(rod, next, sizeof rod);
        CHECK(h5sim_append_f64(file, "rod", 1, shape, rod));
    }
    if (done == STEPS)
        CHECK(h5sim_finish(file));
    else
        CHECK(h5sim_commit(file));
}

static void produce(const char *directory, double k0, double dt, int64_t *steps_left)
{
    h5sim_json parameters;
    h5sim_file file;
    char *json, *path;
    int32_t state, mine;
    CHECK(h5sim_json_new(&parameters));
    CHECK(h5sim_json_set_f64(parameters, "/model/k0", k0));
    CHECK(h5sim_json_set_f64(parameters, "/integrator/dt", dt));
    CHECK(h5sim_json_dump(parameters, &json));
    CHECK(h5sim_produce(directory, "rod_", json, 10, ".h5", NULL, &path, &state));
    CHECK(h5sim_is_claimed(path, &mine));
    if (!mine) {
        printf("%s: %s\n", path, state == H5SIM_RUN_FINISHED ? "finished before" : "another job is at it");
    } else {
        CHECK(h5sim_open(path, state == H5SIM_RUN_ABSENT ? "w" : "r+", NULL, &file));
        if (state == H5SIM_RUN_ABSENT)
            CHECK(h5sim_write_json(file, "meta", json));
        simulate(file, k0, dt, steps_left);
        CHECK(h5sim_close(file));
        CHECK(h5sim_release(path));
        printf("%s: %s\n", path, state == H5SIM_RUN_ABSENT ? "new" : "gone on with");
    }
    h5sim_free(path);
    h5sim_free(json);
    CHECK(h5sim_json_free(parameters));
}

/* Prints the finished runs with k0 > 1 and dt ≤ 0.001. */
static void print_table(const char *directory)
{
    char *found, pointer[64];
    h5sim_json runs;
    CHECK(h5sim_find(directory, "model.k0 > 1 and integrator.dt <= 0.001 and run.status == 'finished'",
                     "{\"sort\": [\"model.k0\", \"integrator.dt\"]}", &found));
    CHECK(h5sim_json_parse(found, &runs));
    printf("%6s %8s  file\n", "k0", "dt");
    for (int i = 0;; i++) {
        double k0, dt;
        char *path;
        snprintf(pointer, sizeof pointer, "/%d/path", i);
        if (h5sim_json_get_text(runs, pointer, &path) != H5SIM_OK)
            break;
        snprintf(pointer, sizeof pointer, "/%d/meta/model/k0", i);
        CHECK(h5sim_json_get_f64(runs, pointer, &k0));
        snprintf(pointer, sizeof pointer, "/%d/meta/integrator/dt", i);
        CHECK(h5sim_json_get_f64(runs, pointer, &dt));
        printf("%6.2f %8.4f  %s\n", k0, dt, path);
        h5sim_free(path);
    }
    h5sim_free(found);
    CHECK(h5sim_json_free(runs));
}

int main(int argc, char **argv)
{
    const char *directory = argc > 1 ? argv[1] : "runs";
    int64_t steps_left = argc > 2 ? atoll(argv[2]) : INT64_MAX;
    const double k0[] = {0.5, 1.2, 2.0}, dt[] = {0.01, 0.001};
    mkdir(directory, 0777);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 2 && steps_left > 0; j++)
            produce(directory, k0[i], dt[j], &steps_left);
    print_table(directory);
    return EXIT_SUCCESS;
}
