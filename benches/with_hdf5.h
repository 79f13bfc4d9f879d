/* What the programs that call HDF5 share: a dataset that stays open with its dataspaces, and
   whose chunk cache is large enough for what is done with it. */
#ifndef BENCHES_WITH_HDF5_H
#define BENCHES_WITH_HDF5_H

#include "field.h"
#include <hdf5.h>
#include <string.h>

/* Nothing may fail; `call` is a call of HDF5. */
#define OK(call) MUST((call) >= 0)

/* The library is set up: no work pays for that. */
static inline void ready(void)
{
    OK(H5open());
}

static inline hid_t created(const char *path)
{
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    OK(file);
    return file;
}

/* "r" or "r+". */
static inline hid_t opened(const char *path, const char *mode)
{
    hid_t file = H5Fopen(path, strcmp(mode, "r") == 0 ? H5F_ACC_RDONLY : H5F_ACC_RDWR, H5P_DEFAULT);
    OK(file);
    return file;
}

struct dataset {
    hid_t id, space, memory;
    int rank;
    hsize_t shape[4], count[4];
};

/* What an open dataset needs: its dataspace, and one in memory for as long as the counts stay. */
static inline struct dataset kept(hid_t id)
{
    struct dataset made = {.id = id, .space = H5Dget_space(id), .memory = -1};
    OK(id);
    OK(made.space);
    made.rank = H5Sget_simple_extent_dims(made.space, made.shape, NULL);
    OK(made.rank);
    return made;
}

/* Access to a dataset with 64 MiB of chunk cache. */
static inline hid_t cached(void)
{
    hid_t list = H5Pcreate(H5P_DATASET_ACCESS);
    OK(H5Pset_chunk_cache(list, 12421, 64 << 20, 0.75));
    return list;
}

/* A new dataset. `chunk` is NULL for a contiguous one; `level` above 0 is shuffle and gzip. */
static inline struct dataset new_dataset(hid_t group, const char *path, hid_t type, int rank, const hsize_t *shape, const hsize_t *chunk,
                                         unsigned level)
{
    hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(rank, shape, NULL);
    hid_t access = chunk == NULL ? H5P_DEFAULT : cached();
    if (chunk != NULL)
        OK(H5Pset_chunk(list, rank, chunk));
    if (level > 0) {
        OK(H5Pset_shuffle(list));
        OK(H5Pset_deflate(list, level));
    }
    struct dataset made = kept(H5Dcreate2(group, path, type, space, H5P_DEFAULT, list, access));
    if (chunk != NULL)
        OK(H5Pclose(access));
    OK(H5Sclose(space));
    OK(H5Pclose(list));
    return made;
}

/* A new dataset without records, which append() lengthens. `rank` and `record` are a record's. */
static inline struct dataset new_series(hid_t group, const char *path, hid_t type, int rank, const hsize_t *record, hsize_t records_a_chunk,
                                        unsigned level)
{
    hsize_t shape[4] = {0}, limit[4] = {H5S_UNLIMITED}, chunk[4] = {records_a_chunk};
    for (int axis = 0; axis < rank; axis++)
        shape[axis + 1] = limit[axis + 1] = chunk[axis + 1] = record[axis];
    hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(rank + 1, shape, limit);
    OK(H5Pset_chunk(list, rank + 1, chunk));
    if (level > 0) {
        OK(H5Pset_shuffle(list));
        OK(H5Pset_deflate(list, level));
    }
    struct dataset made = kept(H5Dcreate2(group, path, type, space, H5P_DEFAULT, list, H5P_DEFAULT));
    OK(H5Sclose(space));
    OK(H5Pclose(list));
    return made;
}

static inline struct dataset old_dataset(hid_t file, const char *path)
{
    hid_t access = cached();
    struct dataset made = kept(H5Dopen2(file, path, access));
    OK(H5Pclose(access));
    return made;
}

static inline void shut(struct dataset *dataset)
{
    if (dataset->memory >= 0)
        OK(H5Sclose(dataset->memory));
    OK(H5Sclose(dataset->space));
    OK(H5Dclose(dataset->id));
}

/* Selects a part, and makes the dataspace in memory anew only when it has other counts. */
static inline void chosen(struct dataset *dataset, const hsize_t *start, const hsize_t *stride, const hsize_t *count)
{
    OK(H5Sselect_hyperslab(dataset->space, H5S_SELECT_SET, start, stride, count, NULL));
    size_t bytes = (size_t)dataset->rank * sizeof *count;
    if (dataset->memory >= 0 && memcmp(dataset->count, count, bytes) == 0)
        return;
    if (dataset->memory >= 0)
        OK(H5Sclose(dataset->memory));
    dataset->memory = H5Screate_simple(dataset->rank, count, NULL);
    OK(dataset->memory);
    memcpy(dataset->count, count, bytes);
}

static inline void put_as(struct dataset *dataset, hid_t type, const hsize_t *start, const hsize_t *count, const void *data)
{
    chosen(dataset, start, NULL, count);
    OK(H5Dwrite(dataset->id, type, dataset->memory, dataset->space, H5P_DEFAULT, data));
}

static inline void get_as(struct dataset *dataset, hid_t type, const hsize_t *start, const hsize_t *count, void *data)
{
    chosen(dataset, start, NULL, count);
    OK(H5Dread(dataset->id, type, dataset->memory, dataset->space, H5P_DEFAULT, data));
}

/* Writes a part of a dataset of double. */
static inline void put(struct dataset *dataset, const hsize_t *start, const hsize_t *count, const double *data)
{
    put_as(dataset, H5T_NATIVE_DOUBLE, start, count, data);
}

/* Reads a part of a dataset of double. */
static inline void get(struct dataset *dataset, const hsize_t *start, const hsize_t *count, double *data)
{
    get_as(dataset, H5T_NATIVE_DOUBLE, start, count, data);
}

static inline void write_all(struct dataset *dataset, const double *data)
{
    OK(H5Dwrite(dataset->id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
}

static inline void read_all(struct dataset *dataset, double *data)
{
    OK(H5Dread(dataset->id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
}

/* Lengthens a series by some records of elements of a type in memory. */
static inline void append_as(struct dataset *series, hid_t type, hsize_t records, const void *data)
{
    hsize_t start[4] = {series->shape[0]}, count[4] = {records}, limit[4] = {H5S_UNLIMITED};
    for (int axis = 1; axis < series->rank; axis++)
        count[axis] = limit[axis] = series->shape[axis];
    series->shape[0] += records;
    OK(H5Dset_extent(series->id, series->shape));
    OK(H5Sset_extent_simple(series->space, series->rank, series->shape, limit));
    put_as(series, type, start, count, data);
}

/* Lengthens a series by a record of double. */
static inline void append(struct dataset *series, const double *data)
{
    append_as(series, H5T_NATIVE_DOUBLE, 1, data);
}

/* A new group, left open. */
static inline hid_t new_group(hid_t parent, const char *path)
{
    hid_t group = H5Gcreate2(parent, path, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    OK(group);
    return group;
}

/* A new contiguous dataset that is written whole and closed. */
static inline void write_new(hid_t group, const char *path, hid_t space, const double *data)
{
    hid_t dataset = H5Dcreate2(group, path, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    OK(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    OK(H5Dclose(dataset));
}

/* A new attribute of a dataspace. */
static inline void new_attribute(hid_t object, const char *title, hid_t type, hid_t space, const void *value)
{
    hid_t attribute = H5Acreate2(object, title, type, space, H5P_DEFAULT, H5P_DEFAULT);
    OK(H5Awrite(attribute, type, value));
    OK(H5Aclose(attribute));
}

/* A type for texts of a fixed length. */
static inline hid_t text_type(size_t length)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    OK(H5Tset_size(type, length));
    OK(H5Tset_cset(type, H5T_CSET_UTF8));
    return type;
}

static inline void flush(hid_t file)
{
    OK(H5Fflush(file, H5F_SCOPE_GLOBAL));
}

#endif
