/* A whole simulation: the heat equation on a plate, with a layer of ghost cells around it.
 *
 *     07_heat heat.yaml          run to the end, or go on with a run that was stopped
 *     07_heat heat.yaml 2000     stop after step 2000, as a job whose time is over
 *
 * The file is named by the hash of the parameters: the same parameters find the same file, whoever wrote it. */
#include "check.h"

static double *at(double *field, int64_t nx, int64_t j, int64_t i) { return &field[j * (nx + 2) + i]; }

/* One explicit step from old to new; the ghost cells hold the edges' temperatures and stay as they are. */
static void step(const double *old, double *new, int64_t nx, int64_t ny, double rate)
{
    int64_t row = nx + 2;
    for (int64_t j = 1; j <= ny; j++)
        for (int64_t i = 1; i <= nx; i++) {
            const double *u = &old[j * row + i];
            new[j * row + i] = u[0] + rate * (u[-1] + u[1] + u[-row] + u[row] - 4 * u[0]);
        }
}

static char *read_input(const char *path)
{
    FILE *input = fopen(path, "r");
    char *text = calloc(1, 65536);
    if (!input || !text || fread(text, 1, 65535, input) == 0) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(EXIT_FAILURE);
    }
    fclose(input);
    return text;
}

int main(int argc, char **argv)
{
    char *input = read_input(argc > 1 ? argv[1] : "heat.yaml");
    h5sim_json parameters;
    int64_t nx, ny, steps, every, done = 0;
    double spacing, diffusivity, cold, hot, time_step;
    CHECK(h5sim_json_parse_yaml(input, &parameters));
    CHECK(h5sim_json_get_i64(parameters, "/grid/nx", &nx));
    CHECK(h5sim_json_get_i64(parameters, "/grid/ny", &ny));
    CHECK(h5sim_json_get_f64(parameters, "/grid/spacing", &spacing));
    CHECK(h5sim_json_get_f64(parameters, "/plate/diffusivity", &diffusivity));
    CHECK(h5sim_json_get_f64(parameters, "/plate/cold", &cold));
    CHECK(h5sim_json_get_f64(parameters, "/plate/hot", &hot));
    CHECK(h5sim_json_get_i64(parameters, "/run/steps", &steps));
    CHECK(h5sim_json_get_i64(parameters, "/run/snapshot_every", &every));
    CHECK(h5sim_json_get_f64(parameters, "/run/time_step", &time_step));
    int64_t last = argc > 2 ? atoll(argv[2]) : steps;

    char *json, *name, path[64];
    h5sim_file file;
    int32_t begun;
    CHECK(h5sim_json_dump(parameters, &json));
    CHECK(h5sim_hash_name("heat_", json, 10, ".h5", &name));
    CHECK(h5sim_open(name, "a", NULL, &file));
    CHECK(h5sim_exists(file, "meta", &begun));
    if (begun != H5SIM_NONE)
        CHECK(h5sim_get_attr(file, "snapshots", "steps done", H5SIM_I64, 1, &done));
    if (done == steps) {
        printf("%s is finished: nothing to do\n", name);
        return EXIT_SUCCESS;
    }

    double *field = malloc((size_t)((nx + 2) * (ny + 2)) * sizeof *field);
    double *next = malloc((size_t)((nx + 2) * (ny + 2)) * sizeof *next);
    for (int64_t j = 0; j < ny + 2; j++)
        for (int64_t i = 0; i < nx + 2; i++)
            *at(field, nx, j, i) = *at(next, nx, j, i) = i == 0 ? hot : cold;
    const int64_t shape[2] = {ny, nx}, strides[2] = {nx + 2, 1};
    if (begun == H5SIM_NONE) {
        CHECK(h5sim_write_json(file, "meta", json));
        CHECK(h5sim_create_group(file, "snapshots"));
        CHECK(h5sim_set_attr(file, "snapshots", "steps done", H5SIM_I64, 0, NULL, &done));
        CHECK(h5sim_commit(file));
        printf("%s is new\n", name);
    } else {
        printf("%s goes on after step %d\n", name, (int)done);
        if (done > 0) {
            snprintf(path, sizeof path, "snapshots/%06d", (int)done);
            CHECK(h5sim_read_into(file, path, NULL, H5SIM_F64, 2, shape, strides, at(field, nx, 1, 1)));
        }
    }

    while (done < last) {
        step(field, next, nx, ny, diffusivity * time_step / (spacing * spacing));
        double *swap = field;
        field = next;
        next = swap;
        if (++done % every == 0 || done == steps) {
            /* What belongs to a step is one commit: a kill leaves all of it or nothing. */
            snprintf(path, sizeof path, "snapshots/%06d", (int)done);
            CHECK(h5sim_write(file, path, H5SIM_F64, 2, shape, strides, at(field, nx, 1, 1), NULL));
            CHECK(h5sim_set_attr(file, "snapshots", "steps done", H5SIM_I64, 0, NULL, &done));
            CHECK(h5sim_append_f64(file, "middle", 0, NULL, at(field, nx, ny / 2, nx / 2)));
            CHECK(h5sim_commit(file));
            printf("step %4d, middle %.4f degrees\n", (int)done, *at(field, nx, ny / 2, nx / 2));
        }
    }
    CHECK(h5sim_close(file));
    CHECK(h5sim_json_free(parameters));
    h5sim_free(json);
    h5sim_free(name);
    free(field);
    free(next);
    free(input);
    return EXIT_SUCCESS;
}
