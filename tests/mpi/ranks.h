/* What the tests with MPI share: checks that name the rank, random numbers that are the same on all ranks, and blocks. */
#ifndef TESTS_MPI_RANKS_H
#define TESTS_MPI_RANKS_H

#include <h5sim_mpi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_AXES = 4 };

static int rank_here, ranks_here;

/* Ends all ranks where something is not as it should be: one alone would keep the others waiting. */
static inline void fail_here(int line, const char *code, const char *why)
{
    fprintf(stderr, "rank %d of %d, line %d: %s\n    %s\n", rank_here, ranks_here, line, code, why);
    fflush(stderr);
    MPI_Abort(MPI_COMM_WORLD, 1);
}

#define SUCCEED(call)                                                          \
    do {                                                                       \
        if ((call) != H5SIM_OK)                                                \
            fail_here(__LINE__, #call, h5sim_last_error());                    \
    } while (0)
#define HOLDS(condition)                                                       \
    do {                                                                       \
        if (!(condition))                                                      \
            fail_here(__LINE__, #condition, "does not hold");                  \
    } while (0)
/* A failure on all ranks, with that status and words in its sentence. */
#define FAIL(status, words, call)                                              \
    do {                                                                       \
        const int32_t given = (call);                                          \
        char why[2000];                                                        \
        snprintf(why, sizeof why, "%s: %.1800s", h5sim_status_name(given), given ? h5sim_last_error() : "it succeeded"); \
        if (given != (status) || strstr(h5sim_last_error(), (words)) == NULL)  \
            fail_here(__LINE__, #call, why);                                   \
    } while (0)

static inline void begin(int *argc, char ***argv)
{
    MPI_Init(argc, argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_here);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks_here);
}

/* splitmix64: the same numbers on all ranks, which all draw them in the same order. */
static uint64_t random_state;

static inline uint64_t random_bits(void)
{
    uint64_t z = (random_state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* A number from least to most, both included. */
static inline int64_t random_from(int64_t least, int64_t most)
{
    return least + (int64_t)(random_bits() % (uint64_t)(most - least + 1));
}

static inline int random_is(double probability) { return (double)(random_bits() >> 11) * 0x1p-53 < probability; }

/* A part of an array. */
struct block {
    int rank;
    int64_t start[MOST_AXES], shape[MOST_AXES];
};

static inline int64_t elements_of(int rank, const int64_t *shape)
{
    int64_t count = 1;
    for (int axis = 0; axis < rank; axis++)
        count *= shape[axis];
    return count;
}

/* Cuts a block into as many as there are, some of which have nothing, and puts them to `into`. */
static inline void cut(struct block whole, int parts, struct block *into)
{
    if (parts == 1) {
        *into = whole;
        return;
    }
    const int few = parts / 2, axis = (int)random_from(0, whole.rank - 1);
    const int64_t at = random_from(0, whole.shape[axis]);
    struct block first = whole, second = whole;
    first.shape[axis] = at;
    second.start[axis] += at;
    second.shape[axis] -= at;
    cut(first, few, into);
    cut(second, parts - few, into + few);
}

/* This rank's block of an array of that shape, cut at random, or with everything on one rank now and then. Of an array of rank 0 all
 * have the one element. */
static inline struct block block_here(int rank, const int64_t *shape)
{
    static struct block all[1024];
    struct block whole = {.rank = rank};
    HOLDS(ranks_here <= 1024);
    memcpy(whole.shape, shape, (size_t)rank * sizeof *shape);
    if (rank == 0)
        return whole;
    if (random_is(0.1)) {
        const int owner = (int)random_from(0, ranks_here - 1);
        for (int other = 0; other < ranks_here; other++) {
            all[other] = whole;
            if (other != owner)
                all[other].shape[0] = 0;
        }
    } else {
        cut(whole, ranks_here, all);
        /* In any order. */
        for (int other = ranks_here - 1; other > 0; other--) {
            const int with = (int)random_from(0, other);
            const struct block kept = all[other];
            all[other] = all[with];
            all[with] = kept;
        }
    }
    return all[rank_here];
}

/* Memory of doubles for a block, within other cells and in any order of axes. */
struct cells {
    double *memory, *first;
    int64_t count, strides[MOST_AXES];
};

static inline struct cells cells_for(const struct block *block)
{
    struct cells cells = {.count = 1};
    int64_t before[MOST_AXES], order[MOST_AXES] = {0, 1, 2, 3}, first = 0;
    const int is_column_major = random_is(0.5);
    for (int at = 0; at < block->rank; at++) {
        /* The axis that comes next, from the one whose elements are closest. */
        const int axis = is_column_major ? at : block->rank - 1 - at;
        order[at] = axis;
        before[axis] = random_from(0, 2);
    }
    for (int at = 0; at < block->rank; at++) {
        const int64_t axis = order[at], after = random_from(0, 2);
        cells.strides[axis] = cells.count;
        first += before[axis] * cells.count;
        cells.count *= before[axis] + block->shape[axis] + after;
    }
    cells.memory = malloc((size_t)(cells.count + 1) * sizeof *cells.memory);
    HOLDS(cells.memory != NULL);
    for (int64_t at = 0; at < cells.count; at++)
        cells.memory[at] = -77;
    cells.first = cells.memory + first;
    return cells;
}

/* Calls with each element of a block: its place in memory, and its number in the whole array in C order. */
static inline void each_element(const struct block *block, const int64_t *shape, const struct cells *cells,
                         void (*visit)(double *element, int64_t number, const void *about), const void *about)
{
    const int64_t count = elements_of(block->rank, block->shape);
    for (int64_t at = 0; at < count; at++) {
        int64_t rest = at, number = 0, step = 1;
        double *element = cells->first;
        for (int axis = block->rank - 1; axis >= 0; axis--) {
            const int64_t index = rest % block->shape[axis];
            rest /= block->shape[axis];
            element += index * cells->strides[axis];
            number += (block->start[axis] + index) * step;
            step *= shape[axis];
        }
        visit(element, number, about);
    }
}

#endif
