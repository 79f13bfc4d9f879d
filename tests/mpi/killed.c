/* A rank that is killed in the middle of a step: killed STEP RANK FOLDER kills that one, or with RANK -1 goes on to STEP and reads
 * everything. Each step appends a record and rewrites a field, in blocks, and is committed. */
#define _POSIX_C_SOURCE 200809L
#include "ranks.h"

#include <signal.h>

enum { CELLS = 60 };

int main(int argc, char **argv)
{
    begin(&argc, &argv);
    HOLDS(argc == 4);
    const int last = atoi(argv[1]), victim = atoi(argv[2]);
    char path[4096];
    h5sim_file file = 0;
    const int64_t whole[1] = {CELLS}, start[1] = {CELLS * rank_here / ranks_here};
    const int64_t own[1] = {CELLS * (rank_here + 1) / ranks_here - start[0]};
    int64_t shape[32] = {0};
    int32_t kind, dtype, rank;

    snprintf(path, sizeof path, "%s/killed.h5", argv[3]);
    SUCCEED(h5sim_open_comm(path, "a", NULL, MPI_COMM_WORLD, &file));
    SUCCEED(h5sim_exists(file, "s", &kind));
    if (kind == H5SIM_DATASET)
        SUCCEED(h5sim_info(file, "s", &dtype, &rank, shape));
    /* The commit that was under way is there as a whole or not at all, of all ranks. */
    const int64_t done = shape[0];
    printf("rank %d finds %d steps\n", rank_here, (int)done);
    double values[CELLS];
    if (done > 0) {
        SUCCEED(h5sim_read_f64(file, "u", NULL, CELLS, values));
        for (int cell = 0; cell < CELLS; cell++)
            HOLDS(values[cell] == (double)(1000 * (done - 1) + cell));
    }
    for (int64_t step = 0; step < done; step++) {
        const int64_t from[2] = {step, 0}, record[2] = {1, CELLS};
        SUCCEED(h5sim_read_block(file, "s", H5SIM_F64, 2, from, record, NULL, values));
        for (int cell = 0; cell < CELLS; cell++)
            HOLDS(values[cell] == (double)(1000 * step + cell));
    }
    for (int64_t step = done; step < last; step++) {
        for (int64_t cell = 0; cell < own[0]; cell++)
            values[cell] = (double)(1000 * step + start[0] + cell);
        SUCCEED(h5sim_append_block(file, "s", H5SIM_F64, 1, whole, start, own, NULL, values, NULL));
        if (step == last - 1 && rank_here == victim)
            raise(SIGKILL);
        SUCCEED(h5sim_write_block(file, "u", H5SIM_F64, 1, whole, start, own, NULL, values, NULL));
        SUCCEED(h5sim_commit(file));
    }
    SUCCEED(h5sim_close(file));
    MPI_Finalize();
    return 0;
}
