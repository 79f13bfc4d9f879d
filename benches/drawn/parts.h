/* A piece of work that is drawn from a seed: a dataset, and parts of it that are written, read, or read and written. */
#ifndef BENCHES_PARTS_H
#define BENCHES_PARTS_H

#include "bench.h"
#include <stdbool.h>
#include <string.h>

#define MOST_AXES 3
/* What the parts of one piece of work have together, about, and the most of them. */
#define BYTES (8LL << 20)
#define MOST_PARTS 3000
/* The elements of a chunk. */
#define LEAST_IN_CHUNK 256
#define MOST_IN_CHUNK (1LL << 19)

enum operation { WRITE, READ, CHANGE };
enum order { FORWARDS, ANYWHERE, BACKWARDS };
/* A new file, one that is opened again for writing, one that is only read, one opened again without a journal. */
enum mode { NEW, AGAIN, READING, NONE };

static const char *const type_names[] = {"f8", "f4", "i4", "i2", "u1"};
static const int type_sizes[] = {8, 4, 4, 2, 1};

struct work {
    int rank;
    int64_t shape[MOST_AXES], chunk[MOST_AXES], part[MOST_AXES];
    bool is_chunked, shuffles;
    int level;  /* of gzip; 0 is none */
    int stored, given; /* types, in the file and in memory */
    enum operation operation;
    enum order order;
    enum mode mode;
    int parts;   /* how many */
    int repeats; /* how often all of them */
    int step;    /* between the elements along the last axis */
    int commits; /* after so many parts; 0 is never */
};

/* A part: where it begins, how many elements, how far apart. */
struct part {
    int64_t start[MOST_AXES], count[MOST_AXES], step[MOST_AXES];
    int64_t elements;
};

static inline int64_t below(uint64_t *state, int64_t bound)
{
    return (int64_t)(draw(state) % (uint64_t)bound);
}

static inline int64_t least(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

/* Elements of an array of these extents. */
static inline int64_t all_of(int rank, const int64_t *extents)
{
    int64_t all = 1;
    for (int axis = 0; axis < rank; axis++)
        all *= extents[axis];
    return all;
}

/* Extents that have about so many elements together, most of them no powers of two. */
static inline void draw_shape(struct work *work, uint64_t *state)
{
    int64_t left = 1LL << (14 + below(state, 8));
    for (int axis = 0; axis < work->rank; axis++) {
        int64_t extent = left;
        if (axis < work->rank - 1) {
            int bits = 0;
            while ((1LL << bits) < left)
                bits++;
            extent = least(left, 1LL << below(state, bits / (work->rank - axis) * 2 + 1));
        }
        work->shape[axis] = extent - (extent > 8 ? below(state, 3) : 0);
        left = left / extent > 0 ? left / extent : 1;
    }
}

/* A part of an extent: all of it, one index, a few, or any number. */
static inline int64_t draw_extent(int64_t extent, int few, bool may_be_one, uint64_t *state)
{
    switch (below(state, 4)) {
    case 0: return extent;
    case 1: return may_be_one ? 1 : 1 + below(state, extent);
    case 2: return 1 + below(state, extent);
    default: return 1 + below(state, least(extent, few));
    }
}

static inline struct work drawn(uint64_t seed)
{
    uint64_t state = SEED ^ (seed * 0x9E3779B97F4A7C15ULL);
    for (int i = 0; i < 8; i++)
        draw(&state);
    struct work work = {.rank = 1 + (int)below(&state, MOST_AXES)};
    draw_shape(&work, &state);
    work.is_chunked = below(&state, 3) > 0;
    do {
        for (int axis = 0; axis < work.rank; axis++)
            work.chunk[axis] = draw_extent(work.shape[axis], 64, false, &state);
    } while (all_of(work.rank, work.chunk) < LEAST_IN_CHUNK || all_of(work.rank, work.chunk) > MOST_IN_CHUNK);
    work.level = work.is_chunked && below(&state, 2) ? 1 + (int)below(&state, 4) : 0;
    work.shuffles = work.level > 0 && below(&state, 2);
    work.stored = below(&state, 3) ? 0 : (int)below(&state, 5);
    work.given = below(&state, 4) ? work.stored : 0;
    for (int axis = 0; axis < work.rank; axis++)
        work.part[axis] = draw_extent(work.shape[axis], 32, true, &state);
    work.operation = (enum operation)below(&state, 3);
    work.order = (enum order)below(&state, 3);
    work.mode = (enum mode)below(&state, 4);
    if (work.operation != READ && work.mode == READING)
        work.mode = AGAIN;
    if (work.operation != READ && work.mode != NONE && below(&state, 3) == 0)
        work.commits = 1 + (int)below(&state, 50);
    work.step = below(&state, 5) ? 1 : 2 + (int)below(&state, 3);
    work.repeats = below(&state, 3) ? 1 : 2;
    int64_t parts = BYTES / 8 / all_of(work.rank, work.part);
    work.parts = (int)least(parts > 0 ? parts : 1, MOST_PARTS);
    return work;
}

/* The part with this number; `state` is where those anywhere are drawn from. */
static inline struct part part_of(const struct work *work, int number, uint64_t *state)
{
    struct part part;
    int64_t tiles[MOST_AXES], last = work->rank - 1;
    for (int axis = 0; axis < work->rank; axis++) {
        part.step[axis] = 1;
        part.count[axis] = work->part[axis];
        tiles[axis] = work->shape[axis] / work->part[axis];
    }
    if (work->part[last] > work->step) {
        part.step[last] = work->step;
        part.count[last] = (work->part[last] - 1) / work->step + 1;
    }
    int64_t all = all_of(work->rank, tiles), tile = number % all;
    if (work->order == BACKWARDS)
        tile = all - 1 - tile;
    for (int axis = (int)last; axis >= 0; axis--) {
        part.start[axis] = work->order == ANYWHERE ? below(state, work->shape[axis] - work->part[axis] + 1)
                                                   : tile % tiles[axis] * work->part[axis];
        tile /= tiles[axis];
    }
    part.elements = all_of(work->rank, part.count);
    return part;
}

/* Numbers for all of the dataset, in the type that they have in memory. */
static inline void *values(const struct work *work)
{
    int64_t all = all_of(work->rank, work->shape);
    char *data = calloc((size_t)all, 8);
    MUST(data != NULL);
    uint64_t state = SEED;
    for (int64_t i = 0; i < all; i++) {
        int number = (int)((7 * i + below(&state, 16)) % 100);
        if (work->given == 0)
            ((double *)data)[i] = number;
        else
            data[i * type_sizes[work->given]] = (char)number;
    }
    return data;
}

static inline void show_extents(const char *what, int rank, const int64_t *extents)
{
    printf(" %s", what);
    for (int axis = 0; axis < rank; axis++)
        printf("%s%lld", axis == 0 ? "(" : ", ", (long long)extents[axis]);
    printf(")");
}

/* Tells the harness what the work is, in words, and what passed since begin(). */
static inline void tell(const struct work *work)
{
    double passed = now() - *began();
    static const char *const operations[] = {"write", "read", "change"}, *const modes[] = {"w", "r+", "r", "r+ none"};
    static const char *const orders[] = {"forwards", "anywhere", "backwards"};
    printf("%.9g %s %s", passed, operations[work->operation], modes[work->mode]);
    show_extents(type_names[work->stored], work->rank, work->shape);
    if (work->given != work->stored)
        printf(" as %s", type_names[work->given]);
    if (work->is_chunked)
        show_extents("in chunks", work->rank, work->chunk);
    if (work->level > 0)
        printf(" gzip %d%s", work->level, work->shuffles ? " + shuffle" : "");
    printf(", %d parts", work->parts);
    show_extents("of", work->rank, work->part);
    if (work->step > 1)
        printf(" each %d", work->step);
    printf(" %s%s", orders[work->order], work->repeats > 1 ? ", twice" : "");
    if (work->commits > 0)
        printf(", a commit each %d", work->commits);
    printf("\n");
}

#endif
