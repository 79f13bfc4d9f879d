/* Numbers of a caller or of a file ask for more memory than there is: an error, and not the end of the process.
 * argv[1] is an empty folder. Each case runs in a process of its own under limits of its address space from
 * nearly nothing to enough. */
#define _GNU_SOURCE
#include "expect.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MEBI = 1 << 20 };
static const double few[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static int refusals;

/* A call that needs much memory: it succeeds or says that it could not; gives whether it did. */
static int tried(int32_t status)
{
    if (status == 0)
        return 1;
    refusals++;
    HOLDS(status == H5SIM_ERR_IO);
    HOLDS(strstr(h5sim_last_error(), "memory") != NULL);
    HOLDS(strchr(h5sim_last_error(), '\n') == NULL);
    if (status != H5SIM_ERR_IO || strstr(h5sim_last_error(), "memory") == NULL)
        printf("    %s: %s\n", h5sim_status_name(status), h5sim_last_error());
    return 0;
}

static h5sim_file opened(const char *mode)
{
    h5sim_file file = 0;
    if (!tried(h5sim_open("memory.h5", mode, NULL, &file)))
        return 0;
    return file;
}

/* What every case begins with is there after it. */
static void closed(h5sim_file file)
{
    double found[16] = {0};
    char *keys = NULL;
    if (tried(h5sim_read_f64(file, "before", NULL, 16, found)))
        HOLDS(memcmp(found, few, sizeof few) == 0);
    if (tried(h5sim_keys(file, "/", &keys)))
        h5sim_free(keys);
    if (tried(h5sim_commit(file)) && tried(h5sim_close(file)))
        FAIL(H5SIM_ERR_HANDLE, "closed", h5sim_commit(file));
}

/* Part of a chunk of 256 MiB. */
static void large_chunk(const char *options)
{
    const int64_t shape[1] = {1 << 25};
    double found[16];
    h5sim_file file = opened("r+");
    if (file == 0)
        return;
    if (tried(h5sim_create(file, "large", H5SIM_F64, 1, shape, options))
        && tried(h5sim_write_slice(file, "large", "5:21", H5SIM_F64, 16, few))
        && tried(h5sim_read_f64(file, "large", "5:21", 16, found)))
        HOLDS(memcmp(found, few, sizeof few) == 0);
    closed(file);
}

static void plain_chunk(void)
{
    large_chunk("{\"chunks\": [33554432]}");
}

static void gzip_chunk(void)
{
    large_chunk("{\"chunks\": [33554432], \"compression\": 1, \"shuffle\": true}");
}

static void sum_chunk(void)
{
    large_chunk("{\"chunks\": [33554432], \"fletcher32\": true}");
}

/* A chunk that h5sim made with enough memory, read with less. */
static void read_of_chunk(void)
{
    double found[16];
    h5sim_file file = opened("r");
    if (file == 0)
        return;
    if (tried(h5sim_read_f64(file, "gzip", "7:16", 16, found)))
        HOLDS(found[0] == 8 && found[8] == 16);
    if (tried(h5sim_read_f64(file, "sum", "7:16", 16, found)))
        HOLDS(found[0] == 8 && found[8] == 16);
    closed(file);
}

/* Records whose chunk is far larger than they are. */
static void series(void)
{
    h5sim_file file = opened("r+");
    if (file == 0)
        return;
    for (int i = 0; i < 3; i++)
        if (!tried(h5sim_append(file, "s", H5SIM_F64, 0, NULL, &few[i], "{\"chunks\": [33554432], \"compression\": 1}")))
            break;
    closed(file);
}

/* Large arrays that convert, transpose, or are compressed on the way. The pages are the host's. */
static void conversions(void)
{
    const int64_t extent = 1 << 22, shape[2] = {2, extent / 2}, transposed[2] = {1, 2};
    double *host = mmap(NULL, (size_t)extent * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (host == MAP_FAILED)
        return;
    h5sim_file file = opened("r+");
    if (file == 0)
        return;
    tried(h5sim_write(file, "f4", H5SIM_F64, 2, shape, NULL, host, "{\"dtype\": \"f4\"}"));
    tried(h5sim_write(file, "turned", H5SIM_F64, 2, shape, transposed, host, NULL));
    tried(h5sim_write(file, "quantized", H5SIM_F64, 2, shape, NULL, host, "{\"quantize\": 3}"));
    if (tried(h5sim_write(file, "x", H5SIM_F64, 2, shape, NULL, host, NULL))) {
        tried(h5sim_write_slice(file, "x", "..., ::2", H5SIM_F64, extent / 2, host));
        tried(h5sim_write_slice(file, "x", "..., ::-1", H5SIM_F64, extent, host));
        tried(h5sim_read(file, "x", "::-1", H5SIM_F32, extent, host));
        tried(h5sim_read_into(file, "x", NULL, H5SIM_F64, 2, shape, transposed, host));
    }
    tried(h5sim_append(file, "record", H5SIM_F64, 2, shape, host, "{\"compression\": 1}"));
    closed(file);
}

/* Texts that are long, of which a file has millions. */
static void texts(void)
{
    const int64_t count = 300, shape[1] = {300};
    static const char *list[300];
    char *out_text = NULL, *text = malloc(MEBI);
    if (text == NULL)
        return;
    memset(text, 'x', MEBI - 1);
    text[MEBI - 1] = '\0';
    for (int64_t i = 0; i < count; i++)
        list[i] = "";
    list[7] = text;
    h5sim_file file = opened("r+");
    if (file == 0)
        return;
    /* 300 fixed texts of a mebibyte. */
    tried(h5sim_write_texts(file, "texts", 1, shape, list));
    if (tried(h5sim_read_texts(file, "stored texts", &out_text)))
        h5sim_free(out_text);
    closed(file);
}

/* Overwritten bytes are kept for the journal. */
static void overwritten(void)
{
    const int64_t extent = 1 << 22, shape[1] = {1 << 22};
    double *host = mmap(NULL, (size_t)extent * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (host == MAP_FAILED)
        return;
    h5sim_file file = opened("r+");
    if (file == 0)
        return;
    tried(h5sim_write(file, "over", H5SIM_F64, 1, shape, NULL, host, "{\"overwrite\": true}"));
    tried(h5sim_write_slice(file, "over", "::3", H5SIM_F64, (extent + 2) / 3, host));
    closed(file);
}

/* The file of all cases, made once and copied. */
static void prepare(void)
{
    const int64_t sixteen[1] = {16}, chunk[1] = {1 << 22}, many[1] = {20};
    h5sim_file file;
    static const char *list[20];
    char *text = malloc(MEBI);
    memset(text, 'y', MEBI - 1);
    text[MEBI - 1] = '\0';
    for (int i = 0; i < 20; i++)
        list[i] = text;
    SUCCEED(h5sim_open("template.h5", "w", NULL, &file));
    SUCCEED(h5sim_write_f64(file, "before", 1, sixteen, few));
    SUCCEED(h5sim_create(file, "gzip", H5SIM_F64, 1, chunk, "{\"chunks\": [4194304], \"compression\": 1}"));
    SUCCEED(h5sim_write_slice(file, "gzip", "0:16", H5SIM_F64, 16, few));
    SUCCEED(h5sim_create(file, "sum", H5SIM_F64, 1, chunk, "{\"chunks\": [4194304], \"fletcher32\": true, \"compression\": 1}"));
    SUCCEED(h5sim_write_slice(file, "sum", "0:16", H5SIM_F64, 16, few));
    SUCCEED(h5sim_write_texts(file, "stored texts", 1, many, list));
    SUCCEED(h5sim_create(file, "over", H5SIM_F64, 1, chunk, NULL));
    SUCCEED(h5sim_write_slice(file, "over", "0:16", H5SIM_F64, 16, few));
    SUCCEED(h5sim_close(file));
    free(text);
}

static void copy_template(void)
{
    HOLDS(system("rm -f memory.h5*; cp template.h5 memory.h5") == 0);
}

/* The address space that the process has now, in MiB. */
static long now(void)
{
    long pages = 0;
    FILE *about = fopen("/proc/self/statm", "r");
    if (about == NULL || fscanf(about, "%ld", &pages) != 1)
        pages = 0;
    if (about != NULL)
        fclose(about);
    return pages * sysconf(_SC_PAGESIZE) / MEBI;
}

static const struct {
    const char *name;
    void (*run)(void);
    int largest;
    /* Whether it may do with as little as there is. */
    int is_frugal;
} cases[] = {
    {"plain chunk", plain_chunk, 700, 0},     {"gzip chunk", gzip_chunk, 700, 0}, {"sum chunk", sum_chunk, 700, 0},
    {"read of chunk", read_of_chunk, 150, 0}, {"series", series, 700, 0},         {"conversions", conversions, 250, 0},
    {"texts", texts, 500, 0},                 {"overwritten", overwritten, 150, 1},
};

int main(int argc, char **argv)
{
    int refusing = 0, counts[2];
    if (argc != 2 || chdir(argv[1]) != 0 || pipe(counts) != 0)
        return 2;
    const struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    /* The library is used in children only. */
    pid_t maker = fork();
    if (maker == 0) {
        prepare();
        fflush(stdout);
        _exit(wrong > 0);
    }
    int made = -1;
    HOLDS(maker > 0 && waitpid(maker, &made, 0) == maker && made == 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        refusing = 0;
        for (int more = 4; more < cases[i].largest; more += 9 + more / 4) {
            int status = -1;
            copy_template();
            fflush(stdout);
            pid_t child = fork();
            if (child == 0) {
                alarm(60);
                wrong = 0;
                const rlim_t bytes = (rlim_t)(now() + more) * MEBI;
                const struct rlimit limit = {bytes, bytes};
                setrlimit(RLIMIT_AS, &limit);
                cases[i].run();
                const char answer = (char)(refusals > 0);
                if (write(counts[1], &answer, 1) != 1)
                    wrong++;
                fflush(stdout);
                _exit(wrong > 0);
            }
            HOLDS(child > 0 && waitpid(child, &status, 0) == child);
            expectations++;
            if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
                wrong++;
                printf("%s with %d MiB more: %s %d\n", cases[i].name, more, WIFSIGNALED(status) ? "signal" : "status",
                       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
                continue;
            }
            char answer = 0;
            HOLDS(read(counts[0], &answer, 1) == 1);
            refusing += answer;
        }
        /* The limits were indeed too small for some. */
        expectations++;
        if (refusing == 0 && !cases[i].is_frugal) {
            wrong++;
            printf("%s: memory was never short\n", cases[i].name);
        }
    }
    return conclude();
}
