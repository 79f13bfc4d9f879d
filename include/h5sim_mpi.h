/*
 * h5sim from the ranks of an MPI_Comm: header only, compiled with your own MPI, of which the library knows nothing.
 *
 *     #include <h5sim_mpi.h>                    // after or before mpi.h; link with -lh5sim as ever
 *
 *     h5sim_file file;
 *     MPI_Init(&argc, &argv);
 *     h5sim_open_comm("run.h5", "w", NULL, MPI_COMM_WORLD, &file);
 *     h5sim_write_block(file, "u", H5SIM_F64, 2, global_shape, start, shape, strides, u, NULL);
 *     h5sim_close(file);                        // as any other file
 *     MPI_Finalize();
 *
 * It hands h5sim_open_ranks() an allgather of a duplicate of the communicator, so that the library's messages and the program's
 * never meet. The duplicates are kept with the communicator: a file that is opened after another one was closed takes its. They go when the
 * communicator is freed, those of open files when MPI_Finalize is called, which closes the files first.
 *
 * MPI-3 or newer, C99 or C++11 or newer.
 */

#ifndef H5SIM_MPI_H
#define H5SIM_MPI_H

#include "h5sim.h"

#include <mpi.h>
#include <stdlib.h>

/* The most bytes of each rank that one call of MPI moves, which counts in int. */
#ifndef H5SIM_MPI_MOST
#define H5SIM_MPI_MOST (1 << 30)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* A duplicate of a communicator, and the file that uses it or was the latest to. */
struct h5sim_mpi_duplicate {
    MPI_Comm comm;
    h5sim_file file;
    struct h5sim_mpi_duplicate *next;
};

/* All duplicates of one communicator, whose attribute this is. */
struct h5sim_mpi_duplicates {
    struct h5sim_mpi_duplicate *first;
    struct h5sim_mpi_duplicates *next;
};

/* Those of all communicators, the latest first. */
static inline struct h5sim_mpi_duplicates **h5sim_mpi_all(void)
{
    static struct h5sim_mpi_duplicates *all = NULL;
    return &all;
}

/* The operation by which ranks talk; the context is a duplicate. Gives 0, or what MPI has given. */
static inline int32_t h5sim_mpi_allgather(void *context, const void *mine, int64_t bytes, void *all)
{
    const struct h5sim_mpi_duplicate *ranks = (const struct h5sim_mpi_duplicate *)context;
    MPI_Datatype piece = MPI_DATATYPE_NULL, part = MPI_DATATYPE_NULL;
    int64_t done = 0;
    int status, is_over = 0;

    if (ranks == NULL || MPI_Finalized(&is_over) != MPI_SUCCESS || is_over || ranks->comm == MPI_COMM_NULL)
        return MPI_ERR_COMM;
    if (bytes <= H5SIM_MPI_MOST)
        return MPI_Allgather(mine, (int)bytes, MPI_BYTE, all, (int)bytes, MPI_BYTE, ranks->comm);
    do {
        const int now = (int)(bytes - done < H5SIM_MPI_MOST ? bytes - done : H5SIM_MPI_MOST);
        /* What it is a part of is as long as what each rank gives. */
        status = MPI_Type_contiguous(now, MPI_BYTE, &piece);
        if (status == MPI_SUCCESS)
            status = MPI_Type_create_resized(piece, 0, (MPI_Aint)bytes, &part);
        if (status == MPI_SUCCESS)
            status = MPI_Type_commit(&part);
        if (status == MPI_SUCCESS)
            status = MPI_Allgather((const char *)mine + done, now, MPI_BYTE, (char *)all + done, 1, part, ranks->comm);
        if (part != MPI_DATATYPE_NULL)
            MPI_Type_free(&part);
        if (piece != MPI_DATATYPE_NULL)
            MPI_Type_free(&piece);
        done += now;
    } while (status == MPI_SUCCESS && done < bytes);
    return status;
}

/* Frees the duplicates of a communicator that no open file uses; gives whether one does. */
static inline int h5sim_mpi_free_unused(struct h5sim_mpi_duplicates *duplicates)
{
    struct h5sim_mpi_duplicate **at = &duplicates->first;

    while (*at != NULL) {
        struct h5sim_mpi_duplicate *this_one = *at;
        if (h5sim_is_open(this_one->file)) {
            at = &this_one->next;
        } else {
            *at = this_one->next;
            MPI_Comm_free(&this_one->comm);
            free(this_one);
        }
    }
    return duplicates->first != NULL;
}

/* When a communicator is freed. The duplicates of files that are open stay until MPI_Finalize. */
static inline int h5sim_mpi_at_free(MPI_Comm comm, int keyval, void *attribute, void *extra)
{
    struct h5sim_mpi_duplicates *duplicates = (struct h5sim_mpi_duplicates *)attribute;
    struct h5sim_mpi_duplicates **at = h5sim_mpi_all();

    (void)comm, (void)keyval, (void)extra;
    while (*at != NULL && *at != duplicates)
        at = &(*at)->next;
    if (*at == NULL || h5sim_mpi_free_unused(duplicates))
        return MPI_SUCCESS;
    *at = duplicates->next;
    free(duplicates);
    return MPI_SUCCESS;
}

/* When MPI_Finalize is called, which does this first of all: files that are open are closed while their ranks can still talk. */
static inline int h5sim_mpi_at_finalize(MPI_Comm comm, int keyval, void *attribute, void *extra)
{
    struct h5sim_mpi_duplicates *at;

    (void)comm, (void)keyval, (void)attribute, (void)extra;
    for (at = *h5sim_mpi_all(); at != NULL; at = at->next) {
        struct h5sim_mpi_duplicate *duplicate;
        for (duplicate = at->first; duplicate != NULL; duplicate = duplicate->next)
            if (h5sim_is_open(duplicate->file))
                (void)h5sim_close(duplicate->file);
        h5sim_mpi_free_unused(at);
    }
    /* What is left of them is the communicators' that are still to go. */
    *h5sim_mpi_all() = NULL;
    return MPI_SUCCESS;
}

/* A duplicate of the communicator that no open file uses; NULL where MPI or the memory refuses it. A call of all ranks. */
static inline struct h5sim_mpi_duplicate *h5sim_mpi_duplicate_of(MPI_Comm comm)
{
    static int of_comm = MPI_KEYVAL_INVALID, of_self = MPI_KEYVAL_INVALID;
    struct h5sim_mpi_duplicates *duplicates = NULL;
    struct h5sim_mpi_duplicate *duplicate = NULL;
    int is_known = 0, is_mine, is_everybodys = 0;

    if (of_comm == MPI_KEYVAL_INVALID &&
        MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, h5sim_mpi_at_free, &of_comm, NULL) != MPI_SUCCESS)
        return NULL;
    if (MPI_Comm_get_attr(comm, of_comm, &duplicates, &is_known) != MPI_SUCCESS)
        return NULL;
    if (is_known) {
        for (duplicate = duplicates->first; duplicate != NULL; duplicate = duplicate->next)
            if (!h5sim_is_open(duplicate->file))
                return duplicate;
    } else {
        duplicates = (struct h5sim_mpi_duplicates *)calloc(1, sizeof *duplicates);
    }
    duplicate = (struct h5sim_mpi_duplicate *)calloc(1, sizeof *duplicate);
    /* Where one rank cannot go on, none does. */
    is_mine = duplicates != NULL && duplicate != NULL;
    if (MPI_Allreduce(&is_mine, &is_everybodys, 1, MPI_INT, MPI_MIN, comm) == MPI_SUCCESS && is_everybodys &&
        MPI_Comm_dup(comm, &duplicate->comm) == MPI_SUCCESS) {
        MPI_Comm_set_errhandler(duplicate->comm, MPI_ERRORS_RETURN);
        duplicate->next = duplicates->first;
        duplicates->first = duplicate;
        if (is_known)
            return duplicate;
        if (of_self == MPI_KEYVAL_INVALID &&
            MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, h5sim_mpi_at_finalize, &of_self, NULL) == MPI_SUCCESS)
            MPI_Comm_set_attr(MPI_COMM_SELF, of_self, NULL);
        if (MPI_Comm_set_attr(comm, of_comm, duplicates) == MPI_SUCCESS) {
            duplicates->next = *h5sim_mpi_all();
            *h5sim_mpi_all() = duplicates;
            return duplicate;
        }
        MPI_Comm_free(&duplicate->comm);
    }
    free(duplicate);
    if (!is_known)
        free(duplicates);
    return NULL;
}

/*
 * Open or create one file from all ranks of a communicator, as h5sim_open_ranks() does.
 *
 * path     where it is, on a file system that all ranks see; the same on all ranks, as mode and options.
 * mode     as for h5sim_open().
 * options  as for h5sim_open_ranks().
 * comm     an intracommunicator; it may be freed while the file is open.
 * file     output: the handle, to be closed with h5sim_close() by all ranks, at the latest by MPI_Finalize, which closes what is open.
 *
 * Status: as h5sim_open_ranks(); H5SIM_ERR_IO also before MPI_Init, after MPI_Finalize and for MPI_COMM_NULL. Errors of MPI in
 * the library's messages are H5SIM_ERR_IO, whatever error handler the communicator has. Threads: one at a time for a communicator, as
 * MPI asks of all that its ranks do together, and for the first one of a program.
 */
static inline int32_t h5sim_open_comm(const char *path, const char *mode, const char *options, MPI_Comm comm, h5sim_file *file)
{
    struct h5sim_mpi_duplicate *duplicate = NULL;
    h5sim_file opened = 0;
    /* Without a communicator the library says that it cannot reach the other ranks. */
    int is_ready = 0, is_over = 0, rank = -1, ranks = 0;
    int32_t status;

    if (MPI_Initialized(&is_ready) == MPI_SUCCESS && is_ready && MPI_Finalized(&is_over) == MPI_SUCCESS && !is_over &&
        comm != MPI_COMM_NULL)
        duplicate = h5sim_mpi_duplicate_of(comm);
    if (duplicate != NULL) {
        MPI_Comm_rank(duplicate->comm, &rank);
        MPI_Comm_size(duplicate->comm, &ranks);
    }
    status = h5sim_open_ranks(path, mode, options, rank, ranks, h5sim_mpi_allgather, duplicate, file != NULL ? &opened : NULL);
    if (status == H5SIM_OK) {
        duplicate->file = opened;
        *file = opened;
    }
    return status;
}

#ifdef __cplusplus
}
#endif

#endif
