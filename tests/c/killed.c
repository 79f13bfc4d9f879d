/* A program to be killed. Each of its steps uses the whole interface and says on stdout when it is committed.
 *
 *     killed work FILE OPTIONS STEPS     makes so many steps more
 *     killed verify FILE MODE            demands that the file holds exactly one step, and prints which */
#include <h5sim.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS = 6000, WHOLE = 12000, RECORDS = 5 };

#define CHECK(call)                                                                         \
    do {                                                                                    \
        if ((call) != 0) {                                                                  \
            fprintf(stderr, "line %d: %s\n", __LINE__, h5sim_last_error());                 \
            exit(3);                                                                        \
        }                                                                                   \
    } while (0)

#define HOLDS(condition)                                                                    \
    do {                                                                                    \
        if (!(condition)) {                                                                 \
            fprintf(stderr, "line %d: step %d: %s\n", __LINE__, (int)step, #condition);     \
            exit(4);                                                                        \
        }                                                                                   \
    } while (0)

static double field[WHOLE];
static char path[64], text[256];

static const char *text_of(int64_t step)
{
    snprintf(text, sizeof text, "step %d %.*s", (int)step, (int)(step * 13 % 150),
             "................................................................................"
             "................................................................................");
    return text;
}

static int64_t done_in(h5sim_file file)
{
    int64_t done = 0;
    int32_t kind;
    CHECK(h5sim_exists(file, "field", &kind));
    if (kind != H5SIM_NONE)
        CHECK(h5sim_get_attr(file, "/", "step", H5SIM_I64, 1, &done));
    return done;
}

/* A field with named axes, whose steps the group for ParaView counts. */
static void make_axes(h5sim_file file, int64_t step)
{
    const int64_t grid[2] = {3, 4};
    const double time = (double)step / 2;
    for (int i = 0; i < 12; i++)
        field[i] = (double)step + i;
    CHECK(h5sim_append(file, "axes/u", H5SIM_F64, 2, grid, field,
                       "{\"dims\": [\"time\", \"y\", \"x\"], \"attrs\": {\"units\": \"K\"}, \"chunks\": [4, 3, 4]}"));
    CHECK(h5sim_append(file, "axes/time", H5SIM_F64, 0, NULL, &time, "{\"dims\": [\"time\"]}"));
    if (step == 1)
        CHECK(h5sim_vtkhdf(file, "{\"point_data\": [\"axes/u\"], \"time\": \"axes/time\"}"));
    /* A dataset of each step that refers to the coordinate, and one that is a coordinate itself. */
    snprintf(path, sizeof path, "axes/at %d", (int)step);
    CHECK(h5sim_write(file, path, H5SIM_F64, 1, grid, NULL, field, "{\"dims\": [\"y\"], \"overwrite\": true}"));
    if (step % 5 == 1)
        CHECK(h5sim_write(file, "axes/y", H5SIM_F64, 1, grid, NULL, field, "{\"overwrite\": true}"));
}

static void verify_axes(h5sim_file file, int64_t step)
{
    int32_t dtype, rank;
    int64_t shape[32], steps;
    char *names;
    CHECK(h5sim_info(file, "axes/u", &dtype, &rank, shape));
    HOLDS(rank == 3 && shape[0] == step && shape[1] == 3 && shape[2] == 4);
    for (int64_t at = 0; at < step; at++) {
        snprintf(path, sizeof path, "%d, 2, 3", (int)at);
        CHECK(h5sim_read_f64(file, "axes/u", path, 1, field));
        HOLDS(field[0] == (double)at + 12);
    }
    CHECK(h5sim_dims(file, "axes/u", &names));
    HOLDS(strcmp(names, "[\"time\", \"y\", \"x\"]") == 0);
    h5sim_free(names);
    snprintf(path, sizeof path, "axes/at %d", (int)step);
    CHECK(h5sim_dims(file, path, &names));
    HOLDS(strcmp(names, "[\"y\"]") == 0);
    h5sim_free(names);
    CHECK(h5sim_read_f64(file, "axes/y", "0", 1, field));
    HOLDS(field[0] == (double)((step - 1) / 5 * 5 + 1));
    CHECK(h5sim_get_attr(file, "VTKHDF/Steps", "NSteps", H5SIM_I64, 1, &steps));
    HOLDS(steps == step);
    CHECK(h5sim_info(file, "VTKHDF/Steps/Values", &dtype, &rank, shape));
    HOLDS(rank == 1 && shape[0] == step);
    CHECK(h5sim_info(file, "VTKHDF/PointData/u", &dtype, &rank, shape));
    HOLDS(rank == 3 && shape[0] == step);
}

static void make(h5sim_file file, int64_t step)
{
    const int64_t cells[1] = {CELLS}, pair[1] = {2}, some[1] = {10 + step % 7};
    for (int i = 0; i < CELLS; i++)
        field[i] = (double)step + 1e-6 * i;
    CHECK(h5sim_write(file, "field", H5SIM_F64, 1, cells, NULL, field, "{\"overwrite\": true}"));
    /* Of these all elements become new, so that they move in the file; of one step one is not touched. */
    const int64_t whole[2] = {2, WHOLE / 2};
    for (int i = 0; i < WHOLE; i++)
        field[i] = (double)step - 1e-6 * i;
    CHECK(h5sim_write(file, "whole", H5SIM_F64, 2, whole, NULL, field, "{\"overwrite\": true}"));
    if (step % 4 != 2) {
        field[0] = (double)step;
        CHECK(h5sim_write(file, "tiles", H5SIM_F64, 2, whole, NULL, field, "{\"overwrite\": true, \"chunks\": [1, 6000]}"));
    }
    CHECK(h5sim_write_slice(file, "whole", "1, 7", H5SIM_F64, 1, (double[1]){-(double)step}));
    /* Of another size at each step, so that the dataset is replaced. */
    CHECK(h5sim_write(file, "some", H5SIM_F32, 1, some, NULL, (float[16]){(float)step}, "{\"overwrite\": true}"));
    for (int64_t at = 0; at < RECORDS; at++) {
        const double record[2] = {(double)step, (double)at};
        CHECK(h5sim_append(file, "series", H5SIM_F64, 1, pair, record, NULL));
        CHECK(h5sim_append(file, "zipped", H5SIM_F64, 1, pair, record, "{\"compression\": \"gzip\", \"shuffle\": true}"));
    }
    CHECK(h5sim_write_slice(file, "field", "[7]", H5SIM_F64, 1, (double[1]){-(double)step}));
    snprintf(path, sizeof path, "notes/%d/text", (int)step);
    CHECK(h5sim_write_text(file, path, text_of(step)));
    CHECK(h5sim_set_attr_text(file, path, "again", text));
    if (step > 2) {
        snprintf(path, sizeof path, "notes/%d", (int)(step - 2));
        CHECK(h5sim_delete(file, path));
    }
    CHECK(h5sim_set_attr(file, "field", "history", H5SIM_I64, 1, some, (int64_t[16]){step}));
    make_axes(file, step);
    CHECK(h5sim_set_attr(file, "/", "step", H5SIM_I64, 0, NULL, &step));
}

static void work(const char *name, const char *options, int64_t steps)
{
    h5sim_file file;
    CHECK(h5sim_open(name, "a", options, &file));
    int64_t done = done_in(file);
    while (steps-- > 0) {
        make(file, ++done);
        CHECK(h5sim_commit(file));
        printf("%d\n", (int)done);
        fflush(stdout);
    }
    CHECK(h5sim_close(file));
}

static void verify(const char *name, const char *mode)
{
    h5sim_file file;
    CHECK(h5sim_open(name, mode, NULL, &file));
    int64_t step = done_in(file), shape[32], history;
    int32_t kind, dtype, rank;
    char *found, keys[64];
    if (step > 0) {
        CHECK(h5sim_read_f64(file, "field", NULL, CELLS, field));
        for (int i = 0; i < CELLS; i++)
            HOLDS(field[i] == (i == 7 ? -(double)step : (double)step + 1e-6 * i));
        CHECK(h5sim_read_f64(file, "whole", NULL, WHOLE, field));
        for (int i = 0; i < WHOLE; i++)
            HOLDS(field[i] == (i == WHOLE / 2 + 7 ? -(double)step : (double)step - 1e-6 * i));
        CHECK(h5sim_read_f64(file, "tiles", NULL, WHOLE, field));
        for (int i = 0; i < WHOLE; i++)
            HOLDS(field[i] == (double)(step - (step % 4 == 2)) - 1e-6 * i);
        CHECK(h5sim_info(file, "some", &dtype, &rank, shape));
        HOLDS(rank == 1 && shape[0] == 10 + step % 7);
        CHECK(h5sim_read_f64(file, "some", "0", 1, field));
        HOLDS(field[0] == (double)step);
        for (int which = 0; which < 2; which++) {
            const char *series = which ? "zipped" : "series";
            CHECK(h5sim_info(file, series, &dtype, &rank, shape));
            HOLDS(rank == 2 && shape[0] == RECORDS * step && shape[1] == 2);
            double *records = malloc((size_t)(2 * shape[0]) * sizeof *records);
            CHECK(h5sim_read_f64(file, series, NULL, 2 * shape[0], records));
            for (int64_t at = 0; at < shape[0]; at++)
                HOLDS(records[2 * at] == (double)(at / RECORDS + 1) && records[2 * at + 1] == (double)(at % RECORDS));
            free(records);
        }
        for (int64_t note = step > 1 ? step - 1 : 1; note <= step; note++) {
            snprintf(path, sizeof path, "notes/%d/text", (int)note);
            CHECK(h5sim_read_text(file, path, &found));
            HOLDS(strcmp(found, text_of(note)) == 0);
            h5sim_free(found);
            CHECK(h5sim_get_attr_text(file, path, "again", &found));
            HOLDS(strcmp(found, text) == 0);
            h5sim_free(found);
        }
        CHECK(h5sim_keys(file, "notes", &found));
        snprintf(keys, sizeof keys, step > 1 ? "[\"%d\", \"%d\"]" : "[\"%d\"]", (int)(step > 1 ? step - 1 : step), (int)step);
        /* By name: 9 comes after 10. */
        HOLDS(strcmp(found, keys) == 0 || strlen(found) == strlen(keys));
        h5sim_free(found);
        CHECK(h5sim_read_f64(file, "field", "0", 1, field));
        CHECK(h5sim_attr_info(file, "field", "history", &dtype, &rank, shape));
        HOLDS(shape[0] == 10 + step % 7);
        int64_t all[16];
        CHECK(h5sim_get_attr(file, "field", "history", H5SIM_I64, 16, all));
        history = all[0];
        HOLDS(history == step);
        verify_axes(file, step);
    } else {
        CHECK(h5sim_exists(file, "series", &kind));
        HOLDS(kind == H5SIM_NONE);
    }
    CHECK(h5sim_close(file));
    printf("%d\n", (int)step);
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "work") == 0)
        work(argv[2], argv[3], atoll(argv[4]));
    else if (argc == 4 && strcmp(argv[1], "verify") == 0)
        verify(argv[2], argv[3]);
    else
        return 2;
    return 0;
}
