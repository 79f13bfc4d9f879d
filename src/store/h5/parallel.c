/* What of MPI the library needs, in calls that are the same whatever MPI it is: communicators are Fortran's integers, all else is of fixed width.
 * Compiled by the MPI's own compiler, see build.rs. Every function gives 0, or MPI's error. */
#include <hdf5.h>
#include <H5FDdevelop.h>
#include <mpi.h>
#include <stdint.h>

/* HDF5's own: what is behind an identifier. */
extern void *H5I_object(hid_t id) __attribute__((weak));
/* Whether HDF5 is in use; at MPI_Finalize it ends itself where this is so. Not in every build to be seen. */
extern _Bool H5_libinit_g __attribute__((weak));

/* HDF5's own, by which a filter that it brings can be replaced: H5Zregister() refuses those. */
extern herr_t H5Z_register(const void *filter) __attribute__((weak));

/* What ranks agree by, made when it is first needed. */
static MPI_Op agreement;
static MPI_Datatype word;
static _Bool has_agreement;

static void (*at_end)(void);
static _Bool was_in_use, will_go_on;

/* 0 before MPI_Init, 1 after it, 2 after MPI_Finalize. */
int32_t h5sim_mpi_state(void)
{
    int is_ready = 0, is_over = 0;
    MPI_Initialized(&is_ready);
    MPI_Finalized(&is_over);
    return is_over ? 2 : is_ready ? 1 : 0;
}

/* MPI deletes what hangs at MPI_COMM_SELF when it ends, the last first. */
static int hang(MPI_Comm_delete_attr_function *deleted)
{
    int key, failed = MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, deleted, &key, NULL);
    if (!failed) {
        failed = MPI_Comm_set_attr(MPI_COMM_SELF, key, NULL);
        MPI_Comm_free_keyval(&key);
    }
    return failed;
}

static int end(MPI_Comm communicator, int key, void *value, void *state)
{
    (void)communicator, (void)key, (void)value, (void)state;
    if (at_end)
        at_end();
    if (has_agreement) {
        MPI_Op_free(&agreement);
        MPI_Type_free(&word);
        has_agreement = 0;
    }
    /* HDF5's own, which comes next, would close the files of this process alone as well, which go on after MPI. */
    if (&H5_libinit_g && will_go_on) {
        was_in_use = H5_libinit_g;
        H5_libinit_g = 0;
    }
    return MPI_SUCCESS;
}

static int go_on(MPI_Comm communicator, int key, void *value, void *state)
{
    (void)communicator, (void)key, (void)value, (void)state;
    if (&H5_libinit_g && was_in_use)
        H5_libinit_g = 1;
    return MPI_SUCCESS;
}

/* Before HDF5 begins, so that it comes after HDF5's own when MPI ends. */
int32_t h5sim_mpi_before_hdf5(void)
{
    int failed = h5sim_mpi_state() == 1 ? hang(go_on) : MPI_ERR_OTHER;
    will_go_on = !failed;
    return failed;
}

/* Once HDF5 has begun: `closing` is called at MPI_Finalize. */
int32_t h5sim_mpi_after_hdf5(void (*closing)(void))
{
    at_end = closing;
    return h5sim_mpi_state() == 1 ? hang(end) : 0;
}

/* A communicator like that one, of whose failures a call returns, and who this is in it. */
int32_t h5sim_mpi_duplicate(int32_t communicator, int32_t *copy, int32_t *rank, int32_t *ranks)
{
    MPI_Errhandler of_world, of_self;
    MPI_Comm theirs = MPI_Comm_f2c((MPI_Fint)communicator), ours = MPI_COMM_NULL;
    int failed, are_among_others = 0;

    if (theirs == MPI_COMM_NULL)
        return MPI_ERR_COMM;
    /* One that is none is told to the handler of one of these, which would end the program. */
    MPI_Comm_get_errhandler(MPI_COMM_WORLD, &of_world);
    MPI_Comm_get_errhandler(MPI_COMM_SELF, &of_self);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN);
    failed = MPI_Comm_test_inter(theirs, &are_among_others);
    if (!failed && are_among_others)
        failed = MPI_ERR_COMM;
    if (!failed)
        failed = MPI_Comm_dup(theirs, &ours);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, of_world);
    MPI_Comm_set_errhandler(MPI_COMM_SELF, of_self);
    MPI_Errhandler_free(&of_world);
    MPI_Errhandler_free(&of_self);
    if (failed)
        return failed;
    MPI_Comm_set_errhandler(ours, MPI_ERRORS_RETURN);
    *copy = (int32_t)MPI_Comm_c2f(ours);
    MPI_Comm_rank(ours, rank);
    MPI_Comm_size(ours, ranks);
    return 0;
}

int32_t h5sim_mpi_free(int32_t communicator)
{
    MPI_Comm ours = MPI_Comm_f2c((MPI_Fint)communicator);
    return MPI_Comm_free(&ours);
}

/* Of the first four numbers the least, of the other two the sum. */
static void add(void *theirs, void *ours, int *length, MPI_Datatype *type)
{
    const uint64_t *from = theirs;
    uint64_t *to = ours;
    (void)type;
    for (int word = 0; word < *length; word++, from += 6, to += 6) {
        for (int place = 0; place < 4; place++)
            if (from[place] < to[place])
                to[place] = from[place];
        to[4] += from[4];
        to[5] += from[5];
    }
}

/* On all ranks the least of each of the first four numbers that ranks have, and the sums of the other two. */
int32_t h5sim_mpi_agree(int32_t communicator, uint64_t numbers[6])
{
    if (!has_agreement) {
        int failed = MPI_Op_create(add, 1, &agreement);
        if (!failed)
            failed = MPI_Type_contiguous(6, MPI_UINT64_T, &word);
        if (!failed)
            failed = MPI_Type_commit(&word);
        if (failed)
            return failed;
        has_agreement = 1;
    }
    return MPI_Allreduce(MPI_IN_PLACE, numbers, 1, word, agreement, MPI_Comm_f2c((MPI_Fint)communicator));
}

/* Gives all ranks the bytes that one has. */
int32_t h5sim_mpi_tell(int32_t communicator, int32_t from, void *bytes, int32_t count)
{
    return MPI_Bcast(bytes, count, MPI_BYTE, from, MPI_Comm_f2c((MPI_Fint)communicator));
}

static herr_t lock(H5FD_t *file, bool is_write)
{
    (void)file, (void)is_write;
    return 0;
}

static herr_t unlock(H5FD_t *file)
{
    (void)file;
    return 0;
}

/* HDF5 marks a file as being written, and refuses one that is marked, if its driver can lock files, which that of MPI cannot. A rank that dies
 * would leave a file that says it is whole: so the driver says that it can. */
static void let_files_be_marked(hid_t list)
{
    H5FD_class_t *class = &H5I_object ? H5I_object(H5Pget_driver(list)) : NULL;
    if (class && !class->lock) {
        class->lock = lock;
        class->unlock = unlock;
    }
}

/* Makes a list of properties one of files that these ranks share, whose metadata they read and write together, with so many hints to
 * MPI: a key and a value each. -1 is HDF5's error. */
int32_t h5sim_mpi_access(int64_t list, int32_t communicator, int32_t count, const char *const *hints)
{
    MPI_Info info = MPI_INFO_NULL;
    int failed = 0, set;
    if (count > 0)
        failed = MPI_Info_create(&info);
    for (int32_t hint = 0; !failed && hint < count; hint++)
        failed = MPI_Info_set(info, (char *)hints[2 * hint], (char *)hints[2 * hint + 1]);
    if (!failed) {
        set = H5Pset_fapl_mpio(list, MPI_Comm_f2c((MPI_Fint)communicator), info);
        failed = set < 0 || H5Pset_all_coll_metadata_ops(list, 1) < 0 || H5Pset_coll_metadata_write(list, 1) < 0 ? -1 : 0;
        if (!failed)
            let_files_be_marked(list);
    }
    if (info != MPI_INFO_NULL)
        MPI_Info_free(&info);
    return failed;
}

/* Makes a list of properties one of transfers that all ranks make together; negative is HDF5's error. */
int32_t h5sim_mpi_collective(int64_t list)
{
    return H5Pset_dxpl_mpio(list, H5FD_MPIO_COLLECTIVE);
}

/* MPI's words for an error. */
void h5sim_mpi_words(int32_t error, char *words, int32_t room)
{
    char all[MPI_MAX_ERROR_STRING + 1];
    int length = 0, place = 0;
    if (error < 0 || MPI_Error_string(error, all, &length) != MPI_SUCCESS)
        length = 0;
    for (; place < length && place < room - 1; place++)
        words[place] = all[place];
    words[place] = 0;
}

/* Makes HDF5 run this filter in the place of one of its own; not 0 where it cannot. */
int32_t h5sim_replace_filter(const void *filter)
{
    return &H5Z_register ? H5Z_register(filter) : 1;
}
