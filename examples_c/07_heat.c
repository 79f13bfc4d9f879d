/* A whole simulation: the heat equation on a plate, with a layer of ghost cells around it.
 *
 *     07_heat heat.yaml          run to the end, or go on with a run that was stopped
 *     07_heat heat.yaml 2000     stop after step 2000, as a job whose time is over
 *
 * The file is named by the hash of the parameters: the same parameters find the same file, whoever wrote it. Its axes have
 * names, coordinates and units, so that xarray opens it as it is, and so does ParaView. */
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

/* The middles of the cells along one axis. */
static void write_coordinate(h5sim_file file, const char *name, int64_t cells, double spacing, const char *attributes)
{
    double *middles = malloc((size_t)cells * sizeof *middles);
    for (int64_t i = 0; i < cells; i++)
        middles[i] = ((double)i + 0.5) * spacing;
    CHECK(h5sim_write(file, name, H5SIM_F64, 1, &cells, NULL, middles, attributes));
    free(middles);
}

/* [record] */
/* What belongs to a step. */
static void record(h5sim_file file, double *field, int64_t nx, int64_t ny, int64_t done, double time)
{
    const int64_t shape[2] = {ny, nx}, strides[2] = {nx + 2, 1};
    CHECK(h5sim_append(file, "time", H5SIM_F64, 0, NULL, &time, "{\"dims\": [\"time\"], \"attrs\": {\"units\": \"s\"}}"));
    CHECK(h5sim_append_from(file, "temperature", H5SIM_F64, 2, shape, strides, at(field, nx, 1, 1),
                            "{\"dims\": [\"time\", \"y\", \"x\"], \"attrs\": {\"units\": \"degC\"}}"));
    CHECK(h5sim_append(file, "middle", H5SIM_F64, 0, NULL, at(field, nx, ny / 2, nx / 2),
                       "{\"dims\": [\"time\"], \"attrs\": {\"units\": \"degC\"}}"));
    CHECK(h5sim_set_attr(file, "/", "steps_done", H5SIM_I64, 0, NULL, &done));
}
/* [end of record] */

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

    char *json, *name, paraview[200];
    h5sim_file file;
    int32_t begun;
    /* [name] */
    CHECK(h5sim_json_dump(parameters, &json));
    CHECK(h5sim_json_hash_name(parameters, "heat_", 10, ".h5", &name));
    CHECK(h5sim_open(name, "a", NULL, &file));
    CHECK(h5sim_exists(file, "meta", &begun));
    if (begun != H5SIM_NONE)
        CHECK(h5sim_get_attr(file, "/", "steps_done", H5SIM_I64, 1, &done));
    /* [end of name] */
    if (done == steps) {
        printf("%s is finished: nothing to do\n", name);
        return EXIT_SUCCESS;
    }

    double *field = malloc((size_t)((nx + 2) * (ny + 2)) * sizeof *field);
    double *next = malloc((size_t)((nx + 2) * (ny + 2)) * sizeof *next);
    for (int64_t j = 0; j < ny + 2; j++)
        for (int64_t i = 0; i < nx + 2; i++)
            *at(field, nx, j, i) = *at(next, nx, j, i) = i == 0 ? hot : cold;
    if (begun == H5SIM_NONE) {
        /* [new] */
        CHECK(h5sim_write_json(file, "meta", json));
        CHECK(h5sim_set_attr_text(file, "/", "Conventions", "CF-1.11"));
        write_coordinate(file, "x", nx, spacing, "{\"attrs\": {\"units\": \"m\", \"axis\": \"X\"}}");
        write_coordinate(file, "y", ny, spacing, "{\"attrs\": {\"units\": \"m\", \"axis\": \"Y\"}}");
        record(file, field, nx, ny, done, 0);
        snprintf(paraview, sizeof paraview, "{\"cell_data\": [\"temperature\"], \"time\": \"time\", \"spacing\": [%.17g, %.17g]}",
                 spacing, spacing);
        CHECK(h5sim_vtkhdf(file, paraview));
        CHECK(h5sim_commit(file));
        /* [end of new] */
        printf("%s is new\n", name);
    } else {
        printf("%s goes on after step %d\n", name, (int)done);
        /* [resume] */
        const int64_t shape[2] = {ny, nx}, strides[2] = {nx + 2, 1};
        CHECK(h5sim_read_into(file, "temperature", "-1", H5SIM_F64, 2, shape, strides, at(field, nx, 1, 1)));
        /* [end of resume] */
    }

    while (done < last) {
        step(field, next, nx, ny, diffusivity * time_step / (spacing * spacing));
        double *swap = field;
        field = next;
        next = swap;
        if (++done % every == 0 || done == steps) {
            /* [commit] */
            /* One commit: a kill leaves all of the step or nothing. */
            record(file, field, nx, ny, done, (double)done * time_step);
            CHECK(h5sim_commit(file));
            /* [end of commit] */
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
