/* A program that ends without closing its file. argv[1] is the file; argv[2] says how:
 *   return    main returns after a write
 *   exit      exit() deep inside, two files open
 *   thread    exit() while another thread writes
 *   fork      a child exits while the file is open, then the parent writes on and returns
 *   commit    a commit, then a write that is not committed, then main returns */
#define _POSIX_C_SOURCE 200809L
#include <h5sim.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static h5sim_file file;
static const int64_t shape[1] = {3};
static const double data[3] = {1, 2, 3};

static void check(int32_t status)
{
    if (status != 0) {
        fprintf(stderr, "%s\n", h5sim_last_error());
        _Exit(3);
    }
}

static atomic_int written;

static void *keep_writing(void *unused)
{
    char path[32];
    (void)unused;
    /* Fails once the library has closed its files, which is what must not crash. */
    do
        snprintf(path, sizeof path, "more/%d", ++written);
    while (h5sim_write_f64(file, path, 1, shape, data) == 0);
    return NULL;
}

static void leave(void)
{
    exit(0);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    check(h5sim_open(argv[1], "w", NULL, &file));
    check(h5sim_write_f64(file, "first", 1, shape, data));
    /* In a new group: waits in memory. */
    check(h5sim_write_f64(file, "group/first", 1, shape, data));
    if (strcmp(argv[2], "exit") == 0) {
        h5sim_file second;
        char path[4096];
        snprintf(path, sizeof path, "%s-second", argv[1]);
        check(h5sim_open(path, "w", NULL, &second));
        check(h5sim_write_f64(second, "first", 1, shape, data));
        leave();
    }
    if (strcmp(argv[2], "thread") == 0) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, keep_writing, NULL) != 0)
            return 4;
        while (written < 100)
            sched_yield();
        exit(0);
    }
    if (strcmp(argv[2], "fork") == 0) {
        int status = -1;
        pid_t child = fork();
        if (child == 0)
            exit(0);
        if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
            return 5;
        check(h5sim_write_f64(file, "second", 1, shape, data));
    }
    if (strcmp(argv[2], "commit") == 0) {
        check(h5sim_commit(file));
        check(h5sim_write_f64(file, "uncommitted", 1, shape, data));
        check(h5sim_write_f64(file, "lost/uncommitted", 1, shape, data));
    }
    return 0;
}
