/* A disk is full, and later has room again: what was accepted is there in the end, and nobody is ended by it.
 * argv[1] is a folder on a disk with two mebibytes of room, argv[2] what is done while the disk is full:
 *   write      part of a chunked dataset, contiguous ones, small ones, attributes
 *   append     records of several series
 *   chunks     records of many compressed chunks, of which some find room
 *   delete     what was written before
 *   overwrite  a contiguous dataset in place, which the journal has no room for
 *   replace    a dataset with one of another shape
 * argv[3] is what comes then: commit or close without room; exit; again (room, then a commit); work (room, then
 * another dataset, and no commit before the close). With look nothing is done but to look at the last commit. */
#define _POSIX_C_SOURCE 200809L
#include "expect.h"

#include <sys/stat.h>
#include <unistd.h>

enum { MANY = 20000, CHUNK = 5000, RECORD = 100, COMMITTED = 20, SOME = 60000, SERIES = 12, SHORT = 100 };
static h5sim_file file;
static double block[MANY], found[MANY];
static const int64_t many[1] = {MANY}, record[1] = {RECORD};
static const char *how, *then_what;
static int failures, accepted_records, accepted_small, accepted_parts, accepted_wide, overwritten, replaced, deleted, attribute;

/* A call that may find no room: whether it was accepted. */
static int accepted(int32_t status)
{
    if (status == 0)
        return 1;
    failures++;
    if (status != H5SIM_ERR_IO)
        printf("    %s: %s\n", h5sim_status_name(status), h5sim_last_error());
    HOLDS(status == H5SIM_ERR_IO);
    HOLDS(strstr(h5sim_last_error(), "room.h5") != NULL);
    HOLDS(strchr(h5sim_last_error(), '\n') == NULL);
    return 0;
}

static void values(int64_t count, double from)
{
    for (int64_t i = 0; i < count; i++)
        block[i] = from + (double)i;
}

static int are_values(int64_t count, double from)
{
    for (int64_t i = 0; i < count; i++)
        if (found[i] != from + (double)i)
            return 0;
    return 1;
}

static void fill_disk(void)
{
    static char bytes[4096];
    FILE *rest = fopen("rest", "ab");
    for (size_t size = sizeof bytes; size > 0 && rest != NULL; size /= 2)
        while (fwrite(bytes, 1, size, rest) == size && fflush(rest) == 0)
            continue;
    if (rest != NULL)
        fclose(rest);
}

static void append_record(int number)
{
    char path[16];
    snprintf(path, sizeof path, "s%d", number % 2);
    values(RECORD, number);
    /* Of the two series, which take turns, each is to have all that were given until one is refused. */
    if (failures == 0)
        accepted_records += accepted(h5sim_append(file, path, H5SIM_F64, 1, record, block,
                                                  number % 2 ? "{\"compression\": 4, \"chunks\": [8, 100]}" : NULL));
}

/* Numbers that do not become shorter when they are compressed. */
static void noise(int number)
{
    uint64_t state = 88172645463325252u + (uint64_t)number;
    for (int i = 0; i < MANY; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        block[i] = (double)(state >> 11);
    }
}

static void look(int all);

static int32_t append_wide(const char *path, int number)
{
    noise(number);
    /* The records of the one are whole chunks, those of the other halves. */
    return h5sim_append(file, path, H5SIM_F64, 1, many, block,
                        path[4] == '1' ? "{\"compression\": 1, \"chunks\": [1, 1000]}" : "{\"compression\": 1, \"chunks\": [2, 1000]}");
}

static void fill_then_work(void)
{
    char path[32];
    if (strcmp(how, "chunks") == 0) {
        noise(3);
        for (int i = 0; i < SERIES; i++) {
            snprintf(path, sizeof path, "short%d", i);
            HOLDS(!accepted(h5sim_append(file, path, H5SIM_F64, 0, NULL, block, "{\"records\": 20000}")));
        }
        /* A commit without room is refused, and the file can be read after it. */
        if (strcmp(then_what, "again") == 0)
            accepted(h5sim_commit(file));
        look(1);
        struct stat rest;
        HOLDS(stat("rest", &rest) == 0 && truncate("rest", rest.st_size - SOME) == 0);
        accepted_wide = accepted(append_wide("wide1", 1));
        HOLDS(!accepted_wide);
        HOLDS(!accepted(append_wide("wide1", 2)));
    }
    if (strcmp(how, "write") == 0) {
        for (int part = 0; part < MANY / CHUNK; part++) {
            char slice[32];
            snprintf(slice, sizeof slice, "%d:%d", part * CHUNK, (part + 1) * CHUNK);
            values(CHUNK, part * CHUNK);
            if (accepted_parts == part)
                accepted_parts += accepted(h5sim_write_slice(file, "d1", slice, H5SIM_F64, CHUNK, block));
        }
        for (int i = 0; i < 40; i++) {
            snprintf(path, sizeof path, "small %d/x", i);
            values(1000, i);
            const int64_t shape[1] = {1000};
            if (accepted_small == i)
                accepted_small += accepted(h5sim_write_f64(file, path, 1, shape, block));
        }
        values(CHUNK, 3);
        attribute = accepted(h5sim_set_attr(file, "d0", "a", H5SIM_F64, 1, record, block));
    } else if (strcmp(how, "append") == 0)
        for (int number = COMMITTED; number < COMMITTED + 200; number++)
            append_record(number);
    else if (strcmp(how, "delete") == 0)
        deleted = accepted(h5sim_delete(file, "d0"));
    else if (strcmp(how, "overwrite") == 0) {
        values(MANY, -7);
        overwritten = accepted(h5sim_write_slice(file, "d0", NULL, H5SIM_F64, MANY, block));
    } else if (strcmp(how, "replace") == 0) {
        const int64_t shape[2] = {2, MANY / 2};
        values(MANY, 9);
        replaced = accepted(h5sim_write(file, "d0", H5SIM_F64, 2, shape, NULL, block, "{\"overwrite\": true}"));
    }
}

/* All of the accepted, or nothing since the commit. */
static void look(int all)
{
    int32_t dtype, rank, kind;
    int64_t shape[32];
    char path[32];
    SUCCEED(h5sim_exists(file, "d0", &kind));
    HOLDS(kind == (all && deleted ? H5SIM_NONE : H5SIM_DATASET));
    if (!(all && deleted)) {
        const int second = all && replaced;
        SUCCEED(h5sim_info(file, "d0", &dtype, &rank, shape));
        HOLDS(second ? rank == 2 && shape[1] == MANY / 2 : rank == 1 && shape[0] == MANY);
        SUCCEED(h5sim_read_f64(file, "d0", NULL, MANY, found));
        HOLDS(are_values(MANY, second ? 9 : all && overwritten ? -7 : 1));
        /* The dataset's attribute is there, unless the dataset was replaced. */
        double value = 0;
        if (!second) {
            SUCCEED(h5sim_get_attr(file, "d0", "kept", H5SIM_F64, 1, &value));
            HOLDS(value == 5);
        }
    }
    SUCCEED(h5sim_read_f64(file, "d1", NULL, MANY, found));
    for (int part = 0; part < MANY / CHUNK; part++)
        HOLDS(found[part * CHUNK + 7] == (all && part < accepted_parts ? part * CHUNK + 7 : 0));
    for (int i = 0; i < 40; i++) {
        snprintf(path, sizeof path, "small %d/x", i);
        SUCCEED(h5sim_exists(file, path, &kind));
        if (all ? i < accepted_small : 0) {
            HOLDS(kind == H5SIM_DATASET);
            SUCCEED(h5sim_read_f64(file, path, NULL, 1000, found));
            HOLDS(are_values(1000, i));
        } else
            HOLDS(kind == H5SIM_NONE);
    }
    if (strcmp(how, "chunks") == 0) {
        noise(4);
        for (int i = 0; i < SERIES; i++) {
            snprintf(path, sizeof path, "short%d", i);
            SUCCEED(h5sim_info(file, path, &dtype, &rank, shape));
            HOLDS(rank == 1 && shape[0] == SHORT);
            SUCCEED(h5sim_read_f64(file, path, NULL, SHORT, found));
            HOLDS(memcmp(found, block, SHORT * sizeof *block) == 0);
        }
    }
    for (int wide = 1; strcmp(how, "chunks") == 0 && wide <= 2; wide++) {
        snprintf(path, sizeof path, "wide%d", wide);
        SUCCEED(h5sim_info(file, path, &dtype, &rank, shape));
        HOLDS(shape[0] == 1);
        SUCCEED(h5sim_read_f64(file, path, "0", MANY, found));
        noise(0);
        HOLDS(memcmp(found, block, sizeof block) == 0);
    }
    for (int series = 0; series < 2; series++) {
        snprintf(path, sizeof path, "s%d", series);
        SUCCEED(h5sim_info(file, path, &dtype, &rank, shape));
        const int64_t committed = COMMITTED / 2;
        const int64_t mine = committed + (all ? (accepted_records - COMMITTED + 1 - series) / 2 : 0);
        HOLDS(shape[0] == mine);
        for (int64_t i = 0; i < shape[0] && i < mine; i++) {
            char slice[16];
            snprintf(slice, sizeof slice, "%d", (int)i);
            SUCCEED(h5sim_read_f64(file, path, slice, RECORD, found));
            HOLDS(are_values(RECORD, (double)(2 * i + series)));
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 4 || chdir(argv[1]) != 0)
        return 2;
    how = argv[2];
    then_what = argv[3];
    char path[32];
    alarm(60);
    if (strcmp(then_what, "look") == 0) {
        SUCCEED(h5sim_open("room.h5", "r+", NULL, &file));
        look(0);
        SUCCEED(h5sim_close(file));
        FAIL(H5SIM_ERR_HANDLE, "file", h5sim_commit(file));
        return conclude();
    }
    SUCCEED(h5sim_open("room.h5", "w", NULL, &file));
    values(MANY, 1);
    SUCCEED(h5sim_write_f64(file, "d0", 1, many, block));
    const double five = 5;
    SUCCEED(h5sim_set_attr(file, "d0", "kept", H5SIM_F64, 0, NULL, &five));
    SUCCEED(h5sim_create(file, "d1", H5SIM_F64, 1, many, "{\"chunks\": [5000]}"));
    for (int number = 0; number < COMMITTED; number++)
        append_record(number);
    if (strcmp(how, "chunks") == 0) {
        noise(4);
        for (int i = 0; i < SERIES; i++) {
            snprintf(path, sizeof path, "short%d", i);
            SUCCEED(h5sim_append(file, path, H5SIM_F64, 0, NULL, block, "{\"compression\": \"gzip\", \"chunks\": [300], \"records\": 100}"));
        }
        SUCCEED(append_wide("wide1", 0));
        SUCCEED(append_wide("wide2", 0));
    }
    SUCCEED(h5sim_commit(file));
    fill_disk();
    fill_then_work();

    if (strcmp(then_what, "again") == 0 || strcmp(then_what, "work") == 0) {
        /* Once more without room; then there is some, and the commit has all that was accepted. */
        const int32_t committed = h5sim_commit(file);
        accepted(committed);
        unlink("rest");
        if (strcmp(then_what, "work") == 0) {
            values(MANY, 77);
            SUCCEED(h5sim_write_f64(file, "later/x", 1, many, block));
        } else
            SUCCEED(h5sim_commit(file));
        look(1);
        SUCCEED(h5sim_close(file));
        SUCCEED(h5sim_open("room.h5", "r", NULL, &file));
        look(1);
        SUCCEED(h5sim_close(file));
        if (strcmp(how, "chunks") == 0) {
            /* Nothing of what was refused is seen when there are more records. */
            const int64_t longer[2] = {4, MANY};
            SUCCEED(h5sim_open("room.h5", "r+", NULL, &file));
            for (int wide = 1; wide <= 2; wide++) {
                const char *path = wide == 1 ? "wide1" : "wide2";
                SUCCEED(h5sim_resize(file, path, 2, longer));
                SUCCEED(h5sim_read_f64(file, path, "1", MANY, found));
                for (int i = 0; i < MANY; i++)
                    HOLDS(found[i] == 0);
                SUCCEED(h5sim_resize(file, "short3", 1, &(int64_t){900}));
                SUCCEED(h5sim_read_f64(file, "short3", "100:", 800, found));
                for (int i = 0; i < 800; i++)
                    HOLDS(found[i] == 0);
                SUCCEED(append_wide(path, 5));
                SUCCEED(h5sim_read_f64(file, path, "4", MANY, found));
                HOLDS(memcmp(found, block, sizeof block) == 0);
            }
            SUCCEED(h5sim_close(file));
        }
        return conclude();
    }
    if (strcmp(then_what, "exit") == 0)
        return conclude();
    int all = accepted(strcmp(then_what, "commit") == 0 ? h5sim_commit(file) : 0);
    if (strcmp(then_what, "close") == 0)
        all = accepted(h5sim_close(file));
    else
        all = accepted(h5sim_close(file)) || all;
    SUCCEED(h5sim_open("room.h5", "r", NULL, &file));
    look(all);
    SUCCEED(h5sim_close(file));
    return conclude();
}
