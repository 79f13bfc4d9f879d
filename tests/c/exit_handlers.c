/* Exit handlers that were registered before the first h5sim_open() run after the library's own, and may use it
 * all the same. argv[1] is the file; argv[2] says how:
 *   write      the handler writes on, nothing was ever committed: all is kept
 *   committed  the program has committed: the last commit stands, whatever the handler writes
 *   commits    the handler commits: that commit stands
 *   closes     the handler closes the file, though the program has committed: all is kept
 *   opens      the handler is the first to open a file, and closes it
 *   leaves     the handler is the first to open a file, and does not close it
 *   finalizes  the handler ends the library's work */
#define _POSIX_C_SOURCE 200809L
#include "expect.h"

#include <unistd.h>

static h5sim_file file;
static const char *path, *how;
static const int64_t shape[1] = {3};
static const double data[3] = {1, 2, 3};

static int is(const char *word)
{
    return strcmp(how, word) == 0;
}

static void append(double value)
{
    SUCCEED(h5sim_append_f64(file, "s", 0, NULL, &value));
}

static void handler(void)
{
    if (is("opens") || is("leaves")) {
        SUCCEED(h5sim_open(path, "w", NULL, &file));
        SUCCEED(h5sim_write_f64(file, "first", 1, shape, data));
        append(0);
    }
    append(1);
    SUCCEED(h5sim_write_f64(file, "handler/x", 1, shape, data));
    SUCCEED(h5sim_set_attr_text(file, "/", "by", "handler"));
    if (is("commits")) {
        SUCCEED(h5sim_commit(file));
        append(2);
    }
    if (is("closes") || is("opens"))
        SUCCEED(h5sim_close(file));
    if (is("finalizes"))
        SUCCEED(h5sim_finalize());
    if (is("closes") || is("opens") || is("finalizes"))
        FAIL(H5SIM_ERR_HANDLE, "file", h5sim_commit(file));
    if (wrong > 0) {
        fflush(stdout);
        _Exit(1);
    }
}

/* Runs after the first, and finds what that left. */
static void later_handler(void)
{
    if (is("write") || is("committed"))
        append(2);
    if (wrong > 0) {
        fflush(stdout);
        _Exit(1);
    }
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    path = argv[1];
    how = argv[2];
    if (atexit(later_handler) != 0 || atexit(handler) != 0)
        return 2;
    if (!is("opens") && !is("leaves")) {
        SUCCEED(h5sim_open(path, "w", NULL, &file));
        SUCCEED(h5sim_write_f64(file, "first", 1, shape, data));
        append(0);
        if (is("committed") || is("commits") || is("closes"))
            SUCCEED(h5sim_commit(file));
    }
    return conclude();
}
