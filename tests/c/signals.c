/* The library's threads take none of the host's signals: a handler runs in the host's threads only.
 * argv[1] is an empty folder. */
#define _GNU_SOURCE
#include "expect.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

static atomic_int strangers, mine, done;
static pid_t caller;

static void handler(int number)
{
    (void)number;
    if (gettid() == caller)
        mine++;
    else
        strangers++;
}

enum { SIZE = 1 << 20 };
static double block[SIZE];

static void *work(void *unused)
{
    const int64_t shape[1] = {SIZE};
    sigset_t one;
    h5sim_file file;
    (void)unused;
    caller = gettid();
    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
    SUCCEED(h5sim_open("signals.h5", "w", "{\"threads\": 4}", &file));
    for (int i = 0; i < 8; i++) {
        SUCCEED(h5sim_write(file, "x", H5SIM_F64, 1, shape, NULL, block,
                            "{\"overwrite\": true, \"compression\": 4, \"chunks\": [16384]}"));
        SUCCEED(h5sim_read_f64(file, "x", NULL, SIZE, block));
        SUCCEED(h5sim_commit(file));
    }
    SUCCEED(h5sim_close(file));
    done = 1;
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    sigset_t one;
    struct sigaction action;
    if (argc != 2 || chdir(argv[1]) != 0)
        return 2;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    HOLDS(sigaction(SIGUSR1, &action, NULL) == 0);
    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    HOLDS(pthread_sigmask(SIG_BLOCK, &one, NULL) == 0);
    for (int i = 0; i < SIZE; i++)
        block[i] = i % 1000 * 0.1;
    HOLDS(pthread_create(&thread, NULL, work, NULL) == 0);
    while (!done) {
        kill(getpid(), SIGUSR1);
        usleep(100);
    }
    HOLDS(pthread_join(thread, NULL) == 0);
    HOLDS(mine > 0);
    HOLDS(strangers == 0);
    FAIL(H5SIM_ERR_HANDLE, "file", h5sim_commit(0));
    return conclude();
}
