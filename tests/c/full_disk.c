/* Writes to a small disk until it is full: every failure is H5SIM_ERR_IO with a sentence
 * that names the file, nothing crashes, and what was whole before can be read after.
 * argv[1] is a folder on a disk with about a mebibyte of room. */
#define _POSIX_C_SOURCE 200809L
#include "expect.h"

#include <unistd.h>

static double block[1 << 14];

/* Fills a file block by block; gives the number of blocks that were accepted. */
static int fill(const char *path, const char *options)
{
    const int64_t shape[1] = {1 << 14};
    int accepted = 0, failed = 0;
    h5sim_file file;
    char name[32];

    SUCCEED(h5sim_open(path, "w", NULL, &file));
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "block/%d", i);
        for (int j = 0; j < 1 << 14; j++)
            block[j] = i + rand() / (double)RAND_MAX;
        int32_t status = h5sim_write(file, name, H5SIM_F64, 1, shape, NULL, block, options);
        if (status == 0) {
            accepted++;
            continue;
        }
        failed++;
        HOLDS(status == H5SIM_ERR_IO);
        HOLDS(strstr(h5sim_last_error(), path) != NULL);
        HOLDS(strchr(h5sim_last_error(), '\n') == NULL);
    }
    /* 40 blocks are 5 MiB: at the latest the commit must notice. */
    int32_t commit = h5sim_commit(file);
    HOLDS(failed > 0 || commit != 0);
    HOLDS(commit == 0 || commit == H5SIM_ERR_IO);
    int32_t close = h5sim_close(file);
    HOLDS(close == 0 || close == H5SIM_ERR_IO);
    /* However it closed, the handle is gone. */
    FAIL(H5SIM_ERR_HANDLE, "file", h5sim_close(file));
    return accepted;
}

/* The same with small arrays in new groups, which are gathered before they are written. */
static void fill_with_small(const char *path)
{
    const int64_t shape[1] = {1 << 10};
    int failed = 0, after_failure = 0;
    h5sim_file file;
    char name[32];

    SUCCEED(h5sim_open(path, "w", NULL, &file));
    SUCCEED(h5sim_write_f64(file, "first/0", 1, shape, block));
    SUCCEED(h5sim_commit(file));
    for (int i = 0; i < 640; i++) {
        snprintf(name, sizeof name, "group/%d/x", i / 8);
        name[strlen(name) - 1] = (char)('a' + i % 8);
        int32_t status = h5sim_write_f64(file, name, 1, shape, block);
        if (status == 0) {
            after_failure += failed > 0;
            continue;
        }
        failed++;
        HOLDS(status == H5SIM_ERR_IO);
        HOLDS(strstr(h5sim_last_error(), path) != NULL);
        HOLDS(strchr(h5sim_last_error(), '\n') == NULL);
    }
    /* 640 arrays are 5 MiB. What cannot be written is not taken either. */
    HOLDS(failed > 0 && after_failure == 0);
    HOLDS(h5sim_commit(file) == H5SIM_ERR_IO);
    HOLDS(h5sim_close(file) == H5SIM_ERR_IO);

    double found[1 << 10];
    int32_t kind;
    SUCCEED(h5sim_open(path, "r", NULL, &file));
    SUCCEED(h5sim_read_f64(file, "first/0", NULL, 1 << 10, found));
    HOLDS(memcmp(found, block, sizeof found) == 0);
    SUCCEED(h5sim_exists(file, "group", &kind));
    HOLDS(kind == H5SIM_NONE);
    SUCCEED(h5sim_close(file));
}

int main(int argc, char **argv)
{
    const int64_t shape[1] = {100};
    double data[100];
    h5sim_file file;

    if (argc != 2 || chdir(argv[1]) != 0)
        return 2;
    for (int i = 0; i < 100; i++)
        data[i] = i;
    SUCCEED(h5sim_open("before.hdf5", "w", NULL, &file));
    SUCCEED(h5sim_write_f64(file, "a", 1, shape, data));
    SUCCEED(h5sim_close(file));

    HOLDS(fill("full.hdf5", NULL) < 8);
    unlink("full.hdf5");
    HOLDS(fill("full.hdf5", "{\"chunks\": [1000], \"compression\": \"gzip\"}") < 12);
    unlink("full.hdf5");
    fill_with_small("full.hdf5");

    /* A new file where not one byte more has room. */
    FILE *rest = fopen("rest", "wb");
    while (rest != NULL && fwrite(block, 1, 512, rest) == 512 && fflush(rest) == 0)
        continue;
    if (rest != NULL)
        fclose(rest);
    int32_t status = h5sim_open("none.hdf5", "w", NULL, &file);
    if (status == 0) {
        status = h5sim_write_f64(file, "a", 1, shape, data);
        if (status == 0)
            status = h5sim_close(file);
        else
            h5sim_close(file);
    }
    HOLDS(status == H5SIM_ERR_IO);
    HOLDS(strstr(h5sim_last_error(), "none.hdf5") != NULL);

    memset(data, 0, sizeof data);
    SUCCEED(h5sim_open("before.hdf5", "r", NULL, &file));
    SUCCEED(h5sim_read_f64(file, "a", NULL, 100, data));
    for (int i = 0; i < 100; i++)
        HOLDS(data[i] == i);
    SUCCEED(h5sim_close(file));

    /* And with room again everything goes on in the same process. */
    unlink("rest");
    unlink("full.hdf5");
    unlink("none.hdf5");
    SUCCEED(h5sim_open("after.hdf5", "w", NULL, &file));
    SUCCEED(h5sim_write_f64(file, "a", 1, shape, data));
    SUCCEED(h5sim_close(file));
    return conclude();
}
