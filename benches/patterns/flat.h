/* What a call costs in a file, or a process, where there is much else: per call, for numbers of other things. */
#include "with_h5sim.h"
#include <sys/resource.h>

/* The calls of a round; the median of rounds is told, so that what the machine does besides hides less. */
#define CALLS 200
#define ROUNDS 15
/* Seconds after which no further round, or call, is begun: what is not flat must not take minutes. */
#define ENOUGH 1.0

static double rounds[ROUNDS];

static int ascending(const void *left, const void *right)
{
    double difference = *(const double *)left - *(const double *)right;
    return difference < 0 ? -1 : difference > 0;
}

static void tell(const char *metric, int count)
{
    qsort(rounds, (size_t)count, sizeof *rounds, ascending);
    report(metric, rounds[count / 2]);
}

/* Times `call`, of which the variable k counts the calls. */
#define TIMED(metric, call)                                                        \
    do {                                                                           \
        int k = 0, r = 0;                                                          \
        double begun = now();                                                      \
        while (r < ROUNDS && (r == 0 || now() - begun < ENOUGH)) {                 \
            int calls = 0;                                                         \
            double start = now();                                                  \
            for (; calls < CALLS && (calls == 0 || now() - begun < 2 * ENOUGH); calls++, k++) \
                OK(call);                                                          \
            rounds[r++] = (now() - start) / calls;                                 \
        }                                                                          \
        tell(metric, r);                                                           \
    } while (0)

/* One of ten that lie among all: the same ones again and again, so that the others' number is all that differs. */
static inline int some(int k, int count)
{
    return k % 10 * (count / 10);
}

/* A file of many datasets: what one of them costs. */
static void among_datasets(int count, const double *data)
{
    const int64_t shape[1] = {16};
    double found[16];
    int64_t extents[32];
    int32_t kind, dtype, rank;
    h5sim_file file = opened("datasets.h5", "w", NULL);
    for (int i = 0; i < count; i++)
        OK(h5sim_write_f64(file, name("group/%d", i), 1, shape, data));
    OK(h5sim_close(file));
    TIMED("open_r", (file = opened("datasets.h5", "r", NULL), h5sim_close(file)));
    TIMED("open_r+", (file = opened("datasets.h5", "r+", NULL), h5sim_close(file)));
    const char *modes[2] = {"r", "r+"}, *exists[2] = {"exists_r", "exists_r+"};
    const char *reads[2] = {"read_r", "read_r+"}, *infos[2] = {"info_r", "info_r+"};
    for (int mode = 0; mode < 2; mode++) {
        file = opened("datasets.h5", modes[mode], NULL);
        TIMED(reads[mode], h5sim_read_f64(file, name("group/%d", some(k, count)), NULL, 16, found));
        TIMED(infos[mode], h5sim_info(file, name("group/%d", some(k, count)), &dtype, &rank, extents));
        TIMED(exists[mode], h5sim_exists(file, name("group/%d", some(k, count)), &kind));
        if (mode == 1) {
            TIMED("write_slice", h5sim_write_slice(file, name("group/%d", some(k, count)), "3", H5SIM_F64, 1, data));
            TIMED("attribute", h5sim_set_attr(file, "group/3", "step", H5SIM_I32, 0, NULL, &k));
            TIMED("commit", h5sim_write_slice(file, "group/3", name("%d", k % 16), H5SIM_F64, 1, data) || h5sim_commit(file));
            TIMED("append", h5sim_append_f64(file, "series", 0, NULL, data));
        }
        OK(h5sim_close(file));
    }
}

/* Many series that grow, and with them something else. */
static void among_series(int count, const double *data)
{
    h5sim_file file = opened("series.h5", "w", NULL);
    const int64_t shape[1] = {16};
    double found;
    for (int i = 0; i < count; i++)
        OK(h5sim_append_f64(file, name("series/%d", i), 0, NULL, data));
    OK(h5sim_create(file, "state", H5SIM_F64, 1, shape, NULL));
    TIMED("series_append", h5sim_append_f64(file, name("series/%d", some(k, count)), 0, NULL, data));
    TIMED("series_append_all", h5sim_append_f64(file, name("series/%d", k % count), 0, NULL, data));
    TIMED("series_other", h5sim_append_f64(file, name("series/%d", some(k, count)), 0, NULL, data) ||
                          h5sim_write_slice(file, "state", "3", H5SIM_F64, 1, data));
    TIMED("series_read", h5sim_append_f64(file, name("series/%d", some(k, count)), 0, NULL, data) ||
                         h5sim_read_f64(file, name("series/%d", some(k, count)), "-1", 1, &found));
    // What was appended before is not what a commit of one change costs.
    OK(h5sim_commit(file));
    TIMED("series_commit", h5sim_append_f64(file, name("series/%d", some(k, count)), 0, NULL, data) || h5sim_commit(file));
    OK(h5sim_close(file));
}

/* Many attributes of a group. */
static void among_attributes(int count, const double *data)
{
    double found;
    h5sim_file file = opened("attributes.h5", "w", NULL);
    OK(h5sim_create_group(file, "group"));
    double start = now();
    for (int i = 0; i < count; i++)
        OK(h5sim_set_attr(file, "group", name("parameter%d", i), H5SIM_F64, 0, NULL, data));
    report("attributes_new", (now() - start) / count);
    TIMED("attributes_set", h5sim_set_attr(file, "group", name("parameter%d", some(k, count)), H5SIM_F64, 0, NULL, data + k % 1024));
    TIMED("attributes_get", h5sim_get_attr(file, "group", name("parameter%d", some(k, count)), H5SIM_F64, 1, &found));
    OK(h5sim_close(file));
}

/* Many open files, or documents. */
static void among_handles(int files, int documents, const double *data)
{
    h5sim_file *open = malloc((size_t)files * sizeof *open), other;
    h5sim_json *alive = malloc((size_t)documents * sizeof *alive), one;
    double found;
    for (int i = 0; i < files; i++) {
        open[i] = opened(name("file%d.h5", i), "w", NULL);
        OK(h5sim_append_f64(open[i], "a", 0, NULL, data));
    }
    TIMED("files_append", h5sim_append_f64(open[some(k, files)], "a", 0, NULL, data));
    TIMED("files_open", (other = opened("other.h5", "w", NULL), h5sim_close(other)));
    for (int i = 0; i < files; i++)
        OK(h5sim_close(open[i]));
    double start = now();
    for (int i = 0; i < documents; i++)
        OK(h5sim_json_parse("{\"model\": {\"k0\": 1.2}}", &alive[i]));
    report("documents_new", (now() - start) / documents);
    TIMED("documents_get", h5sim_json_get_f64(alive[some(k, documents)], "/model/k0", &found));
    TIMED("documents_one", h5sim_json_parse("{\"model\": {\"k0\": 1.2}}", &one) || h5sim_json_free(one));
    for (int i = 0; i < documents; i++)
        OK(h5sim_json_free(alive[i]));
    free(open);
    free(alive);
}

static int measure(int others, int attributes, int files, int documents)
{
    double *data = numbers(4096);
    struct rlimit limit;
    MUST(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    MUST(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    ready();
    among_datasets(others, data);
    among_series(others, data);
    among_attributes(attributes, data);
    among_handles(files, documents, data);
    return 0;
}
