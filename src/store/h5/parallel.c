/* What of MPI the library needs, in calls that are the same whatever MPI it is: communicators are Fortran's integers, all else is of fixed width.
 * Compiled by the MPI's own compiler, see build.rs. Every function gives 0, or MPI's error. */
#include <hdf5.h>
#include <H5FDdevelop.h>
#include <mpi.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

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

enum { LEAST = 6, NUMBERS = 8 };

/* Of the first numbers the least, of the others the sum. */
static void add(void *theirs, void *ours, int *length, MPI_Datatype *type)
{
    const uint64_t *from = theirs;
    uint64_t *to = ours;
    (void)type;
    for (int word = 0; word < *length; word++, from += NUMBERS, to += NUMBERS) {
        for (int place = 0; place < LEAST; place++)
            if (from[place] < to[place])
                to[place] = from[place];
        for (int place = LEAST; place < NUMBERS; place++)
            to[place] += from[place];
    }
}

/* On all ranks the least of each of the first six numbers that ranks have, and the sums of the other two. */
int32_t h5sim_mpi_agree(int32_t communicator, uint64_t numbers[NUMBERS])
{
    if (!has_agreement) {
        int failed = MPI_Op_create(add, 1, &agreement);
        if (!failed)
            failed = MPI_Type_contiguous(NUMBERS, MPI_UINT64_T, &word);
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

/* Gives all ranks so many bytes of each, in their order. */
int32_t h5sim_mpi_gather(int32_t communicator, const void *mine, void *all, int32_t count)
{
    return MPI_Allgather(mine, count, MPI_BYTE, all, count, MPI_BYTE, MPI_Comm_f2c((MPI_Fint)communicator));
}

/* Gives each rank its bytes of each: so many, from there on. */
int32_t h5sim_mpi_exchange(int32_t communicator, const void *out, const int32_t *out_counts, const int32_t *out_places, void *in,
                           const int32_t *in_counts, const int32_t *in_places)
{
    return MPI_Alltoallv(out, out_counts, out_places, MPI_BYTE, in, in_counts, in_places, MPI_BYTE, MPI_Comm_f2c((MPI_Fint)communicator));
}

/* What this thread's transfers are part of: a call that these ranks make together, where space is scarce or not, and how it went. */
static _Thread_local struct {
    MPI_Comm ranks;
    _Bool is_together, is_scarce, is_closing;
    /* Whether what is read just now lies in one piece on each rank. */
    _Bool is_apart;
    /* Whether HDF5 writes metadata just now, and whether some of those did not get to the file: it takes them for written. */
    _Bool writes_metadata, lost_metadata;
    /* Whether a transfer has failed on this rank, or on another one. */
    _Bool failed_here, failed_elsewhere;
} call;

/* From now on, until the next one, this thread makes a call with these ranks; without any it makes none. With little space left each rank
 * is to write for itself; what is about to be closed need not be on the disks. */
void h5sim_mpi_together(int32_t communicator, int32_t is_together, int32_t is_scarce, int32_t is_closing)
{
    call.is_together = is_together != 0;
    call.is_scarce = is_scarce != 0;
    call.is_closing = is_closing != 0;
    call.ranks = is_together ? MPI_Comm_f2c((MPI_Fint)communicator) : MPI_COMM_NULL;
    if (is_together)
        call.lost_metadata = call.failed_here = call.failed_elsewhere = 0;
}

/* Whether each rank reads for itself from now on: MPI would have some ranks read for others. */
void h5sim_mpi_apart(int32_t is_apart)
{
    call.is_apart = is_apart != 0;
}

/* What became of the transfers of the latest call: 1 where metadata did not get to the file, 2 where one failed on other ranks only. */
int32_t h5sim_mpi_outcome(void)
{
    return call.lost_metadata + 2 * (call.failed_elsewhere && !call.failed_here);
}

/* A transfer that fails on one rank has failed on all. HDF5 sets the file's view for a transfer and takes it back after it, both with all
 * ranks, but one on which the transfer fails leaves at once: the others would wait for it for ever. So all fail, and the view is taken back here. */
static int agree_on_transfer(MPI_File file, int mine)
{
    int any = mine != MPI_SUCCESS, failed;
    if (!call.is_together)
        return mine;
    failed = MPI_Allreduce(MPI_IN_PLACE, &any, 1, MPI_INT, MPI_MAX, call.ranks);
    if (failed || !any)
        return failed;
    call.lost_metadata |= call.writes_metadata;
    call.failed_here |= mine != MPI_SUCCESS;
    call.failed_elsewhere |= mine == MPI_SUCCESS;
    MPI_File_set_view(file, 0, MPI_BYTE, MPI_BYTE, "native", MPI_INFO_NULL);
    return mine != MPI_SUCCESS ? mine : MPI_ERR_IO;
}

/* This rank's part of a transfer, written by itself. ROMIO locks what it reads and writes back with such parts in it, and leaves it locked
 * when the disk is full: it must not do that. */
static int write_alone(MPI_File file, MPI_Offset offset, const void *data, int count, MPI_Datatype type, MPI_Status *status)
{
    static char key[] = "romio_ds_write", usual[] = "automatic", never[] = "disable";
    char before[MPI_MAX_INFO_VAL + 1] = "";
    MPI_Info info;
    int failed, is_known = 0;
    if (!MPI_File_get_info(file, &info)) {
        MPI_Info_get(info, key, MPI_MAX_INFO_VAL, before, &is_known);
        MPI_Info_free(&info);
    }
    if (MPI_Info_create(&info))
        return PMPI_File_write_at(file, offset, data, count, type, status);
    MPI_Info_set(info, key, never);
    MPI_File_set_info(file, info);
    failed = PMPI_File_write_at(file, offset, data, count, type, status);
    MPI_Info_set(info, key, is_known ? before : usual);
    MPI_File_set_info(file, info);
    MPI_Info_free(&info);
    return failed;
}

/* What HDF5 calls, in the place of MPI's own, which has a second name for this. Not to be seen outside of the library. */
int MPI_File_write_at_all(MPI_File file, MPI_Offset offset, const void *data, int count, MPI_Datatype type, MPI_Status *status)
{
    int failed;
    MPI_Count written = 0, size = 0;

    /* Where several rounds are needed, a rank that cannot write leaves MPI's own in the first, and the others wait in the second. */
    if (call.is_together && call.is_scarce)
        failed = write_alone(file, offset, data, count, type, status);
    else
        failed = PMPI_File_write_at_all(file, offset, data, count, type, status);
    /* A disk that takes a part only is full, which HDF5 would find on this rank alone. */
    if (!failed && !MPI_Type_size_x(type, &size) && !MPI_Get_elements_x(status, MPI_BYTE, &written) && written >= 0 && written < size * count)
        failed = MPI_ERR_NO_SPACE;
    return agree_on_transfer(file, failed);
}

int MPI_File_read_at_all(MPI_File file, MPI_Offset offset, void *data, int count, MPI_Datatype type, MPI_Status *status)
{
    int failed;
    if (call.is_together && call.is_apart)
        failed = PMPI_File_read_at(file, offset, data, count, type, status);
    else
        failed = PMPI_File_read_at_all(file, offset, data, count, type, status);
    return agree_on_transfer(file, failed);
}

int MPI_File_sync(MPI_File file)
{
    int any, failed;
    if (call.is_together && call.is_closing)
        return MPI_SUCCESS;
    failed = PMPI_File_sync(file);
    if (!call.is_together)
        return failed;
    /* The others would go on. */
    any = failed != MPI_SUCCESS;
    if (MPI_Allreduce(MPI_IN_PLACE, &any, 1, MPI_INT, MPI_MAX, call.ranks) != MPI_SUCCESS || !any)
        return failed;
    call.lost_metadata = 1;
    call.failed_here |= failed != MPI_SUCCESS;
    call.failed_elsewhere |= failed == MPI_SUCCESS;
    return failed != MPI_SUCCESS ? failed : MPI_ERR_IO;
}

/* How many bytes longer this process may make a file, as it is limited. */
uint64_t h5sim_mpi_limit(const char *path)
{
    struct rlimit limit;
    struct stat file;
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return UINT64_MAX;
    uint64_t size = stat(path, &file) == 0 ? (uint64_t)file.st_size : 0;
    return size < limit.rlim_cur ? (uint64_t)limit.rlim_cur - size : 0;
}

/* How many bytes are left where a file is. */
uint64_t h5sim_mpi_space(const char *path)
{
    struct statvfs disk;
    return statvfs(path, &disk) == 0 ? (uint64_t)disk.f_bavail * disk.f_frsize : UINT64_MAX;
}

static herr_t (*write_one)(H5FD_t *, H5FD_mem_t, hid_t, haddr_t, size_t, const void *);
static herr_t (*write_many)(H5FD_t *, hid_t, uint32_t, H5FD_mem_t *, haddr_t *, size_t *, const void **);

static herr_t write_noted(H5FD_t *file, H5FD_mem_t type, hid_t list, haddr_t address, size_t size, const void *data)
{
    call.writes_metadata = type != H5FD_MEM_DRAW;
    herr_t status = write_one(file, type, list, address, size, data);
    call.writes_metadata = 0;
    return status;
}

static herr_t write_many_noted(H5FD_t *file, hid_t list, uint32_t count, H5FD_mem_t *types, haddr_t *addresses, size_t *sizes,
                               const void **data)
{
    call.writes_metadata = count == 0 || types[0] != H5FD_MEM_DRAW;
    herr_t status = write_many(file, list, count, types, addresses, sizes, data);
    call.writes_metadata = 0;
    return status;
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
 * would leave a file that says it is whole: so the driver says that it can. And it says what it writes. */
static void change_driver(hid_t list)
{
    H5FD_class_t *class = &H5I_object ? H5I_object(H5Pget_driver(list)) : NULL;
    if (class && !class->lock) {
        class->lock = lock;
        class->unlock = unlock;
    }
    if (class && class->write && class->write != write_noted) {
        write_one = class->write;
        class->write = write_noted;
    }
    if (class && class->write_vector && class->write_vector != write_many_noted) {
        write_many = class->write_vector;
        class->write_vector = write_many_noted;
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
            change_driver(list);
    }
    if (info != MPI_INFO_NULL)
        MPI_Info_free(&info);
    return failed;
}

/* Whether a rank may write to this file by itself: not where MPI wants a sync of all after each write, as on NFS. */
int32_t h5sim_mpi_can_write_alone(int64_t file)
{
    void *handle = NULL;
    char value[MPI_MAX_INFO_VAL + 1] = "";
    MPI_Info info;
    int is_known = 0;
    if (H5Fget_vfd_handle(file, H5P_DEFAULT, &handle) < 0 || !handle || MPI_File_get_info(*(MPI_File *)handle, &info))
        return 0;
    MPI_Info_get(info, "romio_visibility_immediate", MPI_MAX_INFO_VAL, value, &is_known);
    MPI_Info_free(&info);
    return !is_known || strcmp(value, "false") != 0;
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
