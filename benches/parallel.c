/* One file of many ranks: this library, by h5sim_open_mpi and by h5sim_open_ranks, beside HDF5's own parallel C calls in their best settings,
 * beside PnetCDF where it is there for this MPI (HAS_PNETCDF), and, of blocks, beside the bare system calls: of each rank at its place in one
 * file, and in a file of its own.
 *   parallel FOLDER MIB SMALL RECORDS REPETITIONS [ROW ...]
 * Prints for each row the median, least and most milliseconds, and how many times faster than HDF5 each of the others is by the median. All take
 * turns; files are closed within the time. Without the name of a row it measures all, and what agreeing costs. Built and run by
 * tools/bench_mpi.sh, which links all with the same HDF5. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <h5sim_mpi.h>
#include <hdf5.h>
#ifdef HAS_PNETCDF
#include <pnetcdf.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int rank, ranks;
static char path[4096];
/* A rank's own elements, and some that all have. */
static double *data, alike[100];
static int64_t elements, records, small;

static void need(int condition, const char *words)
{
    if (condition)
        return;
    fprintf(stderr, "rank %d: %s: %s\n", rank, words, h5sim_last_error());
    MPI_Abort(MPI_COMM_WORLD, 1);
}
#define NEED(condition) need(condition, #condition)

/* HDF5's file in the settings that its users' guides and the libraries above it agree on. */
static hid_t native_open(int is_write)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_mpio(access, MPI_COMM_WORLD, MPI_INFO_NULL);
    H5Pset_all_coll_metadata_ops(access, 1);
    H5Pset_coll_metadata_write(access, 1);
    H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_LATEST);
    H5Pset_alignment(access, 16 << 20, 1 << 20);
    hid_t file = is_write ? H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access) : H5Fopen(path, H5F_ACC_RDONLY, access);
    H5Pclose(access);
    NEED(file >= 0);
    return file;
}

static hid_t collective(void)
{
    hid_t list = H5Pcreate(H5P_DATASET_XFER);
    H5Pset_dxpl_mpio(list, H5FD_MPIO_COLLECTIVE);
    return list;
}

static hid_t own(hid_t dataset, hsize_t row, int is_record)
{
    hid_t space = H5Dget_space(dataset);
    hsize_t start[2] = {row, 0}, count[2] = {1, 0};
    hsize_t *place = is_record ? start + 1 : start, *length = is_record ? count + 1 : count;
    *length = is_record ? 512 : (hsize_t)elements;
    *place = *length * (hsize_t)rank;
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    return space;
}

static void native_write(int is_packed)
{
    hid_t file = native_open(1), creation = H5Pcreate(H5P_DATASET_CREATE), list = collective();
    hsize_t all = (hsize_t)(elements * ranks), mine = (hsize_t)elements;
    H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER);
    if (is_packed) {
        hsize_t chunk = 1 << 17;
        H5Pset_chunk(creation, 1, &chunk);
        H5Pset_deflate(creation, 4);
        H5Pset_alloc_time(creation, H5D_ALLOC_TIME_INCR);
    } else {
        H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY);
    }
    hid_t whole = H5Screate_simple(1, &all, NULL), memory = H5Screate_simple(1, &mine, NULL);
    hid_t dataset = H5Dcreate2(file, "u", H5T_NATIVE_DOUBLE, whole, H5P_DEFAULT, creation, H5P_DEFAULT);
    hid_t space = own(dataset, 0, 0);
    NEED(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, memory, space, list, data) >= 0);
    H5Sclose(space), H5Sclose(whole), H5Sclose(memory), H5Pclose(creation), H5Pclose(list), H5Dclose(dataset);
    NEED(H5Fclose(file) >= 0);
}

static void native_read(void)
{
    hid_t file = native_open(0), list = collective(), dataset = H5Dopen2(file, "u", H5P_DEFAULT);
    hsize_t mine = (hsize_t)elements;
    hid_t memory = H5Screate_simple(1, &mine, NULL), space = own(dataset, 0, 0);
    NEED(H5Dread(dataset, H5T_NATIVE_DOUBLE, memory, space, list, data) >= 0);
    H5Sclose(space), H5Sclose(memory), H5Pclose(list), H5Dclose(dataset);
    NEED(H5Fclose(file) >= 0);
}

static void native_small(void)
{
    hid_t file = native_open(1), list = collective(), creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER);
    H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY);
    hsize_t all = 100;
    hid_t whole = H5Screate_simple(1, &all, NULL), part = H5Screate_simple(1, &all, NULL);
    if (rank > 0)
        H5Sselect_none(part);
    for (int64_t number = 0; number < small; number++) {
        char name[32];
        snprintf(name, sizeof name, "%d", (int)number);
        hid_t dataset = H5Dcreate2(file, name, H5T_NATIVE_DOUBLE, whole, H5P_DEFAULT, creation, H5P_DEFAULT);
        NEED(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, part, part, list, alike) >= 0);
        H5Dclose(dataset);
    }
    H5Sclose(whole), H5Sclose(part), H5Pclose(creation), H5Pclose(list);
    NEED(H5Fclose(file) >= 0);
}

static void native_append(void)
{
    hid_t file = native_open(1), creation = H5Pcreate(H5P_DATASET_CREATE), list = collective();
    hsize_t extent[2] = {0, (hsize_t)(512 * ranks)}, most[2] = {H5S_UNLIMITED, extent[1]}, chunk[2], mine = 512;
    /* As many records in a chunk as this library chooses. */
    chunk[0] = (256 << 10) / (8 * extent[1]) > 0 ? (256 << 10) / (8 * extent[1]) : 1;
    chunk[1] = extent[1];
    H5Pset_chunk(creation, 2, chunk);
    H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER);
    hid_t whole = H5Screate_simple(2, extent, most), memory = H5Screate_simple(1, &mine, NULL);
    hid_t dataset = H5Dcreate2(file, "s", H5T_NATIVE_DOUBLE, whole, H5P_DEFAULT, creation, H5P_DEFAULT);
    for (int64_t record = 0; record < records; record++) {
        extent[0] = (hsize_t)record + 1;
        NEED(H5Dset_extent(dataset, extent) >= 0);
        hid_t space = own(dataset, (hsize_t)record, 1);
        NEED(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, memory, space, list, data) >= 0);
        H5Sclose(space);
    }
    H5Sclose(whole), H5Sclose(memory), H5Pclose(creation), H5Pclose(list), H5Dclose(dataset);
    NEED(H5Fclose(file) >= 0);
}

#ifdef HAS_PNETCDF
/* Files of CDF-5, whose elements are big-endian. */
static int netcdf_open(int is_write)
{
    int file, failed = is_write ? ncmpi_create(MPI_COMM_WORLD, path, NC_CLOBBER | NC_64BIT_DATA, MPI_INFO_NULL, &file)
                                : ncmpi_open(MPI_COMM_WORLD, path, NC_NOWRITE, MPI_INFO_NULL, &file);
    NEED(failed == NC_NOERR);
    return file;
}

static void netcdf_write(void)
{
    int file = netcdf_open(1), axis, variable;
    MPI_Offset start = elements * rank, count = elements;
    NEED(ncmpi_def_dim(file, "x", elements * ranks, &axis) == NC_NOERR);
    NEED(ncmpi_def_var(file, "u", NC_DOUBLE, 1, &axis, &variable) == NC_NOERR);
    NEED(ncmpi_enddef(file) == NC_NOERR);
    NEED(ncmpi_put_vara_double_all(file, variable, &start, &count, data) == NC_NOERR);
    NEED(ncmpi_close(file) == NC_NOERR);
}

static void netcdf_read(void)
{
    int file = netcdf_open(0), variable;
    MPI_Offset start = elements * rank, count = elements;
    NEED(ncmpi_inq_varid(file, "u", &variable) == NC_NOERR);
    NEED(ncmpi_get_vara_double_all(file, variable, &start, &count, data) == NC_NOERR);
    NEED(ncmpi_close(file) == NC_NOERR);
}

/* All are defined first, and written at once, as its guide asks for. */
static void netcdf_small(void)
{
    int file = netcdf_open(1), axis, *variables = malloc((size_t)small * sizeof *variables);
    MPI_Offset start = 0, count = rank == 0 ? 100 : 0;
    NEED(ncmpi_def_dim(file, "x", 100, &axis) == NC_NOERR);
    for (int64_t number = 0; number < small; number++) {
        char name[32];
        snprintf(name, sizeof name, "u%d", (int)number);
        NEED(ncmpi_def_var(file, name, NC_DOUBLE, 1, &axis, &variables[number]) == NC_NOERR);
    }
    NEED(ncmpi_enddef(file) == NC_NOERR);
    for (int64_t number = 0; number < small; number++)
        NEED(ncmpi_iput_vara_double(file, variables[number], &start, &count, alike, NULL) == NC_NOERR);
    NEED(ncmpi_wait_all(file, NC_REQ_ALL, NULL, NULL) == NC_NOERR);
    NEED(ncmpi_close(file) == NC_NOERR);
    free(variables);
}

static void netcdf_append(void)
{
    int file = netcdf_open(1), axes[2], variable;
    NEED(ncmpi_def_dim(file, "time", NC_UNLIMITED, &axes[0]) == NC_NOERR);
    NEED(ncmpi_def_dim(file, "x", 512 * ranks, &axes[1]) == NC_NOERR);
    NEED(ncmpi_def_var(file, "s", NC_DOUBLE, 2, axes, &variable) == NC_NOERR);
    NEED(ncmpi_enddef(file) == NC_NOERR);
    for (int64_t record = 0; record < records; record++) {
        MPI_Offset start[2] = {record, 512 * rank}, count[2] = {1, 512};
        NEED(ncmpi_put_vara_double_all(file, variable, start, count, data) == NC_NOERR);
    }
    NEED(ncmpi_close(file) == NC_NOERR);
}
#endif

enum { NATIVE, SHARED, PARTS, NETCDF, ONE_FILE, OWN_FILES, CONTENDERS };

static h5sim_file ours_open(int by, const char *mode, const char *options)
{
    h5sim_file file = 0;
    if (by == PARTS)
        NEED(h5sim_open_comm(path, mode, options, MPI_COMM_WORLD, &file) == 0);
    else
        NEED(h5sim_open_mpi(path, mode, options, (int32_t)MPI_Comm_c2f(MPI_COMM_WORLD), &file) == 0);
    return file;
}

static void ours_write(int by, const char *options)
{
    h5sim_file file = ours_open(by, "w", NULL);
    int64_t all = elements * ranks, start = elements * rank;
    NEED(h5sim_write_block(file, "u", H5SIM_F64, 1, &all, &start, &elements, NULL, data, options) == 0);
    NEED(h5sim_close(file) == 0);
}

static void ours_read(int by)
{
    h5sim_file file = ours_open(by, "r", NULL);
    int64_t start = elements * rank;
    NEED(h5sim_read_block(file, "u", H5SIM_F64, 1, &start, &elements, NULL, data) == 0);
    NEED(h5sim_close(file) == 0);
}

static void ours_small(int by)
{
    h5sim_file file = ours_open(by, "w", NULL);
    int64_t all = 100;
    for (int64_t number = 0; number < small; number++) {
        char name[32];
        snprintf(name, sizeof name, "%d", (int)number);
        NEED(h5sim_write_f64(file, name, 1, &all, alike) == 0);
    }
    NEED(h5sim_close(file) == 0);
}

static void ours_append(int by, const char *options)
{
    h5sim_file file = ours_open(by, "w", options);
    int64_t all = 512 * ranks, start = 512 * rank, mine = 512;
    for (int64_t record = 0; record < records; record++)
        NEED(h5sim_append_block(file, "s", H5SIM_F64, 1, &all, &start, &mine, NULL, data, NULL) == 0);
    NEED(h5sim_close(file) == 0);
}

/* What no library can do without: this rank's block by one system call after another. */
static void bare(int by, int is_write)
{
    char own[sizeof path + 16];
    snprintf(own, sizeof own, "%s.%d", path, rank);
    int file = open(by == ONE_FILE ? path : own, is_write ? O_CREAT | O_WRONLY : O_RDONLY, 0666);
    NEED(file >= 0);
    size_t size = (size_t)elements * sizeof *data, done = 0;
    off_t start = by == ONE_FILE ? (off_t)size * rank : 0;
    while (done < size) {
        char *place = (char *)data + done;
        off_t offset = start + (off_t)done;
        ssize_t now = is_write ? pwrite(file, place, size - done, offset) : pread(file, place, size - done, offset);
        NEED(now > 0);
        done += (size_t)now;
    }
    NEED(close(file) == 0);
}

enum { WRITE, READ, SMALL, APPEND, GZIP, DISAGREEING, ROWS };
static const char *const keys[ROWS] = {"write", "read", "small", "append", "gzip", "disagreeing"};
static const char *const names[ROWS] = {"a block written", "a block read", "small datasets", "records appended", "a block written by gzip",
                                        "records appended, no agreement"};

/* Whether a contender has that row. */
static int has(int row, int by)
{
    switch (by) {
    case NETCDF:
#ifndef HAS_PNETCDF
        return 0;
#endif
        return row != GZIP && row != DISAGREEING;
    case ONE_FILE:
    case OWN_FILES: return row == WRITE || row == READ;
    default: return 1;
    }
}

static void run(int row, int by)
{
    static const char *const packed = "{\"compression\": \"gzip\", \"chunks\": [131072]}";
    switch (by) {
    case NATIVE:
        switch (row) {
        case WRITE: native_write(0); break;
        case READ: native_read(); break;
        case SMALL: native_small(); break;
        case GZIP: native_write(1); break;
        default: native_append();
        }
        break;
#ifdef HAS_PNETCDF
    case NETCDF:
        switch (row) {
        case WRITE: netcdf_write(); break;
        case READ: netcdf_read(); break;
        case SMALL: netcdf_small(); break;
        case APPEND: netcdf_append(); break;
        }
        break;
#endif
    case ONE_FILE:
    case OWN_FILES: bare(by, row == WRITE); break;
    default:
        switch (row) {
        case WRITE: ours_write(by, NULL); break;
        case READ: ours_read(by); break;
        case SMALL: ours_small(by); break;
        case APPEND: ours_append(by, NULL); break;
        case GZIP: ours_write(by, packed); break;
        case DISAGREEING: ours_append(by, "{\"agree\": false}"); break;
        }
    }
}

/* Removes what the contender before has left: to cut a large file costs as much as to write it, and is nobody's here. */
static void clear(void)
{
    char command[3 * sizeof path + 32];
    snprintf(command, sizeof command, "rm -rf '%s' '%s-ranks' '%s'.*", path, path, path);
    if (rank == 0)
        NEED(system(command) == 0);
    MPI_Barrier(MPI_COMM_WORLD);
}

static int ascending(const void *one, const void *other)
{
    double first = *(const double *)one, second = *(const double *)other;
    return (first > second) - (first < second);
}

/* What the agreement on a call costs: a question to the file with it and without, in microseconds a call. */
static void agreement(int by, const char *name)
{
    enum { CALLS = 5000 };
    double took[2];
    for (int agrees = 0; agrees < 2; agrees++) {
        h5sim_file file = ours_open(by, "w", agrees ? NULL : "{\"agree\": false}");
        int32_t kind;
        MPI_Barrier(MPI_COMM_WORLD);
        double start = MPI_Wtime();
        for (int call = 0; call < CALLS; call++)
            NEED(h5sim_exists(file, "nothing", &kind) == 0);
        MPI_Barrier(MPI_COMM_WORLD);
        took[agrees] = (MPI_Wtime() - start) / CALLS;
        NEED(h5sim_close(file) == 0);
    }
    if (rank == 0)
        printf("a question by %-22s %9.2f us, without agreement %9.2f us\n", name, 1e6 * took[1], 1e6 * took[0]);
}

int main(int count, char **words)
{
    MPI_Init(&count, &words);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    NEED(count >= 6);
    elements = (int64_t)atoi(words[2]) << 17;
    small = atoi(words[3]);
    records = atoi(words[4]);
    int repetitions = atoi(words[5]);
    NEED(repetitions > 0 && repetitions <= 32);
    snprintf(path, sizeof path, "%s/parallel.h5", words[1]);
    data = malloc((size_t)elements * sizeof *data);
    for (int64_t element = 0; element < elements; element++)
        data[element] = (double)(element / 8 * 1000 + rank);
    if (rank == 0)
        printf("%d ranks, blocks of %s MiB, %d small datasets, %d records of 4 KiB a rank\n", ranks, words[2], (int)small, (int)records);
    for (int row = 0; row < ROWS; row++) {
        int is_asked_for = count == 6;
        for (int word = 6; word < count; word++)
            is_asked_for |= strcmp(words[word], keys[row]) == 0;
        if (!is_asked_for)
            continue;
        double times[CONTENDERS][32];
        for (int by = 0; by < CONTENDERS; by++)
            for (int repetition = 0; repetition < repetitions; repetition++)
                times[by][repetition] = 0;
        for (int repetition = 0; repetition < repetitions; repetition++) {
            for (int by = 0; by < CONTENDERS; by++) {
                if (!has(row, by))
                    continue;
                clear();
                if (row == READ)
                    run(WRITE, by);
                MPI_Barrier(MPI_COMM_WORLD);
                double start = MPI_Wtime();
                run(row, by);
                MPI_Barrier(MPI_COMM_WORLD);
                times[by][repetition] = MPI_Wtime() - start;
            }
        }
        for (int by = 0; by < CONTENDERS; by++)
            qsort(times[by], (size_t)repetitions, sizeof *times[by], ascending);
        double native = times[NATIVE][repetitions / 2];
        for (int by = 0; rank == 0 && by < CONTENDERS; by++) {
            static const char *const who[CONTENDERS] = {"HDF5", "open_mpi", "open_ranks", "PnetCDF", "bare, one file", "bare, own files"};
            double median = times[by][repetitions / 2];
            if (has(row, by))
                printf("%-31s %-15s %9.2f ms (%9.2f ..%9.2f) %6.2f\n", by == NATIVE ? names[row] : "", who[by], 1e3 * median, 1e3 * times[by][0],
                       1e3 * times[by][repetitions - 1], native / median);
        }
        fflush(stdout);
    }
    if (count == 6) {
        agreement(SHARED, "h5sim_open_mpi");
        agreement(PARTS, "h5sim_open_ranks");
    }
    clear();
    free(data);
    MPI_Finalize();
    return 0;
}
