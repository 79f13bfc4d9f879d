/* What calls cost, counted: costs FOLDER flat MANY | reopened MANY | quiet | watched | rotating | overwritten | memory.
 *
 * flat    calls of each kind among MANY datasets, attributes and series; a counter of instructions counts those of measured()
 * reopened  the same of files that are opened for a call or two, which is what measured_reopening() does
 * quiet   calls on what is in memory make no system call
 * rotating  what is deleted and written anew does not go through the journal
 * overwritten  nor does what is overwritten as a whole, and the file is no longer for it when it is closed
 * memory  ten times the "memory" option goes through it, and what the process takes stays within it */
#define _GNU_SOURCE
#include "expect.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { CALLS = 200, SIDE = 64, MEBI = 1 << 20 };
static double numbers[MEBI / 8 + 64];

static const char *numbered(const char *format, int number)
{
    static char text[64];
    snprintf(text, sizeof text, format, number);
    return text;
}

/* Of each kind so many calls as are in a time loop; they meet the objects that were there first. */
__attribute__((noinline)) static void measured(h5sim_file file, int from, int to)
{
    const int64_t four[1] = {4}, start[1] = {1}, count[1] = {2};
    int32_t kind, dtype, rank;
    int64_t shape[H5SIM_MAX_RANK];
    for (int call = from; call < to; call++) {
        SUCCEED(h5sim_append_f64(file, "series/3", 1, four, numbers + call));
        SUCCEED(h5sim_write_hyperslab(file, "datasets/3", H5SIM_F64, 1, start, NULL, count, NULL, 2, numbers + call));
        SUCCEED(h5sim_read_hyperslab(file, "datasets/4", H5SIM_F64, 1, start, NULL, count, NULL, 2, numbers + call));
        SUCCEED(h5sim_read_f64(file, "series/3", "-1", 4, numbers));
        SUCCEED(h5sim_info(file, "series/5", &dtype, &rank, shape));
        SUCCEED(h5sim_exists(file, "datasets/5", &kind));
        SUCCEED(h5sim_set_attr(file, "attributes", "a3", H5SIM_F64, 0, NULL, numbers + call));
        SUCCEED(h5sim_get_attr(file, "attributes", "a3", H5SIM_F64, 1, numbers));
    }
}

static void flat(int many)
{
    const int64_t four[1] = {4};
    h5sim_file file;
    SUCCEED(h5sim_open("flat.h5", "w", NULL, &file));
    SUCCEED(h5sim_create_group(file, "attributes"));
    for (int i = 0; i < many; i++) {
        SUCCEED(h5sim_write_f64(file, numbered("datasets/%d", i), 1, four, numbers + i));
        SUCCEED(h5sim_append(file, numbered("series/%d", i), H5SIM_F64, 1, four, numbers + i, "{\"chunks\": [1024, 4]}"));
        SUCCEED(h5sim_set_attr(file, "attributes", numbered("a%d", i), H5SIM_F64, 0, NULL, numbers + i));
    }
    SUCCEED(h5sim_commit(file));
    /* The first calls open what the others find open; these are fewer than a chunk of records. */
    for (int call = 0; call < 16; call++) {
        int32_t kind;
        SUCCEED(h5sim_append_f64(file, "series/3", 1, four, numbers));
        SUCCEED(h5sim_exists(file, numbered("datasets/%d", 3 + call % 3), &kind));
        SUCCEED(h5sim_set_attr(file, "attributes", "a3", H5SIM_F64, 0, NULL, numbers));
        SUCCEED(h5sim_read_f64(file, numbered("datasets/%d", 3 + call % 3), NULL, 4, numbers));
    }
    measured(file, 0, CALLS);
    SUCCEED(h5sim_close(file));
    FAIL(H5SIM_ERR_HANDLE, "file", h5sim_close(file));
}

/* Files that are opened for a call or two; what is only read has no journal. */
__attribute__((noinline)) static void measured_reopening(const char *group)
{
    static const char *const modes[2] = {"r", "r+"};
    char path[2][32];
    h5sim_file file;
    int32_t kind;
    snprintf(path[0], sizeof path[0], "%sd3", group);
    snprintf(path[1], sizeof path[1], "%snothing", group);
    for (int i = 0; i < 8; i++) {
        SUCCEED(h5sim_open("many.h5", modes[i % 2], NULL, &file));
        SUCCEED(h5sim_read_f64(file, path[0], NULL, 4, numbers));
        SUCCEED(h5sim_close(file));
        SUCCEED(h5sim_open("many.h5", modes[i % 2], NULL, &file));
        SUCCEED(h5sim_exists(file, path[0], &kind));
        HOLDS(kind == H5SIM_DATASET);
        SUCCEED(h5sim_exists(file, path[1], &kind));
        HOLDS(kind == H5SIM_NONE);
        HOLDS(access("many.h5-journal", F_OK) != 0);
        SUCCEED(h5sim_close(file));
        SUCCEED(h5sim_open("many.h5", "r+", NULL, &file));
        SUCCEED(h5sim_set_attr(file, path[0], "a", H5SIM_F64, 0, NULL, numbers));
        SUCCEED(h5sim_close(file));
        SUCCEED(h5sim_open("many.h5", "r+", NULL, &file));
        SUCCEED(h5sim_write_f64(file, path[1], 0, NULL, numbers));
        SUCCEED(h5sim_close(file));
        SUCCEED(h5sim_open("many.h5", "r+", NULL, &file));
        SUCCEED(h5sim_delete(file, path[1]));
        SUCCEED(h5sim_close(file));
    }
}

static void reopened(int many)
{
    const int64_t four[1] = {4};
    h5sim_file file;
    SUCCEED(h5sim_open("many.h5", "w", NULL, &file));
    for (int i = 0; i < many; i++) {
        SUCCEED(h5sim_write_f64(file, numbered("d%d", i), 1, four, numbers + i));
        SUCCEED(h5sim_write_f64(file, numbered("group/d%d", i), 1, four, numbers + i));
    }
    SUCCEED(h5sim_close(file));
    measured_reopening("");
    measured_reopening("group/");
}

/* From now on anything but time, memory, the end of the process and up to eight other calls kills it. */
static void allow_no_system_call_but(int count, const uint32_t *others)
{
    static const uint32_t needed[] = {SYS_clock_gettime, SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_madvise, SYS_exit_group};
    enum { NEEDED = sizeof needed / sizeof needed[0] };
    uint32_t allowed[NEEDED + 8];
    struct sock_filter filter[2 * (NEEDED + 8) + 2];
    int length = 0;
    memcpy(allowed, needed, sizeof needed);
    for (int i = 0; i < count; i++)
        allowed[NEEDED + i] = others[i];
    filter[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (int i = 0; i < NEEDED + count; i++) {
        filter[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i], 0, 1);
        filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }
    filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    struct sock_fprog program = {.len = (unsigned short)length, .filter = filter};
    HOLDS(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    HOLDS(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

/* A time loop on datasets in chunks that are in memory, and on small parts of one in one piece that lie close together. */
static void loop(h5sim_file file, const char *plain, const char *packed, int turns)
{
    const int64_t row[2] = {3, 0}, column[2] = {0, 5}, wide[2] = {1, SIDE}, high[2] = {SIDE, 1}, low[2] = {8, 1}, four[1] = {4};
    const char *paths[2] = {plain, packed};
    int64_t shape[H5SIM_MAX_RANK];
    int32_t kind, dtype, rank;
    for (int turn = 0; turn < turns; turn++) {
        for (int i = 0; i < 2; i++) {
            SUCCEED(h5sim_write_hyperslab(file, paths[i], H5SIM_F64, 2, row, NULL, wide, NULL, SIDE, numbers + turn));
            SUCCEED(h5sim_write_hyperslab(file, paths[i], H5SIM_F64, 2, column, NULL, high, NULL, SIDE, numbers + turn));
            SUCCEED(h5sim_read_hyperslab(file, paths[i], H5SIM_F64, 2, column, NULL, high, NULL, SIDE, numbers));
            SUCCEED(h5sim_info(file, paths[i], &dtype, &rank, shape));
            SUCCEED(h5sim_exists(file, paths[i], &kind));
        }
        /* In one piece: of many writes between two commits the file gets one. */
        SUCCEED(h5sim_write_slice(file, "histogram", NULL, H5SIM_F64, SIDE, numbers + turn));
        SUCCEED(h5sim_read_f64(file, "histogram", NULL, SIDE, numbers));
        SUCCEED(h5sim_write_hyperslab(file, "histogram", H5SIM_F64, 1, four, NULL, four, NULL, 4, numbers + turn));
        SUCCEED(h5sim_read_hyperslab(file, "lying", H5SIM_F64, 2, column, NULL, low, NULL, 8, numbers));
        SUCCEED(h5sim_read_f64(file, "lying", numbered("%d", turn % 8), SIDE, numbers));
        char *status;
        SUCCEED(h5sim_write_json_with(file, "status", numbered("{\"step\": %d}", turn), "{\"overwrite\": true}"));
        SUCCEED(h5sim_delete(file, "status"));
        SUCCEED(h5sim_write_json(file, "status", numbered("{\"state\": \"running\", \"step\": %d}", turn * turn)));
        SUCCEED(h5sim_read_json(file, "status", &status));
        h5sim_free(status);
        SUCCEED(h5sim_append_f64(file, "series", 1, four, numbers));
        SUCCEED(h5sim_set_attr(file, "group", "step", H5SIM_F64, 0, NULL, numbers));
    }
}

static void quiet(void)
{
    const int64_t shape[2] = {SIDE, SIDE};
    h5sim_file file;
    SUCCEED(h5sim_open("quiet.h5", "w", NULL, &file));
    SUCCEED(h5sim_create_group(file, "group"));
    SUCCEED(h5sim_create(file, "histogram", H5SIM_F64, 1, shape, NULL));
    SUCCEED(h5sim_create(file, "plain", H5SIM_F64, 2, shape, "{\"chunks\": [32, 32]}"));
    SUCCEED(h5sim_create(file, "packed", H5SIM_F64, 2, shape, "{\"chunks\": [32, 32], \"compression\": \"gzip\"}"));
    SUCCEED(h5sim_create(file, "lying", H5SIM_F64, 2, shape, NULL));
    SUCCEED(h5sim_write_slice(file, "lying", NULL, H5SIM_F64, SIDE * SIDE, numbers));
    /* Until each chunk was written as often as it has bytes: it is stored then, once. */
    loop(file, "plain", "packed", 50);
    allow_no_system_call_but(0, NULL);
    loop(file, "plain", "packed", 100);
    syscall(SYS_exit_group, wrong > 0);
}

/* A file that is only read, and that nobody writes: a call takes no lock, and opens nothing; and what was read close by is in memory. */
static void watched(void)
{
    const int64_t shape[2] = {SIDE, SIDE};
    const struct timespec tick = {0, 100 * 1000 * 1000};
    const uint32_t looks[4] = {SYS_fstat, SYS_newfstatat, SYS_pread64, SYS_prctl};
    int32_t kind, dtype, rank;
    int64_t extents[H5SIM_MAX_RANK];
    h5sim_file file;
    SUCCEED(h5sim_open("watched.h5", "w", NULL, &file));
    SUCCEED(h5sim_write_f64(file, "plain", 2, shape, numbers));
    SUCCEED(h5sim_close(file));
    HOLDS(nanosleep(&tick, NULL) == 0);
    SUCCEED(h5sim_open("watched.h5", "r", NULL, &file));
    for (int turn = 0; turn < 100; turn++) {
        SUCCEED(h5sim_info(file, "plain", &dtype, &rank, extents));
        SUCCEED(h5sim_exists(file, "plain", &kind));
        /* Rows that lie in one block of the file. */
        SUCCEED(h5sim_read_f64(file, "plain", numbered("%d", turn % 16), SIDE, numbers));
        if (turn == 0)
            allow_no_system_call_but(4, looks);
        if (turn == 20)
            allow_no_system_call_but(2, looks);
    }
    syscall(SYS_exit_group, wrong > 0);
}

/* What the system says of this process's memory: VmHWM at its peak, VmRSS now. */
static int64_t bytes_of(const char *what)
{
    char line[256];
    int64_t kibi = -1;
    FILE *status = fopen("/proc/self/status", "r");
    HOLDS(status != NULL);
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, what, strlen(what)) == 0)
            kibi = atoll(line + strlen(what));
    if (status != NULL)
        fclose(status);
    HOLDS(kibi > 0);
    return kibi * 1024;
}

static int64_t peak(void)
{
    return bytes_of("VmHWM:");
}

/* Many small files open at a time, made and read: HDF5, which takes some 550 KiB for each, is not needed for them. */
static void files(void)
{
    enum { MANY = 300, MOST = 64 * 1024 };
    static h5sim_file file[MANY];
    const int64_t shape[2] = {4, 8};
    const double one = 1;
    double found[32];
    SUCCEED(h5sim_open("first.h5", "w", NULL, &file[0]));
    SUCCEED(h5sim_write_f64(file[0], "a", 2, shape, numbers));
    SUCCEED(h5sim_close(file[0]));
    int64_t before = bytes_of("VmRSS:");
    for (int i = 0; i < MANY; i++) {
        SUCCEED(h5sim_open(numbered("%d.h5", i), "w", NULL, &file[i]));
        SUCCEED(h5sim_write_f64(file[i], "group/a", 2, shape, numbers));
        SUCCEED(h5sim_set_attr(file[i], "/", "step", H5SIM_F64, 0, NULL, &one));
        SUCCEED(h5sim_set_attr(file[i], "group", "dt", H5SIM_F64, 0, NULL, &one));
        SUCCEED(h5sim_commit(file[i]));
        SUCCEED(h5sim_write_text(file[i], "status", "running"));
    }
    int64_t written = bytes_of("VmRSS:") - before;
    for (int i = 0; i < MANY; i++)
        SUCCEED(h5sim_close(file[i]));
    before = bytes_of("VmRSS:");
    for (int i = 0; i < MANY; i++) {
        SUCCEED(h5sim_open(numbered("%d.h5", i), "r", NULL, &file[i]));
        SUCCEED(h5sim_read_f64(file[i], "group/a", NULL, 32, found));
        HOLDS(memcmp(found, numbers, sizeof found) == 0);
    }
    int64_t read = bytes_of("VmRSS:") - before;
    for (int i = 0; i < MANY; i++)
        SUCCEED(h5sim_close(file[i]));
    printf("%lld bytes for each file that is written, %lld for each that is read\n", (long long)written / MANY, (long long)read / MANY);
    HOLDS(written <= (int64_t)MANY * MOST && read <= (int64_t)MANY * MOST);
}

/* What goes through: ten times the option, by whole steps, by parts of chunks, and read in parts. */
static void memory(void)
{
    enum { BOUND = 16 * MEBI, MANY = 10 * 16 };
    const int64_t record[1] = {MEBI / 8}, sheet[2] = {MANY, MEBI / 8};
    const char *options[3] = {"{\"chunks\": [8, 16384]}", "{\"chunks\": [8, 16384], \"compression\": 1, \"shuffle\": true}", NULL};
    h5sim_file file;
    SUCCEED(h5sim_open("memory.h5", "w", "{\"memory\": \"16 MiB\"}", &file));
    int64_t before = peak();
    for (int i = 0; i < MANY; i++) {
        SUCCEED(h5sim_append_f64(file, "plain", 1, record, numbers));
        SUCCEED(h5sim_append(file, "packed", H5SIM_F64, 1, record, numbers, "{\"chunks\": [2, 131072], \"compression\": 1}"));
    }
    for (int layout = 0; layout < 3; layout++) {
        const char *path = numbered("sheet %d", layout);
        SUCCEED(h5sim_create(file, path, H5SIM_F64, 2, sheet, options[layout]));
        for (int64_t i = 0; i < MANY; i++) {
            const int64_t start[2] = {i, 0}, count[2] = {1, MEBI / 8};
            SUCCEED(h5sim_write_hyperslab(file, path, H5SIM_F64, 2, start, NULL, count, NULL, MEBI / 8, numbers));
        }
        for (int64_t i = 0; i < MANY; i++) {
            const int64_t start[2] = {i, 0}, count[2] = {1, MEBI / 8};
            SUCCEED(h5sim_read_hyperslab(file, path, H5SIM_F64, 2, start, NULL, count, NULL, MEBI / 8, numbers));
        }
    }
    SUCCEED(h5sim_close(file));
    int64_t grown = peak() - before;
    printf("%lld bytes more than when it was opened\n", (long long)grown);
    /* What is kept is within the bound. What a call works with comes on top: the chunks that it reads, of half the bound at
       most, what several threads compress into, and what the allocator keeps of what it was given back. */
    HOLDS(grown <= 4 * BOUND);
}

static int64_t size_of(const char *path)
{
    struct stat found;
    HOLDS(stat(path, &found) == 0);
    return (int64_t)found.st_size;
}

/* Two checkpoints in turn, each deleted and written anew, or replaced by one of another size: no byte of them goes through the
   journal, which would take it in pieces of 1 MiB behind its first one. The room of one that was deleted is used again after the
   next commit: it is never more than three checkpoints. */
static void rotating(void)
{
    enum { TURNS = 12, FIELDS = 3 };
    const int64_t shape[2] = {2, MEBI / 16};
    static double found[MEBI / 8];
    const char *layouts[2] = {NULL, "{\"chunks\": [1, 16384]}"};
    h5sim_file file;
    char path[64];
    SUCCEED(h5sim_open("rotating.h5", "w", NULL, &file));
    int64_t after_three = 0;
    for (int turn = 0; turn < TURNS; turn++) {
        if (turn >= 2)
            SUCCEED(h5sim_delete(file, numbered("checkpoint%d", turn % 2)));
        for (int i = 0; i < FIELDS; i++) {
            snprintf(path, sizeof path, "checkpoint%d/%d", turn % 2, i);
            SUCCEED(h5sim_write(file, path, H5SIM_F64, 2, shape, NULL, numbers + turn, layouts[i % 2]));
        }
        const int64_t other[1] = {MEBI / 32 + turn};
        SUCCEED(h5sim_write(file, "other", H5SIM_F64, 1, other, NULL, numbers + turn, "{\"overwrite\": true}"));
        SUCCEED(h5sim_commit(file));
        HOLDS(size_of("rotating.h5-journal") <= MEBI);
        if (turn == 3)
            after_three = size_of("rotating.h5");
    }
    SUCCEED(h5sim_close(file));
    printf("%lld bytes after four turns, %lld in the end\n", (long long)after_three, (long long)size_of("rotating.h5"));
    HOLDS(size_of("rotating.h5") <= after_three + MEBI);
    SUCCEED(h5sim_open("rotating.h5", "r", NULL, &file));
    for (int turn = TURNS - 2; turn < TURNS; turn++)
        for (int i = 0; i < FIELDS; i++) {
            snprintf(path, sizeof path, "checkpoint%d/%d", turn % 2, i);
            SUCCEED(h5sim_read_f64(file, path, NULL, MEBI / 8, found));
            HOLDS(memcmp(found, numbers + turn, sizeof found) == 0);
        }
    SUCCEED(h5sim_close(file));
}

/* Fields of which all elements become new at each commit, in one piece and in chunks: none of their bytes goes through the journal, the file is at most
   twice as long meanwhile, and when it is closed no longer than holes between pieces of different lengths make it, after an odd and an even number of turns, unless
   something else came to lie behind. Opened again and again it does not grow. */
static void overwritten(void)
{
    enum { FIELDS = 4 };
    const int64_t shape[2] = {4, MEBI / 32}, start[2] = {2, 7}, count[2] = {1, 1};
    static double found[MEBI / 8];
    const char *layouts[FIELDS] = {"{\"overwrite\": true}", "{\"overwrite\": true, \"chunks\": [1, 16384]}", "{\"overwrite\": true, \"dtype\": \"f4\"}",
                                   "{\"overwrite\": true, \"chunks\": [2, 32768], \"dtype\": \"f4\"}"};
    int turn = 0;
    for (int turns = 1; turns <= 6; turns++) {
        const int has_others = turns > 4;
        int64_t length = 0, longest = 0;
        h5sim_file file;
        for (int opening = 0; opening < 3; opening++) {
            SUCCEED(h5sim_open("overwritten.h5", opening == 0 ? "w" : "r+", NULL, &file));
            for (int step = 0; step <= turns; step++) {
                turn++;
                for (int i = 0; i < FIELDS; i++) {
                    SUCCEED(h5sim_write(file, numbered("field%d", i), H5SIM_F64, 2, shape, NULL, numbers + turn % 64, layouts[i]));
                    SUCCEED(h5sim_write_hyperslab(file, numbered("field%d", i), H5SIM_F64, 2, start, NULL, count, NULL, 1, &(double){turn}));
                }
                if (step < turns || turns % 2)
                    SUCCEED(h5sim_commit(file));
                HOLDS(opening > 0 || size_of("overwritten.h5-journal") <= MEBI);
                longest = size_of("overwritten.h5") > longest ? size_of("overwritten.h5") : longest;
                if (opening > 0 || has_others) {
                    /* Of another size each time, behind what has moved. */
                    SUCCEED(h5sim_write_f64(file, "small", 1, &(int64_t){100 + turn % 50}, numbers));
                    SUCCEED(h5sim_delete(file, "small"));
                }
            }
            SUCCEED(h5sim_close(file));
            SUCCEED(h5sim_open("overwritten.h5", "r", NULL, &file));
            for (int i = 0; i < FIELDS; i++) {
                SUCCEED(h5sim_read_f64(file, numbered("field%d", i), NULL, MEBI / 8, found));
                int at = 0;
                for (; at < MEBI / 8; at++) {
                    const double expected = at == 2 * (MEBI / 32) + 7 ? turn : numbers[turn % 64 + at];
                    if (found[at] != (i >= 2 ? (double)(float)expected : expected))
                        break;
                }
                if (at < MEBI / 8)
                    printf("field%d, element %d after turn %d: %g\n", i, at, turn, found[at]);
                HOLDS(at == MEBI / 8);
            }
            SUCCEED(h5sim_close(file));
            const int64_t now = size_of("overwritten.h5");
            printf("%d turns: %lld bytes, at most %lld\n", turns, (long long)now, (long long)longest);
            length = opening == 0 ? now : length;
            if (opening > 0)
                HOLDS(now <= length + MEBI / 8);
            else
                HOLDS(now <= (has_others ? 6 : 4) * MEBI);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc < 3 || chdir(argv[1]) != 0)
        return 2;
    for (int i = 0; i < MEBI / 8 + 64; i++)
        numbers[i] = (i * 7919 % 1009) * 0.001;
    if (strcmp(argv[2], "flat") == 0 && argc == 4)
        flat(atoi(argv[3]));
    else if (strcmp(argv[2], "reopened") == 0 && argc == 4)
        reopened(atoi(argv[3]));
    else if (strcmp(argv[2], "quiet") == 0)
        quiet();
    else if (strcmp(argv[2], "watched") == 0)
        watched();
    else if (strcmp(argv[2], "rotating") == 0)
        rotating();
    else if (strcmp(argv[2], "overwritten") == 0)
        overwritten();
    else if (strcmp(argv[2], "memory") == 0)
        memory();
    else if (strcmp(argv[2], "files") == 0)
        files();
    else
        return 2;
    return conclude();
}
