/* The simulation of 07_heat.c on many ranks: each has a tile of the plate, with a layer of ghost cells that its neighbours fill.
 *
 *     mpiexec -n 4 09_heat_mpi heat.yaml          run to the end, or go on with a run that was stopped
 *     mpiexec -n 6 09_heat_mpi heat.yaml 2000     stop after step 2000, as a job whose time is over
 *
 * The file is named by the hash of the parameters, its content is that of 07_heat.c bit for bit, and a run that was stopped goes on
 * with any number of ranks. */
#include "check.h"
#include <h5sim_mpi.h>

/* A rank's tile: where it begins in the plate and how large it is, along y and x. */
struct tile {
    MPI_Comm ranks;
    int64_t plate[2], start[2], shape[2], strides[2];
    int rank, below, above, left, right;
    MPI_Datatype column;
};

static double *at(double *field, const struct tile *tile, int64_t j, int64_t i) { return &field[j * tile->strides[0] + i]; }

static struct tile make_tile(int64_t ny, int64_t nx)
{
    struct tile tile = {.plate = {ny, nx}};
    int ranks, along[2] = {0, 0}, closed[2] = {0, 0}, place[2];
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    MPI_Dims_create(ranks, 2, along);
    MPI_Cart_create(MPI_COMM_WORLD, 2, along, closed, 0, &tile.ranks);
    MPI_Comm_rank(tile.ranks, &tile.rank);
    MPI_Cart_coords(tile.ranks, tile.rank, 2, place);
    MPI_Cart_shift(tile.ranks, 0, 1, &tile.below, &tile.above);
    MPI_Cart_shift(tile.ranks, 1, 1, &tile.left, &tile.right);
    for (int axis = 0; axis < 2; axis++) {
        tile.start[axis] = tile.plate[axis] * place[axis] / along[axis];
        tile.shape[axis] = tile.plate[axis] * (place[axis] + 1) / along[axis] - tile.start[axis];
    }
    tile.strides[0] = tile.shape[1] + 2;
    tile.strides[1] = 1;
    MPI_Type_vector((int)tile.shape[0], 1, (int)tile.strides[0], MPI_DOUBLE, &tile.column);
    MPI_Type_commit(&tile.column);
    return tile;
}

/* Fills the ghost cells from the neighbours; those at the plate's edges, which has none, hold its temperature. */
static void exchange(double *u, const struct tile *tile)
{
    const int64_t ny = tile->shape[0], nx = tile->shape[1];
    const int row = (int)nx;
    MPI_Sendrecv(at(u, tile, ny, 1), row, MPI_DOUBLE, tile->above, 0, at(u, tile, 0, 1), row, MPI_DOUBLE, tile->below, 0,
                 tile->ranks, MPI_STATUS_IGNORE);
    MPI_Sendrecv(at(u, tile, 1, 1), row, MPI_DOUBLE, tile->below, 1, at(u, tile, ny + 1, 1), row, MPI_DOUBLE, tile->above, 1,
                 tile->ranks, MPI_STATUS_IGNORE);
    MPI_Sendrecv(at(u, tile, 1, nx), 1, tile->column, tile->right, 2, at(u, tile, 1, 0), 1, tile->column, tile->left, 2,
                 tile->ranks, MPI_STATUS_IGNORE);
    MPI_Sendrecv(at(u, tile, 1, 1), 1, tile->column, tile->left, 3, at(u, tile, 1, nx + 1), 1, tile->column, tile->right, 3,
                 tile->ranks, MPI_STATUS_IGNORE);
}

static void step(const double *old, double *new, const struct tile *tile, double rate)
{
    const int64_t row = tile->strides[0];
    for (int64_t j = 1; j <= tile->shape[0]; j++)
        for (int64_t i = 1; i <= tile->shape[1]; i++) {
            const double *u = &old[j * row + i];
            new[j * row + i] = u[0] + rate * (u[-1] + u[1] + u[-row] + u[row] - 4 * u[0]);
        }
}

/* The temperature in the middle of the plate, which one rank has, on all ranks. */
static double middle(double *field, const struct tile *tile)
{
    const int64_t j = tile->plate[0] / 2 - tile->start[0], i = tile->plate[1] / 2 - tile->start[1];
    double own = 0, whole;
    if (j >= 1 && j <= tile->shape[0] && i >= 1 && i <= tile->shape[1])
        own = *at(field, tile, j, i);
    MPI_Allreduce(&own, &whole, 1, MPI_DOUBLE, MPI_SUM, tile->ranks);
    return whole;
}

/* What is no block is written with equal arguments on all ranks. */
static void write_coordinate(h5sim_file file, const char *name, int64_t cells, double spacing, const char *attributes)
{
    double *middles = malloc((size_t)cells * sizeof *middles);
    for (int64_t i = 0; i < cells; i++)
        middles[i] = ((double)i + 0.5) * spacing;
    CHECK(h5sim_write(file, name, H5SIM_F64, 1, &cells, NULL, middles, attributes));
    free(middles);
}

/* [record] */
static void record(h5sim_file file, double *field, const struct tile *tile, int64_t done, double time)
{
    const double in_the_middle = middle(field, tile);
    CHECK(h5sim_append(file, "time", H5SIM_F64, 0, NULL, &time, "{\"dims\": [\"time\"], \"attrs\": {\"units\": \"s\"}}"));
    CHECK(h5sim_append_block(file, "temperature", H5SIM_F64, 2, tile->plate, tile->start, tile->shape, tile->strides,
                             at(field, tile, 1, 1), "{\"dims\": [\"time\", \"y\", \"x\"], \"attrs\": {\"units\": \"degC\"}}"));
    CHECK(h5sim_append(file, "middle", H5SIM_F64, 0, NULL, &in_the_middle,
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
    MPI_Init(&argc, &argv);
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
    struct tile tile = make_tile(ny, nx);

    char *json, *name;
    h5sim_file file;
    int32_t begun;
    CHECK(h5sim_json_dump(parameters, &json));
    CHECK(h5sim_json_hash_name(parameters, "heat_", 10, ".h5", &name));
    /* [open] */
    CHECK(h5sim_open_comm(name, "a", NULL, tile.ranks, &file));
    /* [end of open] */
    CHECK(h5sim_exists(file, "meta", &begun));
    if (begun != H5SIM_NONE)
        CHECK(h5sim_get_attr(file, "/", "steps_done", H5SIM_I64, 1, &done));
    if (done == steps) {
        if (tile.rank == 0)
            printf("%s is finished: nothing to do\n", name);
        CHECK(h5sim_close(file));
        MPI_Finalize();
        return EXIT_SUCCESS;
    }

    const size_t cells = (size_t)((tile.shape[0] + 2) * tile.strides[0]);
    double *field = malloc(cells * sizeof *field), *next = malloc(cells * sizeof *next);
    for (int64_t j = 0; j < tile.shape[0] + 2; j++)
        for (int64_t i = 0; i < tile.shape[1] + 2; i++)
            *at(field, &tile, j, i) = *at(next, &tile, j, i) = tile.start[1] + i == 0 ? hot : cold;
    if (begun == H5SIM_NONE) {
        CHECK(h5sim_write_json(file, "meta", json));
        CHECK(h5sim_set_attr_text(file, "/", "Conventions", "CF-1.11"));
        write_coordinate(file, "x", nx, spacing, "{\"attrs\": {\"units\": \"m\", \"axis\": \"X\"}}");
        write_coordinate(file, "y", ny, spacing, "{\"attrs\": {\"units\": \"m\", \"axis\": \"Y\"}}");
        record(file, field, &tile, done, 0);
        CHECK(h5sim_commit(file));
        if (tile.rank == 0)
            printf("%s is new\n", name);
    } else {
        /* [resume] */
        /* The last record, of which this rank reads its tile, whichever ranks wrote it. */
        int32_t dtype, rank;
        int64_t shape[H5SIM_MAX_RANK];
        CHECK(h5sim_info(file, "temperature", &dtype, &rank, shape));
        const int64_t start[3] = {shape[0] - 1, tile.start[0], tile.start[1]}, part[3] = {1, tile.shape[0], tile.shape[1]};
        const int64_t strides[3] = {0, tile.strides[0], 1};
        CHECK(h5sim_read_block(file, "temperature", H5SIM_F64, 3, start, part, strides, at(field, &tile, 1, 1)));
        /* [end of resume] */
        if (tile.rank == 0)
            printf("%s goes on after step %d\n", name, (int)done);
    }

    while (done < last) {
        exchange(field, &tile);
        step(field, next, &tile, diffusivity * time_step / (spacing * spacing));
        double *swap = field;
        field = next;
        next = swap;
        if (++done % every == 0 || done == steps) {
            /* [commit] */
            /* One commit of all ranks: a kill leaves all of the step or nothing. */
            record(file, field, &tile, done, (double)done * time_step);
            CHECK(h5sim_commit(file));
            /* [end of commit] */
            const double degrees = middle(field, &tile);
            if (tile.rank == 0)
                printf("step %4d, middle %.4f degrees\n", (int)done, degrees);
        }
    }
    CHECK(h5sim_close(file));
    CHECK(h5sim_json_free(parameters));
    h5sim_free(json);
    h5sim_free(name);
    free(field);
    free(next);
    free(input);
    MPI_Type_free(&tile.column);
    MPI_Comm_free(&tile.ranks);
    MPI_Finalize();
    return EXIT_SUCCESS;
}
