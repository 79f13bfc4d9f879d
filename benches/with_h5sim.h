/* What the programs that call h5sim share. */
#ifndef BENCHES_WITH_H5SIM_H
#define BENCHES_WITH_H5SIM_H

#include "field.h"
#include <h5sim.h>
#include <string.h>

/* Nothing may fail; `call` is a call of h5sim, whose sentence is shown if it does. */
#define OK(call)                                                                               \
    do {                                                                                       \
        if ((call) != 0) {                                                                     \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, h5sim_last_error()); \
            exit(1);                                                                           \
        }                                                                                      \
    } while (0)

/* The library is loaded and set up: no work pays for that. */
static inline void ready(void)
{
    MUST(h5sim_hdf5_version() != NULL);
}

static inline h5sim_file opened(const char *path, const char *mode, const char *options)
{
    h5sim_file file;
    OK(h5sim_open(path, mode, options, &file));
    return file;
}

/* How many elements a part has. */
static inline int64_t elements(int rank, const int64_t *count)
{
    int64_t product = 1;
    for (int axis = 0; axis < rank; axis++)
        product *= count[axis];
    return product;
}

/* Writes a part of a dataset of double. */
static inline void put(h5sim_file file, const char *path, int rank, const int64_t *start, const int64_t *count, const double *data)
{
    OK(h5sim_write_hyperslab(file, path, H5SIM_F64, rank, start, NULL, count, NULL, elements(rank, count), data));
}

/* Reads a part of a dataset of double. */
static inline void get(h5sim_file file, const char *path, int rank, const int64_t *start, const int64_t *count, double *data)
{
    OK(h5sim_read_hyperslab(file, path, H5SIM_F64, rank, start, NULL, count, NULL, elements(rank, count), data));
}

#endif
