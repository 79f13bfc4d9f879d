/* One file of many ranks: this library beside HDF5's own parallel C calls in their best settings.
 *   parallel FOLDER MIB SMALL RECORDS REPETITIONS
 * Prints for each row the best of both in milliseconds, and how many times faster this library is. Files are closed within the time.
 * Built and run by tools/bench_mpi.sh, which links both with the same HDF5. */
#define _GNU_SOURCE
#include <h5sim.h>
#include <hdf5.h>
#include <mpi.h>
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

static h5sim_file ours_open(const char *mode, const char *options)
{
    h5sim_file file;
    NEED(h5sim_open_mpi(path, mode, options, (int32_t)MPI_Comm_c2f(MPI_COMM_WORLD), &file) == 0);
    return file;
}

static void ours_write(const char *options)
{
    h5sim_file file = ours_open("w", NULL);
    int64_t all = elements * ranks, start = elements * rank;
    NEED(h5sim_write_block(file, "u", H5SIM_F64, 1, &all, &start, &elements, NULL, data, options) == 0);
    NEED(h5sim_close(file) == 0);
}

static void ours_read(void)
{
    h5sim_file file = ours_open("r", NULL);
    int64_t start = elements * rank;
    NEED(h5sim_read_block(file, "u", H5SIM_F64, 1, &start, &elements, NULL, data) == 0);
    NEED(h5sim_close(file) == 0);
}

static void ours_small(const char *options)
{
    h5sim_file file = ours_open("w", options);
    int64_t all = 100;
    for (int64_t number = 0; number < small; number++) {
        char name[32];
        snprintf(name, sizeof name, "%d", (int)number);
        NEED(h5sim_write_f64(file, name, 1, &all, alike) == 0);
    }
    NEED(h5sim_close(file) == 0);
}

static void ours_append(const char *options)
{
    h5sim_file file = ours_open("w", options);
    int64_t all = 512 * ranks, start = 512 * rank, mine = 512;
    for (int64_t record = 0; record < records; record++)
        NEED(h5sim_append_block(file, "s", H5SIM_F64, 1, &all, &start, &mine, NULL, data, NULL) == 0);
    NEED(h5sim_close(file) == 0);
}

static void run(int row, int is_ours)
{
    switch (row) {
    case 0: is_ours ? ours_write(NULL) : native_write(0); break;
    case 1: is_ours ? ours_read() : native_read(); break;
    case 2: is_ours ? ours_small(NULL) : native_small(); break;
    case 3: is_ours ? ours_append(NULL) : native_append(); break;
    case 4: is_ours ? ours_write("{\"compression\": \"gzip\", \"chunks\": [131072]}") : native_write(1); break;
    case 5: is_ours ? ours_append("{\"agree\": false}") : native_append(); break;
    }
}

int main(int count, char **words)
{
    MPI_Init(&count, &words);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    NEED(count == 6);
    elements = (int64_t)atoi(words[2]) << 17;
    small = atoi(words[3]);
    records = atoi(words[4]);
    int repetitions = atoi(words[5]);
    snprintf(path, sizeof path, "%s/parallel.h5", words[1]);
    data = malloc((size_t)elements * sizeof *data);
    for (int64_t element = 0; element < elements; element++)
        data[element] = (double)(element / 8 * 1000 + rank);
    const char *names[] = {"a block written", "a block read", "small datasets", "records appended", "a block written by gzip", "records appended, no agreement"};
    if (rank == 0)
        printf("%d ranks, blocks of %s MiB, %d small datasets, %d records of 4 KiB a rank\n", ranks, words[2], (int)small, (int)records);
    for (int row = 0; row < 6; row++) {
        double best[2] = {1e9, 1e9};
        for (int repetition = 0; repetition < 2 * repetitions; repetition++) {
            int is_ours = repetition % 2;
            if (row == 1)
                run(0, 0);
            MPI_Barrier(MPI_COMM_WORLD);
            double start = MPI_Wtime();
            run(row, is_ours);
            MPI_Barrier(MPI_COMM_WORLD);
            double took = MPI_Wtime() - start;
            if (took < best[is_ours])
                best[is_ours] = took;
        }
        if (rank == 0)
            printf("%-32s HDF5 %9.2f ms   h5sim %9.2f ms   %5.2f\n", names[row], 1e3 * best[0], 1e3 * best[1], best[0] / best[1]);
        fflush(stdout);
    }
    if (rank == 0)
        unlink(path);
    free(data);
    MPI_Finalize();
    return 0;
}
