/* Directories of runs, made and searched. */
#include "bench.h"
#include <h5sim.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 50 of the runs. */
static const char *query = "{\"model\": {\"k0\": {\"$gt\": 1.0}, \"n\": 7}, \"integrator.dt\": {\"$lte\": 0.001}}";

/* Metadata of the tutorial's kind. */
static void parameters(char *json, int run)
{
    sprintf(json,
            "{\"model\": {\"k0\": %.6f, \"k1\": 1.3, \"tau\": 0.01, \"mass\": 123.0, \"n\": %d}, "
            "\"integrator\": {\"dt\": %s, \"method\": \"rk4\"}, "
            "\"data\": {\"source_path\": \"path/to/data\", \"host\": \"bluecrab\"}}",
            run * 2e-4, run % 100, run % 2 ? "0.001" : "0.002");
}

/* Searches; gives the number of runs found. */
static int find(void)
{
    char *found;
    int count = 0;
    MUST(h5sim_find("runs", query, NULL, &found) == 0);
    for (const char *at = found; (at = strstr(at, "\"path\": ")) != NULL; at++)
        count++;
    h5sim_free(found);
    return count;
}

/* Makes so many runs. What has just been written is not taken from a cache, so it waits until they are old enough. */
static void make_runs(int runs)
{
    MUST(mkdir("runs", 0777) == 0);
    for (int run = 0; run < runs; run++) {
        char json[512], *path;
        h5sim_file file;
        parameters(json, run);
        MUST(h5sim_hash_name("runs/data_", json, 0, ".h5", &path) == 0);
        MUST(h5sim_open(path, "w", NULL, &file) == 0);
        MUST(h5sim_write_json(file, "meta", json) == 0);
        MUST(h5sim_close(file) == 0);
        h5sim_free(path);
    }
    sleep(3);
}

/* The seconds of the first search, and of the fastest of five more. */
static void search(int runs, double *first, double *again)
{
    double start = now();
    MUST(find() > 0 || runs < 10000);
    *first = now() - start;
    *again = 1e9;
    for (int turn = 0; turn < 5; turn++) {
        start = now();
        MUST(find() == 50 || runs != 10000);
        const double took = now() - start;
        *again = took < *again ? took : *again;
    }
}
