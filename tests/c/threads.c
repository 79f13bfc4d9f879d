/* Any thread may call anything: several write to one file and to files of their own, make
 * mistakes whose messages stay theirs, and read what the others wrote.
 * argv[1] is an empty folder. */
#define _POSIX_C_SOURCE 200809L
#include <h5sim.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 6, ROUNDS = 60, LENGTH = 64 };

static h5sim_file shared;
static pthread_barrier_t barrier;

#define MUST(condition)                                                        \
    do {                                                                       \
        if (!(condition)) {                                                    \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #condition, h5sim_last_error()); \
            _Exit(1);                                                          \
        }                                                                      \
    } while (0)

static void *work(void *argument)
{
    const int me = *(int *)argument;
    const int64_t shape[1] = {LENGTH};
    double data[LENGTH], found[LENGTH];
    char path[64], missing[64];
    h5sim_file own;

    pthread_barrier_wait(&barrier);
    MUST(strcmp(h5sim_last_error(), "") == 0);
    snprintf(path, sizeof path, "own%d.hdf5", me);
    MUST(h5sim_open(path, "w", NULL, &own) == 0);
    snprintf(missing, sizeof missing, "nothing of thread %d", me);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < LENGTH; i++)
            data[i] = me * 1000 + round + i;
        snprintf(path, sizeof path, "thread%d/%d", me, round);
        MUST(h5sim_write_f64(shared, path, 1, shape, data) == 0);
        MUST(h5sim_write_f64(own, path, 1, shape, data) == 0);
        MUST(h5sim_read_f64(shared, missing, NULL, LENGTH, found) == H5SIM_ERR_NOT_FOUND);
        MUST(h5sim_read_f64(shared, path, NULL, LENGTH, found) == 0);
        MUST(memcmp(found, data, sizeof data) == 0);
        /* The others have failed in between as well. */
        MUST(strstr(h5sim_last_error(), missing) != NULL);
    }
    MUST(h5sim_close(own) == 0);
    pthread_barrier_wait(&barrier);
    snprintf(path, sizeof path, "thread%d/%d", (me + 1) % THREADS, ROUNDS - 1);
    MUST(h5sim_read_f64(shared, path, NULL, LENGTH, found) == 0);
    MUST(found[0] == (me + 1) % THREADS * 1000 + ROUNDS - 1);
    return NULL;
}

/* Threads that open, use and close one handle against each other: any status, no crash. */
static void *struggle(void *argument)
{
    h5sim_file *handle = argument;
    char *keys;
    for (int round = 0; round < 200; round++) {
        if (h5sim_keys(*handle, "/", &keys) == 0)
            h5sim_free(keys);
        if (round == 150)
            h5sim_close(*handle);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    int numbers[THREADS];

    if (argc != 2 || chdir(argv[1]) != 0)
        return 2;
    MUST(h5sim_open("shared.hdf5", "w", NULL, &shared) == 0);
    MUST(pthread_barrier_init(&barrier, NULL, THREADS) == 0);
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        MUST(pthread_create(&threads[i], NULL, work, &numbers[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++)
        MUST(pthread_join(threads[i], NULL) == 0);
    MUST(h5sim_close(shared) == 0);

    MUST(h5sim_open("shared.hdf5", "r", NULL, &shared) == 0);
    for (int i = 0; i < THREADS; i++)
        MUST(pthread_create(&threads[i], NULL, struggle, &shared) == 0);
    for (int i = 0; i < THREADS; i++)
        MUST(pthread_join(threads[i], NULL) == 0);
    MUST(h5sim_close(shared) == H5SIM_ERR_HANDLE);
    MUST(h5sim_finalize() == 0);
    return 0;
}
