/* What programs get wrong: misuse CASE FOLDER. Every rank has to get an error that names the rank, and none may wait for ever; after
 * it the file has what it had, and takes what is right. */
#define _POSIX_C_SOURCE 200809L
#include "ranks.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

static char path[4096], other_path[4096];
static h5sim_file file;
static int64_t whole[2], start[2], own[2];
static double data[64];

static int is_last(void) { return rank_here == ranks_here - 1; }

static void open_new(void)
{
    SUCCEED(h5sim_open_comm(path, "w", NULL, MPI_COMM_WORLD, &file));
    /* A row for each rank. */
    whole[0] = ranks_here, whole[1] = 3;
    start[0] = rank_here, own[0] = 1, own[1] = 3;
    for (int at = 0; at < 64; at++)
        data[at] = rank_here * 100 + at;
    SUCCEED(h5sim_write_block(file, "u", H5SIM_F64, 2, whole, start, own, NULL, data, NULL));
    SUCCEED(h5sim_append_block(file, "s", H5SIM_F64, 2, whole, start, own, NULL, data, NULL));
    SUCCEED(h5sim_commit(file));
}

#define BLOCK(name, type, shape, options) h5sim_write_block(file, name, type, 2, shape, start, own, NULL, data, options)

/* What was there is there, what was refused is not, and what is right is taken. */
static void go_on(void)
{
    int64_t shape[32];
    int32_t dtype, rank, kind;
    double back[64];

    SUCCEED(h5sim_exists(file, "new", &kind));
    HOLDS(kind == H5SIM_NONE);
    SUCCEED(h5sim_info(file, "s", &dtype, &rank, shape));
    HOLDS(rank == 3 && shape[0] == 1);
    SUCCEED(h5sim_read_block(file, "u", H5SIM_F64, 2, start, own, NULL, back));
    HOLDS(memcmp(back, data, 3 * sizeof *data) == 0);
    SUCCEED(BLOCK("after", H5SIM_F64, whole, NULL));
    SUCCEED(h5sim_append_block(file, "s", H5SIM_F64, 2, whole, start, own, NULL, data, NULL));
    SUCCEED(h5sim_close(file));
    SUCCEED(h5sim_open_comm(path, "r", NULL, MPI_COMM_WORLD, &file));
    SUCCEED(h5sim_read_f64(file, "after", NULL, 64, back));
    for (int at = 0; at < ranks_here * 3; at++)
        HOLDS(back[at] == at / 3 * 100 + at % 3);
    SUCCEED(h5sim_info(file, "s", &dtype, &rank, shape));
    HOLDS(shape[0] == 2);
    SUCCEED(h5sim_close(file));
}

static void other_names(void)
{
    open_new();
    FAIL(H5SIM_ERR_ARGUMENT, "rank", BLOCK(is_last() ? "new" : "newer", H5SIM_F64, whole, NULL));
    go_on();
}

static void other_types(void)
{
    open_new();
    FAIL(H5SIM_ERR_ARGUMENT, "rank", BLOCK("new", is_last() ? H5SIM_F64 : H5SIM_I64, whole, NULL));
    go_on();
}

static void other_shapes(void)
{
    open_new();
    const int64_t larger[2] = {ranks_here + is_last(), 3};
    FAIL(H5SIM_ERR_ARGUMENT, "rank", BLOCK("new", H5SIM_F64, larger, NULL));
    go_on();
}

static void other_options(void)
{
    open_new();
    FAIL(H5SIM_ERR_ARGUMENT, "rank", BLOCK("new", H5SIM_F64, whole, is_last() ? "{\"dtype\": \"f4\"}" : NULL));
    go_on();
}

static void other_calls(void)
{
    open_new();
    if (is_last())
        FAIL(H5SIM_ERR_ARGUMENT, "rank", h5sim_commit(file));
    else
        FAIL(H5SIM_ERR_ARGUMENT, "rank", BLOCK("new", H5SIM_F64, whole, NULL));
    go_on();
}

static void other_attributes(void)
{
    open_new();
    FAIL(H5SIM_ERR_ARGUMENT, "rank", h5sim_set_attr_text(file, "u", is_last() ? "unit" : "name", "m"));
    FAIL(H5SIM_ERR_ARGUMENT, "rank", h5sim_create_group(file, is_last() ? "new" : "newer"));
    go_on();
}

/* One rank's argument makes no sense. */
static void one_outside(void)
{
    open_new();
    char name[40];
    snprintf(name, sizeof name, "rank %d", ranks_here - 1);
    start[0] += is_last();
    FAIL(H5SIM_ERR_SHAPE, name, BLOCK("new", H5SIM_F64, whole, NULL));
    FAIL(H5SIM_ERR_SHAPE, name, h5sim_append_block(file, "s", H5SIM_F64, 2, whole, start, own, NULL, data, NULL));
    start[0] -= is_last();
    go_on();
}

static void one_null(void)
{
    open_new();
    char name[40];
    snprintf(name, sizeof name, "rank %d", ranks_here - 1);
    FAIL(H5SIM_ERR_ARGUMENT, name,
         h5sim_write_block(file, "new", H5SIM_F64, 2, whole, start, own, NULL, is_last() ? NULL : data, NULL));
    FAIL(H5SIM_ERR_ARGUMENT, name, BLOCK(is_last() ? NULL : "new", H5SIM_F64, whole, NULL));
    FAIL(H5SIM_ERR_ARGUMENT, name, BLOCK("new", is_last() ? 99 : H5SIM_F64, whole, NULL));
    FAIL(H5SIM_ERR_ARGUMENT, name, BLOCK("new", H5SIM_F64, whole, is_last() ? "{\"chunkz\": 1}" : NULL));
    go_on();
}

/* Questions to the file, of which one rank's makes no sense. */
static void one_reads(void)
{
    open_new();
    char name[40], *text = NULL;
    double back[64];
    snprintf(name, sizeof name, "rank %d", ranks_here - 1);
    start[0] += is_last();
    FAIL(H5SIM_ERR_SHAPE, name, h5sim_read_block(file, "u", H5SIM_F64, 2, start, own, NULL, back));
    start[0] -= is_last();
    FAIL(H5SIM_ERR_ARGUMENT, name, h5sim_read_block(file, "u", H5SIM_F64, 2, start, own, NULL, is_last() ? NULL : back));
    FAIL(H5SIM_ERR_ARGUMENT, "rank", h5sim_read_block(file, is_last() ? "s" : "u", H5SIM_F64, 2, start, own, NULL, back));
    FAIL(H5SIM_ERR_SHAPE, name, h5sim_read_f64(file, "u", NULL, is_last() ? 1 : 64, back));
    FAIL(H5SIM_ERR_ARGUMENT, "rank", h5sim_read_f64(file, "u", is_last() ? "0" : "1", 64, back));
    FAIL(H5SIM_ERR_ARGUMENT, name, h5sim_read_f64(file, is_last() ? NULL : "u", NULL, 64, back));
    FAIL(H5SIM_ERR_ARGUMENT, name, h5sim_keys(file, "/", is_last() ? NULL : &text));
    FAIL(H5SIM_ERR_NOT_FOUND, "nothing", h5sim_read_f64(file, "nothing", NULL, 64, back));
    go_on();
}

/* Changes of what is there, of which one rank makes another one. */
static void other_changes(void)
{
    open_new();
    char name[40];
    snprintf(name, sizeof name, "rank %d", ranks_here - 1);
    FAIL(H5SIM_ERR_ARGUMENT, "rank", h5sim_delete(file, is_last() ? "u" : "s"));
    FAIL(H5SIM_ERR_ARGUMENT, "rank", h5sim_move(file, "u", is_last() ? "new" : "newer"));
    FAIL(H5SIM_ERR_ARGUMENT, "rank", h5sim_truncate(file, "s", is_last() ? 1 : 0));
    FAIL(H5SIM_ERR_ARGUMENT, "rank", h5sim_write_slice(file, "u", is_last() ? "0, 0" : "0, 1", H5SIM_F64, 1, data));
    FAIL(H5SIM_ERR_ARGUMENT, name, h5sim_write_slice(file, "u", "0, 0", H5SIM_F64, 1, is_last() ? NULL : data));
    FAIL(H5SIM_ERR_ARGUMENT, name, h5sim_write_text(file, "new", is_last() ? NULL : "x"));
    FAIL(H5SIM_ERR_ARGUMENT, "rank", h5sim_write_json(file, "new", is_last() ? "{" : "{}"));
    FAIL(H5SIM_ERR_ARGUMENT, name, h5sim_set_attr_text(file, is_last() ? NULL : "u", "unit", "m"));
    FAIL(H5SIM_ERR_ARGUMENT, name, h5sim_create(file, is_last() ? NULL : "new", H5SIM_F64, 2, whole, NULL));
    FAIL(H5SIM_ERR_ARGUMENT, name, h5sim_append(file, "new", is_last() ? 99 : H5SIM_F64, 0, NULL, data, NULL));
    if (is_last())
        FAIL(H5SIM_ERR_ARGUMENT, "rank", h5sim_append(file, "s", H5SIM_F64, 2, whole, data, NULL));
    else
        FAIL(H5SIM_ERR_ARGUMENT, "rank", h5sim_append_block(file, "s", H5SIM_F64, 2, whole, start, own, NULL, data, NULL));
    if (is_last())
        FAIL(H5SIM_ERR_ARGUMENT, "rank", h5sim_close(file));
    else
        FAIL(H5SIM_ERR_ARGUMENT, "rank", h5sim_commit(file));
    /* Two have the same row. */
    start[0] = 0;
    FAIL(H5SIM_ERR_SHAPE, "overlap", BLOCK("new", H5SIM_F64, whole, NULL));
    start[0] = rank_here;
    go_on();
}

static void other_records(void)
{
    open_new();
    whole[0]++;
    FAIL(H5SIM_ERR_SHAPE, "'s'", h5sim_append_block(file, "s", H5SIM_F64, 2, whole, start, own, NULL, data, NULL));
    FAIL(H5SIM_ERR_SHAPE, "'u'", BLOCK("u", H5SIM_F64, whole, NULL));
    whole[0]--;
    go_on();
}

static void other_openings(void)
{
    open_new();
    SUCCEED(h5sim_close(file));
    FAIL(H5SIM_ERR_ARGUMENT, "rank", h5sim_open_comm(is_last() ? path : other_path, "w-", NULL, MPI_COMM_WORLD, &file));
    FAIL(H5SIM_ERR_ARGUMENT, "rank", h5sim_open_comm(path, is_last() ? "r+" : "a", NULL, MPI_COMM_WORLD, &file));
    FAIL(H5SIM_ERR_ARGUMENT, "rank", h5sim_open_comm(path, is_last() ? "rw" : "r", NULL, MPI_COMM_WORLD, &file));
    FAIL(H5SIM_ERR_ARGUMENT, "rank", h5sim_open_comm(path, "r+", is_last() ? "{\"no\": 1}" : NULL, MPI_COMM_WORLD, &file));
    FAIL(H5SIM_ERR_EXISTS, path, h5sim_open_comm(path, "w-", NULL, MPI_COMM_WORLD, &file));
    SUCCEED(h5sim_open_comm(path, "r+", NULL, MPI_COMM_WORLD, &file));
    go_on();
}

/* Each rank opens the same name for itself. */
static void without_ranks(void)
{
    int32_t status = H5SIM_OK;
    for (int turn = 0; turn < ranks_here; turn++) {
        MPI_Barrier(MPI_COMM_WORLD);
        if (turn == rank_here)
            status = h5sim_open(path, "w", NULL, &file);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    HOLDS(status == (rank_here == 0 ? H5SIM_OK : H5SIM_ERR_LOCKED));
    HOLDS(rank_here == 0 || strstr(h5sim_last_error(), "h5sim_open_ranks") != NULL);
    if (rank_here == 0)
        SUCCEED(h5sim_close(file));
}

static void before_and_after_mpi(void)
{
    /* With a communicator of no ranks; see also main. */
    FAIL(H5SIM_ERR_IO, "cannot reach the other ranks", h5sim_open_comm(path, "w", NULL, MPI_COMM_NULL, &file));
    FAIL(H5SIM_ERR_ARGUMENT, "file", h5sim_open_comm(path, "w", NULL, MPI_COMM_WORLD, NULL));
    FAIL(H5SIM_ERR_ARGUMENT, "path", h5sim_open_comm(NULL, "w", NULL, MPI_COMM_WORLD, &file));
    open_new();
    go_on();
}

/* A disk that is full for one rank: its files may not become larger. */
static void one_full(void)
{
    open_new();
    const int64_t many[1] = {(int64_t)ranks_here << 18}, from[1] = {(int64_t)rank_here << 18}, count[1] = {1 << 18};
    double *large = calloc(1 << 18, sizeof *large);
    HOLDS(large != NULL);
    struct rlimit before, limit;
    getrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_IGN);
    limit = before;
    if (is_last())
        limit.rlim_cur = 1 << 20;
    HOLDS(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    char name[40];
    snprintf(name, sizeof name, "rank %d", ranks_here - 1);
    FAIL(H5SIM_ERR_IO, name, h5sim_write_block(file, "new", H5SIM_F64, 1, many, from, count, NULL, large, NULL));
    HOLDS(setrlimit(RLIMIT_FSIZE, &before) == 0);
    free(large);
    go_on();
}

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    {"other names", other_names},       {"other types", other_types},           {"other shapes", other_shapes},
    {"other options", other_options},   {"other calls", other_calls},           {"other attributes", other_attributes},
    {"one outside", one_outside},       {"one null", one_null},                 {"other records", other_records},
    {"other openings", other_openings}, {"without ranks", without_ranks},       {"before and after", before_and_after_mpi},
    {"one full", one_full},             {"one reads", one_reads},               {"other changes", other_changes},
};

int main(int argc, char **argv)
{
    /* Before MPI is there. */
    const int32_t early = h5sim_open_comm("early.h5", "w", NULL, MPI_COMM_WORLD, &file);
    if (early != H5SIM_ERR_IO || access("early.h5", F_OK) == 0)
        return 3;
    if (argc == 2 && strcmp(argv[1], "list") == 0) {
        for (size_t at = 0; at < sizeof cases / sizeof *cases; at++)
            puts(cases[at].name);
        return 0;
    }
    begin(&argc, &argv);
    HOLDS(argc == 3);
    snprintf(path, sizeof path, "%s/misuse.h5", argv[2]);
    snprintf(other_path, sizeof other_path, "%s/other.h5", argv[2]);
    int done = 0;
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        if (strcmp(cases[at].name, argv[1]) == 0) {
            cases[at].run();
            done = 1;
        }
    }
    HOLDS(done);
    MPI_Finalize();
    return h5sim_open_comm("late.h5", "w", NULL, MPI_COMM_WORLD, &file) == H5SIM_ERR_IO ? 0 : 4;
}
