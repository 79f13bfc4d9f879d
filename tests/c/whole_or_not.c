/* A call that a full disk refuses has done nothing: no half of an array is new, no record too many is there, no group
 * was made, and an opening that is refused leaves no journal. argv[1] is a folder on a disk of 16 MiB. */
#define _POSIX_C_SOURCE 200809L
#include "expect.h"

#include <unistd.h>

enum { ROWS = 512, COLUMNS = 1024, MANY = ROWS * COLUMNS };
static double block[MANY], found[MANY];
static const int64_t shape[2] = {ROWS, COLUMNS};

/* Numbers that no filter makes smaller, other ones for each seed. */
static double number(int64_t index, uint64_t seed)
{
    uint64_t bits = (uint64_t)index * UINT64_C(0x9e3779b97f4a7c15) + seed * UINT64_C(0xbf58476d1ce4e5b9);
    bits ^= bits >> 31;
    bits *= UINT64_C(0x94d049bb133111eb);
    bits ^= bits >> 29;
    return (double)(bits >> 11);
}

static void values(uint64_t seed)
{
    for (int64_t i = 0; i < MANY; i++)
        block[i] = number(i, seed);
}

static int are_values(uint64_t seed)
{
    for (int64_t i = 0; i < MANY; i++)
        if (found[i] != number(i, seed))
            return 0;
    return 1;
}

/* Leaves so many KiB of room. */
static void fill_disk(int left)
{
    static char bytes[1 << 16];
    FILE *rest = fopen("rest", "ab");
    setvbuf(rest, NULL, _IONBF, 0);
    for (size_t size = sizeof bytes; size >= 1024; size /= 2)
        while (ftell(rest) < 1 << 26 && fwrite(bytes, 1, size, rest) == size)
            continue;
    const long size = ftell(rest) - 1024L * left;
    fclose(rest);
    HOLDS(truncate("rest", size > 0 ? size : 0) == 0);
}

/* Overwrites an array of these options in one of several ways, with so much room: all of it is new, or nothing. */
static int overwrite(const char *options, const char *how, int left)
{
    h5sim_file file;
    SUCCEED(h5sim_open("whole.h5", "w", NULL, &file));
    values(1);
    SUCCEED(h5sim_write(file, "d", H5SIM_F64, 2, shape, NULL, block, options));
    SUCCEED(h5sim_commit(file));
    values(2);
    fill_disk(left);
    int32_t status;
    if (strcmp(how, "slice") == 0)
        status = h5sim_write_slice(file, "d", NULL, H5SIM_F64, MANY, block);
    else if (strcmp(how, "rows") == 0) {
        /* Rows that are backwards in memory do not lie in it as they do in the file. */
        const int64_t strides[2] = {-COLUMNS, 1};
        status = h5sim_write(file, "d", H5SIM_F64, 2, shape, strides, block + (ROWS - 1) * COLUMNS, "{\"overwrite\": true}");
    } else {
        const int64_t start[2] = {0, 0}, stride[2] = {1, 1}, count[2] = {1, 1};
        status = h5sim_write_hyperslab(file, "d", H5SIM_F64, 2, start, stride, count, shape, MANY, block);
    }
    HOLDS(status == 0 || status == H5SIM_ERR_IO);
    const uint64_t expected = status == 0 ? 2 : 1;
    const int is_upright = status != 0 || strcmp(how, "rows") != 0;
    const char *const rows = is_upright ? NULL : "::-1";
    SUCCEED(h5sim_read_f64(file, "d", rows, MANY, found));
    HOLDS(are_values(expected));
    HOLDS(unlink("rest") == 0);
    SUCCEED(h5sim_close(file));
    SUCCEED(h5sim_open("whole.h5", "r", NULL, &file));
    SUCCEED(h5sim_read_f64(file, "d", rows, MANY, found));
    HOLDS(are_values(expected));
    SUCCEED(h5sim_close(file));
    HOLDS(unlink("whole.h5") == 0);
    return status != 0;
}

/* What cannot be created leaves nothing, and a series that cannot grow is as long as it was, for HDF5 as well. */
static void create_and_append(int left)
{
    h5sim_file file;
    int32_t kind, dtype, rank;
    int64_t extents[32];
    char *text;
    SUCCEED(h5sim_open("made.h5", "w", NULL, &file));
    values(3);
    SUCCEED(h5sim_append(file, "s", H5SIM_F64, 1, shape + 1, block, "{\"chunks\": [4, 1024], \"compression\": 1}"));
    SUCCEED(h5sim_commit(file));
    fill_disk(left);
    int refused = 0, records = 1;
    for (int i = 0; i < 40; i++) {
        const int32_t status = h5sim_append(file, "s", H5SIM_F64, 1, shape + 1, block + COLUMNS * i, "{\"records\": 1}");
        HOLDS(status == 0 || status == H5SIM_ERR_IO);
        records += status == 0;
        SUCCEED(h5sim_info(file, "s", &dtype, &rank, extents));
        HOLDS(extents[0] == records);
    }
    const char *const words[1] = {"a text"};
    const int64_t one[1] = {1};
    for (int way = 0; way < 4; way++) {
        int32_t status;
        switch (way) {
        case 0: status = h5sim_write(file, "g/h/d", H5SIM_F64, 2, shape, NULL, block, NULL); break;
        case 1: status = h5sim_append(file, "g/h/d", H5SIM_F64, 2, shape, block, NULL); break;
        case 2: status = h5sim_write(file, "g/h/d", H5SIM_F64, 2, shape, NULL, block, "{\"compression\": 1}"); break;
        default: status = h5sim_write_texts(file, "g/h/d", 1, one, words); break;
        }
        HOLDS(status == 0 || status == H5SIM_ERR_IO);
        const char *const paths[3] = {"g", "g/h", "g/h/d"};
        for (int i = 0; i < 3; i++) {
            SUCCEED(h5sim_exists(file, paths[i], &kind));
            HOLDS((kind != H5SIM_NONE) == (status == 0));
        }
        if (status == 0)
            SUCCEED(h5sim_delete(file, "g"));
        refused += status != 0;
    }
    HOLDS(refused >= 3);
    HOLDS(unlink("rest") == 0);
    SUCCEED(h5sim_tree(file, "/", &text));
    HOLDS(strstr(text, "g/h") == NULL);
    char length[32];
    snprintf(length, sizeof length, "[%d, %d]", records, COLUMNS);
    HOLDS(strstr(text, length) != NULL);
    h5sim_free(text);
    SUCCEED(h5sim_close(file));
    SUCCEED(h5sim_open("made.h5", "r", NULL, &file));
    SUCCEED(h5sim_info(file, "s", &dtype, &rank, extents));
    HOLDS(extents[0] == records);
    SUCCEED(h5sim_close(file));
}

/* A refused opening leaves the file alone, and no journal; so does a refused first change, which can be repeated. */
static void open_refused(void)
{
    static const char *const modes[] = {"r+", "a", "w"};
    h5sim_file file;
    int32_t kind;
    for (int i = 0; i < 3; i++) {
        SUCCEED(h5sim_open("refused.h5", "w", "{\"durability\": \"none\"}", &file));
        SUCCEED(h5sim_write_f64(file, "old", 0, NULL, block));
        SUCCEED(h5sim_close(file));
        fill_disk(0);
        if (strcmp(modes[i], "w") == 0) {
            FAIL(H5SIM_ERR_IO, "refused.h5", h5sim_open("refused.h5", modes[i], NULL, &out.file));
        } else {
            SUCCEED(h5sim_open("refused.h5", modes[i], NULL, &file));
            SUCCEED(h5sim_exists(file, "old", &kind));
            HOLDS(access("refused.h5-journal", F_OK) != 0);
            for (int again = 0; again < 3; again++) {
                FAIL(H5SIM_ERR_IO, "refused.h5", h5sim_write_text(file, "\303\251/t", "a text"));
                SUCCEED(h5sim_exists(file, "\303\251", &kind));
                HOLDS(kind == H5SIM_NONE);
            }
            SUCCEED(h5sim_write_f64(file, "new", 0, NULL, block));
            FAIL(H5SIM_ERR_IO, "refused.h5", h5sim_commit(file));
            HOLDS(access("refused.h5-journal", F_OK) != 0);
            HOLDS(unlink("rest") == 0);
            SUCCEED(h5sim_commit(file));
            SUCCEED(h5sim_close(file));
            fill_disk(0);
        }
        HOLDS(access("refused.h5-journal", F_OK) != 0);
        HOLDS(unlink("rest") == 0);
        SUCCEED(h5sim_open("refused.h5", "r", NULL, &file));
        SUCCEED(h5sim_exists(file, "old", &kind));
        HOLDS(kind == H5SIM_DATASET);
        SUCCEED(h5sim_exists(file, "new", &kind));
        HOLDS((kind == H5SIM_DATASET) == (strcmp(modes[i], "w") != 0));
        SUCCEED(h5sim_close(file));
    }
}

/* Records that were refused are cut at the next commit, though the compressed chunk at the border lies in the file without
 * its filter since. */
static void cut_after_refusal(void)
{
    const int64_t record[2] = {2, 2};
    const int32_t first = 7;
    static const int32_t many[30];
    int32_t kept[2] = {0, 0};
    h5sim_file file;
    SUCCEED(h5sim_open("cut.h5", "w", NULL, &file));
    SUCCEED(h5sim_append(file, "g/a", H5SIM_F64, 2, record, block, "{\"chunks\": [8, 1, 2], \"fletcher32\": true}"));
    SUCCEED(h5sim_append(file, "t", H5SIM_I32, 0, NULL, &first, "{\"chunks\": [3], \"compression\": \"gzip\"}"));
    fill_disk(0);
    HOLDS(h5sim_append(file, "t", H5SIM_I32, 0, NULL, many, "{\"records\": 30}") == H5SIM_ERR_IO);
    HOLDS(remove("rest") == 0);
    SUCCEED(h5sim_commit(file));
    SUCCEED(h5sim_read(file, "t", NULL, H5SIM_I32, 1, kept));
    HOLDS(kept[0] == first);
    SUCCEED(h5sim_close(file));
    HOLDS(remove("cut.h5") == 0);
}

/* A cut that is refused leaves all records, those that waited as well. */
static void cut_refused(int left)
{
    const int64_t record[1] = {400};
    int32_t dtype, rank;
    int64_t extents[32];
    h5sim_file file;
    SUCCEED(h5sim_open("cut.h5", "w", NULL, &file));
    values(4);
    for (int i = 0; i < 30; i++)
        SUCCEED(h5sim_append(file, "s", H5SIM_F64, 1, record, block + 400 * i, "{\"chunks\": [3, 377], \"compression\": \"gzip\"}"));
    /* All of them are in the file when somebody has looked. */
    char *text;
    SUCCEED(h5sim_tree(file, "/", &text));
    h5sim_free(text);
    fill_disk(left);
    const int32_t status = h5sim_truncate(file, "s", 1);
    HOLDS(status == 0 || status == H5SIM_ERR_IO);
    const int64_t records = status == 0 ? 1 : 30;
    SUCCEED(h5sim_info(file, "s", &dtype, &rank, extents));
    HOLDS(extents[0] == records);
    HOLDS(remove("rest") == 0);
    SUCCEED(h5sim_commit(file));
    SUCCEED(h5sim_info(file, "s", &dtype, &rank, extents));
    HOLDS(extents[0] == records);
    SUCCEED(h5sim_read_f64(file, "s", NULL, MANY, found));
    for (int64_t i = 0; i < 400 * records; i++)
        HOLDS(found[i] == number(i, 4));
    SUCCEED(h5sim_close(file));
    HOLDS(remove("cut.h5") == 0);
}

int main(int argc, char **argv)
{
    if (argc != 2 || chdir(argv[1]) != 0)
        return 2;
    alarm(60);
    static const char *const options[] = {NULL, "{\"chunks\": [32, 1024]}", "{\"chunks\": [32, 128], \"compression\": 1, \"threads\": 2}"};
    static const char *const ways[] = {"slice", "rows", "hyperslab"};
    int refused = 0;
    for (int i = 0; i < 3; i++)
        for (int way = 0; way < 3; way++)
            for (int left = 16; left < 3000; left *= 12)
                refused += overwrite(options[i], ways[way], left);
    HOLDS(refused > 0);
    create_and_append(0);
    create_and_append(100);
    open_refused();
    cut_after_refusal();
    for (int left = 0; left < 200; left += 20)
        cut_refused(left);
    return conclude();
}
