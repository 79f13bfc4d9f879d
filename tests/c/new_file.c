/* A new file before its first commit: nobody else can open it, it needs no journal and one descriptor, and its end leaves nothing. argv[1] is
 * an empty folder. */
#define _GNU_SOURCE
#include "expect.h"
#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;
    HOLDS(folder != NULL);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

/* What a child's attempt to open the file says. */
static int elsewhere(const char *mode, const char *options)
{
    pid_t child = fork();
    if (child == 0) {
        h5sim_file file;
        int status = h5sim_open("new.h5", mode, options, &file);
        if (status == H5SIM_ERR_LOCKED && strstr(h5sim_last_error(), "new.h5") == NULL)
            status = 99;
        _exit(status == H5SIM_OK ? 0 : status < 0 ? -status : status);
    }
    int ended;
    HOLDS(waitpid(child, &ended, 0) == child && WIFEXITED(ended));
    return WEXITSTATUS(ended);
}

static long size_of(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 ? (long)facts.st_size : -1;
}

/* Makes the file, with or without much in it, up to the last call before the end. */
static h5sim_file made(int much)
{
    static double data[100000];
    const int64_t shape[1] = {much ? 100000 : 16}, record[1] = {16};
    h5sim_file file;
    SUCCEED(h5sim_open("new.h5", "w", NULL, &file));
    SUCCEED(h5sim_write_f64(file, "a", 1, shape, data));
    SUCCEED(h5sim_append_f64(file, "s", 1, record, data));
    return file;
}

int main(int count, char **arguments)
{
    if (count != 2 || chdir(arguments[1]) != 0)
        return 2;
    FAIL(H5SIM_ERR_NOT_FOUND, "new.h5", h5sim_open("new.h5", "r", NULL, &out.file));
    const int locked = H5SIM_ERR_LOCKED < 0 ? -H5SIM_ERR_LOCKED : H5SIM_ERR_LOCKED;
    for (int much = 0; much < 2; much++) {
        int before = descriptors();
        h5sim_file file = made(much);
        HOLDS(descriptors() == before + 1 && access("new.h5-journal", F_OK) != 0);
        const char *modes[3] = {"r", "r+", "w"};
        for (int at = 0; at < 3; at++) {
            HOLDS(elsewhere(modes[at], NULL) == locked);
        }
        /* It says itself who writes it, for those who do without locks. */
        HOLDS(elsewhere("r+", "{\"locking\": false}") == locked);
        HOLDS(elsewhere("w", "{\"locking\": false}") == locked);
        SUCCEED(h5sim_commit(file));
        HOLDS(access("new.h5-journal", F_OK) == 0 && elsewhere("r", NULL) == 0);
        HOLDS(elsewhere("r+", NULL) == locked);
        SUCCEED(h5sim_close(file));
        HOLDS(access("new.h5-journal", F_OK) != 0 && elsewhere("r+", NULL) == 0);
        unlink("new.h5");

        /* Killed before its first commit: nothing was there. */
        pid_t child = fork();
        if (child == 0) {
            made(much);
            kill(getpid(), SIGKILL);
        }
        int ended;
        HOLDS(waitpid(child, &ended, 0) == child && WIFSIGNALED(ended));
        HOLDS(size_of("new.h5") > 0 && access("new.h5-journal", F_OK) != 0);
        HOLDS(elsewhere("r", NULL) != 0);
        SUCCEED(h5sim_open("new.h5", "a", NULL, &file));
        int32_t kind = 1;
        SUCCEED(h5sim_exists(file, "a", &kind));
        HOLDS(kind == 0);
        SUCCEED(h5sim_close(file));
        HOLDS(elsewhere("r", NULL) == 0);
        unlink("new.h5");
    }
    return conclude();
}
