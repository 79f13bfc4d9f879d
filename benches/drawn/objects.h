/* A piece of work that is drawn from a seed: a tree of groups, datasets and attributes, and what is done to its objects. */
#ifndef BENCHES_OBJECTS_H
#define BENCHES_OBJECTS_H

#include "bench.h"
#include <stdbool.h>
#include <string.h>

#define MOST_STEPS 2000
#define MOST_OBJECTS 4000
#define MOST_KINDS 3
#define MOST_ATTRIBUTES 12
#define LONGEST 64

enum kind {
    ADD,          /* a new dataset */
    OVERWRITE,    /* a whole dataset */
    READ,         /* a whole dataset */
    APPEND,       /* a record to the group's series */
    ADD_NUMBER,   /* a new attribute */
    ADD_TEXT,
    SET_NUMBER,   /* an attribute that is there */
    SET_TEXT,
    GET_NUMBER,
    GET_TEXT,
    EXISTS,       /* of a dataset, and of one that is not there */
    SHAPE,
    LIST,         /* the names in a group */
    NEW_GROUP,    /* with a dataset */
    DELETE,       /* a dataset, which is written anew */
    MOVE,         /* a dataset, there and back */
    LINK,         /* a soft link to a dataset */
    KINDS
};
static const char *const kind_names[KINDS] = {"add", "overwrite", "read", "append", "add number", "add text", "set number", "set text",
                                              "get number", "get text", "exists", "shape", "list", "new group", "delete", "move", "link"};

/* A new file, one that is opened again for writing, one that is only read, one opened again without a journal. */
enum mode { NEW, AGAIN, READING, NONE };

struct work {
    enum mode mode;
    int groups, datasets; /* datasets in each group */
    int attributes;       /* a number and a text each, of each group, or of each dataset */
    bool of_datasets;
    bool deep;            /* groups lie in groups of ten */
    bool anywhere;        /* objects in any order */
    int elements;         /* of a dataset */
    int kinds;
    enum kind done[MOST_KINDS];
    int steps;
    int commits; /* after so many steps; 0 is never */
};

static inline int below(uint64_t *state, int bound)
{
    return (int)(draw(state) % (uint64_t)bound);
}

static inline int least(int one, int other)
{
    return one < other ? one : other;
}

static inline bool only_reads(enum kind kind)
{
    return kind == READ || kind == GET_NUMBER || kind == GET_TEXT || kind == EXISTS || kind == SHAPE || kind == LIST;
}

/* Whether the kind with a number is one of those before it. */
static inline bool is_done(const struct work *work, int number)
{
    for (int i = 0; i < number; i++)
        if (work->done[i] == work->done[number])
            return true;
    return false;
}

static inline struct work drawn(uint64_t seed)
{
    uint64_t state = SEED ^ (seed * 0x9E3779B97F4A7C15ULL);
    for (int i = 0; i < 8; i++)
        draw(&state);
    struct work work = {.mode = (enum mode)below(&state, 4)};
    work.groups = 1 + below(&state, 1 << below(&state, 11));
    work.datasets = least(1 + below(&state, 1 << below(&state, 8)), MOST_OBJECTS / work.groups);
    work.attributes = 1 + below(&state, below(&state, 2) ? MOST_ATTRIBUTES : 2);
    work.of_datasets = below(&state, 2);
    work.deep = below(&state, 2);
    work.anywhere = below(&state, 2);
    work.elements = 1 + below(&state, 1 << below(&state, 12));
    work.kinds = 1 + below(&state, MOST_KINDS);
    work.steps = 100 + below(&state, MOST_STEPS - 100);
    bool writes = false;
    for (int i = 0; i < work.kinds; i++) {
        do
            work.done[i] = (enum kind)below(&state, KINDS);
        while ((work.mode == READING && !only_reads(work.done[i])) || is_done(&work, i));
        writes = writes || !only_reads(work.done[i]);
        /* A listing of many names takes long with both. */
        if (work.done[i] == LIST)
            work.steps = least(work.steps, 200);
    }
    if (writes && work.mode != NONE && below(&state, 3) == 0)
        work.commits = 1 + below(&state, 50);
    return work;
}

/* A step is of one group and one of its datasets. */
struct place {
    int step, group, dataset;
};

static inline struct place place_of(const struct work *work, int step, uint64_t *state)
{
    int all = work->groups * work->datasets, which = work->anywhere ? below(state, all) : step % all;
    /* Forwards all groups get a step, and then all again, as fields that are written each time step. */
    return (struct place){.step = step, .group = which % work->groups, .dataset = which / work->groups};
}

static inline void group_path(const struct work *work, int group, char *path)
{
    if (work->deep)
        snprintf(path, LONGEST, "run%d/part%d", group / 10, group % 10);
    else
        snprintf(path, LONGEST, "part%d", group);
}

/* The text of an attribute at a step; all have the same length. */
static inline const char *text_at(int step)
{
    return name("kg m s-%05d", step);
}

/* Tells the harness what the work is, in words, and what passed since begin(). */
static inline void tell(const struct work *work)
{
    double passed = now() - *began();
    static const char *const modes[] = {"w", "r+", "r", "r+ none"};
    printf("%.9g %s: %d steps of", passed, modes[work->mode], work->steps);
    for (int i = 0; i < work->kinds; i++)
        printf("%s %s", i == 0 ? "" : ",", kind_names[work->done[i]]);
    printf("; %d%s groups of %d datasets of %d, %d + %d attributes of %s, %s", work->groups, work->deep ? " deep" : "", work->datasets,
           work->elements, work->attributes, work->attributes, work->of_datasets ? "datasets" : "groups",
           work->anywhere ? "anywhere" : "forwards");
    if (work->commits > 0)
        printf(", a commit each %d", work->commits);
    printf("\n");
}

#endif
