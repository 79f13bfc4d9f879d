/* A forked process and the files of its parent. argv[1] is an empty folder, argv[2] the way to fork (fork,
 * _Fork or clone), argv[3] the case:
 *   inherited    the child calls everything with its parent's handles, and leaves in all ways there are
 *   own          the child opens files of its own
 *   busy         threads of the parent are inside of calls at the fork
 *   lock         the child outlives the parent, and keeps no lock alive
 *   program      the parent starts another program */
#define _GNU_SOURCE
#include "expect.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static h5sim_file file;
static const char *way;
static const int64_t shape[1] = {3};
static const double data[3] = {1, 2, 3};

static pid_t forked(void)
{
    fflush(stdout);
    if (strcmp(way, "_Fork") == 0)
        return _Fork();
    if (strcmp(way, "clone") == 0)
        return (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
    return fork();
}

/* The beginning of a child's life: a hang ends it. */
static void begin_child(unsigned seconds)
{
    alarm(seconds);
    wrong = 0;
}

/* The child's end without the exit handlers, or with them. */
static void leave(int by_exit)
{
    if (wrong > 0)
        printf("in the child: %d not met\n", wrong);
    fflush(stdout);
    if (by_exit)
        exit(wrong > 0);
    _exit(wrong > 0);
}

static void ended_well(pid_t child)
{
    int status = -1;
    HOLDS(child > 0 && waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status))
        printf("the child was ended by signal %d\n", WTERMSIG(status));
    HOLDS(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static double records;

static void append(void)
{
    SUCCEED(h5sim_append_f64(file, "s", 0, NULL, &records));
    records++;
}

/* The series is 0, 1, …, so many, and nobody has put something else into the file. */
static void file_holds(const char *path, int64_t count)
{
    double found[128];
    char *keys = NULL;
    int32_t dtype, rank;
    int64_t extents[32];
    SUCCEED(h5sim_open(path, "r+", NULL, &file));
    SUCCEED(h5sim_info(file, "s", &dtype, &rank, extents));
    if (extents[0] != count)
        printf("%d records, not %d\n", (int)extents[0], (int)count);
    HOLDS(extents[0] == count && count <= 128);
    SUCCEED(h5sim_read_f64(file, "s", NULL, 128, found));
    for (int64_t i = 0; i < count && i < extents[0]; i++)
        HOLDS(found[i] == i);
    SUCCEED(h5sim_keys(file, "/", &keys));
    HOLDS(keys != NULL && strstr(keys, "child") == NULL);
    h5sim_free(keys);
    SUCCEED(h5sim_close(file));
}

/* Which file lies at a path, of which size; equal for the same one. */
static int64_t seen(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 ? (int64_t)(about.st_ino * 1000000007 + (uint64_t)about.st_size) : -1;
}

/* How many of this process's descriptors are of files whose names hold the word. */
static int descriptors_of(const char *word)
{
    int count = 0;
    char link[64], target[4096];
    DIR *folder = opendir("/proc/self/fd");
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        snprintf(link, sizeof link, "/proc/self/fd/%.20s", entry->d_name);
        ssize_t length = readlink(link, target, sizeof target - 1);
        if (length > 0) {
            target[length] = '\0';
            count += strstr(target, word) != NULL;
        }
    }
    if (folder != NULL)
        closedir(folder);
    return count;
}

#define REFUSED(call) FAIL(H5SIM_ERR_HANDLE, "before fork", call)

static void all_refused(h5sim_file inherited)
{
    const char *texts[3] = {"a", "b", "c"};
    const int64_t zero[1] = {0}, three[1] = {3};
    HOLDS(h5sim_is_open(inherited) == 0);
    REFUSED(h5sim_write_f64(inherited, "child", 1, shape, data));
    REFUSED(h5sim_write_f64(inherited, "child group/x", 1, shape, data));
    REFUSED(h5sim_append_f64(inherited, "s", 0, NULL, data));
    REFUSED(h5sim_append(inherited, "s", H5SIM_F64, 0, NULL, data, NULL));
    REFUSED(h5sim_write(inherited, "child", H5SIM_F64, 1, shape, NULL, data, NULL));
    REFUSED(h5sim_write_slice(inherited, "s", "0", H5SIM_F64, 1, data));
    REFUSED(h5sim_write_hyperslab(inherited, "d", H5SIM_F64, 1, zero, NULL, three, NULL, 3, data));
    REFUSED(h5sim_write_block(inherited, "child", H5SIM_F64, 1, shape, zero, shape, NULL, data, NULL));
    REFUSED(h5sim_append_block(inherited, "s", H5SIM_F64, 0, NULL, NULL, NULL, NULL, data, NULL));
    REFUSED(h5sim_read_block(inherited, "d", H5SIM_F64, 1, zero, shape, NULL, out.data));
    REFUSED(h5sim_create(inherited, "child", H5SIM_F64, 1, shape, NULL));
    REFUSED(h5sim_create_group(inherited, "child"));
    REFUSED(h5sim_write_text(inherited, "child", "x"));
    REFUSED(h5sim_write_texts(inherited, "child", 1, shape, texts));
    REFUSED(h5sim_write_json(inherited, "child", "{}"));
    REFUSED(h5sim_set_attr(inherited, "/", "child", H5SIM_F64, 1, shape, data));
    REFUSED(h5sim_set_attr_text(inherited, "/", "child", "x"));
    REFUSED(h5sim_delete_attr(inherited, "/", "child"));
    REFUSED(h5sim_delete(inherited, "d"));
    REFUSED(h5sim_read_f64(inherited, "s", NULL, 64, out.data));
    REFUSED(h5sim_read(inherited, "d", NULL, H5SIM_F64, 64, out.data));
    REFUSED(h5sim_read_into(inherited, "d", NULL, H5SIM_F64, 1, shape, NULL, out.data));
    REFUSED(h5sim_read_hyperslab(inherited, "d", H5SIM_F64, 1, zero, NULL, three, NULL, 64, out.data));
    REFUSED(h5sim_info(inherited, "s", &out.dtype, &out.rank, out.shape));
    REFUSED(h5sim_slice_shape(inherited, "s", "0", &out.rank, out.shape));
    REFUSED(h5sim_exists(inherited, "s", &out.kind));
    REFUSED(h5sim_keys(inherited, "/", &out.text));
    REFUSED(h5sim_tree(inherited, "/", &out.text));
    REFUSED(h5sim_read_text(inherited, "text", &out.text));
    REFUSED(h5sim_read_texts(inherited, "text", &out.text));
    REFUSED(h5sim_read_json(inherited, "text", &out.text));
    REFUSED(h5sim_get_attr(inherited, "/", "a", H5SIM_F64, 64, out.data));
    REFUSED(h5sim_get_attr_text(inherited, "/", "a", &out.text));
    REFUSED(h5sim_attr_info(inherited, "/", "a", &out.dtype, &out.rank, out.shape));
    REFUSED(h5sim_attr_keys(inherited, "/", &out.text));
    REFUSED(h5sim_commit(inherited));
}

static void inherited(void)
{
    h5sim_file reader;
    SUCCEED(h5sim_open("parent.h5", "w", NULL, &file));
    SUCCEED(h5sim_write_f64(file, "d", 1, shape, data));
    SUCCEED(h5sim_write_text(file, "text", "{}"));
    SUCCEED(h5sim_set_attr_text(file, "/", "a", "x"));
    append();
    SUCCEED(h5sim_commit(file));
    SUCCEED(h5sim_open("parent.h5", "r", NULL, &reader));
    for (int how = 0; how < 6; how++) {
        char path[32];
        snprintf(path, sizeof path, "group %d/x", how);
        append();
        SUCCEED(h5sim_write_f64(file, path, 1, shape, data));
        const int64_t journal = seen("parent.h5-journal"), parent = seen("parent.h5");
        HOLDS(journal != -1);
        pid_t child = forked();
        if (child == 0) {
            begin_child(60);
            switch (how) {
            case 0:
                all_refused(file);
                all_refused(reader);
                leave(0);
                break;
            case 1:
                all_refused(reader);
                REFUSED(h5sim_close(reader));
                REFUSED(h5sim_close(file));
                leave(1);
                break;
            case 2:
                SUCCEED(h5sim_finalize());
                FAIL(H5SIM_ERR_HANDLE, "", h5sim_commit(file));
                SUCCEED(h5sim_finalize());
                leave(1);
                break;
            case 3:
                SUCCEED(h5sim_finalize());
                leave(0);
                break;
            case 4:
                /* A daemon: its grandchild is not the owner either. */
                child = forked();
                if (child == 0) {
                    REFUSED(h5sim_commit(file));
                    SUCCEED(h5sim_finalize());
                    leave(1);
                }
                ended_well(child);
                all_refused(file);
                leave(1);
                break;
            default:
                /* Never calls the library. */
                leave(1);
            }
        }
        ended_well(child);
        HOLDS(seen("parent.h5-journal") == journal && seen("parent.h5") == parent);
        append();
        SUCCEED(h5sim_commit(file));
        append();
    }
    SUCCEED(h5sim_close(reader));
    SUCCEED(h5sim_close(file));
    HOLDS(seen("parent.h5-journal") == -1);
    file_holds("parent.h5", (int64_t)records);
}

static void writes_own(const char *path, int64_t count)
{
    h5sim_file own;
    SUCCEED(h5sim_open(path, "w", NULL, &own));
    for (int64_t i = 0; i < count; i++) {
        double value = (double)i;
        SUCCEED(h5sim_append_f64(own, "s", 0, NULL, &value));
        if (i % 5 == 0)
            SUCCEED(h5sim_commit(own));
    }
    SUCCEED(h5sim_write_f64(own, "g/x", 1, shape, data));
    SUCCEED(h5sim_close(own));
    file_holds(path, count);
}

static void own(void)
{
    h5sim_file other;
    SUCCEED(h5sim_open("parent.h5", "w", NULL, &file));
    append();
    SUCCEED(h5sim_commit(file));
    append();
    pid_t child = forked();
    if (child == 0) {
        const h5sim_file parents = file;
        double found[8];
        int32_t dtype, rank;
        int64_t extents[32];
        begin_child(60);
        /* Not having called anything before, and after. */
        writes_own("child.h5", 23);
        REFUSED(h5sim_commit(parents));
        writes_own("child.h5", 29);
        /* The parent has its file still. */
        FAIL(H5SIM_ERR_LOCKED, "parent.h5", h5sim_open("parent.h5", "r+", NULL, &out.file));
        FAIL(H5SIM_ERR_LOCKED, "parent.h5", h5sim_open("parent.h5", "w", NULL, &out.file));
        SUCCEED(h5sim_open("parent.h5", "r", NULL, &other));
        SUCCEED(h5sim_info(other, "s", &dtype, &rank, extents));
        HOLDS(extents[0] == 1);
        SUCCEED(h5sim_read_f64(other, "s", NULL, 8, found));
        HOLDS(found[0] == 0);
        SUCCEED(h5sim_close(other));
        /* A child of the child, likewise. */
        SUCCEED(h5sim_open("left open.h5", "w", NULL, &other));
        SUCCEED(h5sim_write_f64(other, "x", 1, shape, data));
        child = forked();
        if (child == 0) {
            begin_child(60);
            REFUSED(h5sim_write_f64(other, "child", 1, shape, data));
            REFUSED(h5sim_write_f64(parents, "child", 1, shape, data));
            writes_own("grandchild.h5", 3);
            leave(1);
        }
        ended_well(child);
        /* What it leaves open is kept at its exit. */
        leave(1);
    }
    ended_well(child);
    append();
    SUCCEED(h5sim_close(file));
    file_holds("parent.h5", 3);
    double found[3] = {0};
    SUCCEED(h5sim_open("left open.h5", "r", NULL, &other));
    SUCCEED(h5sim_read_f64(other, "x", NULL, 3, found));
    HOLDS(memcmp(found, data, sizeof data) == 0);
    SUCCEED(h5sim_close(other));
}

static atomic_int stop;
enum { LARGE = 1 << 18 };
static double large[LARGE];

static void *keep_calling(void *argument)
{
    const int64_t extents[1] = {LARGE};
    char path[32];
    h5sim_file mine;
    snprintf(path, sizeof path, "busy %d.h5", *(int *)argument);
    if (h5sim_open(path, "w", NULL, &mine) != 0)
        return NULL;
    for (int i = 0; !stop; i++) {
        if (h5sim_write(mine, "x", H5SIM_F64, 1, extents, NULL, large,
                        i % 2 ? "{\"overwrite\": true, \"compression\": 9}" : "{\"overwrite\": true}") != 0)
            break;
        double value = i;
        if (h5sim_append_f64(mine, "s", 0, NULL, &value) != 0 || (i % 8 == 0 && h5sim_commit(mine) != 0))
            break;
    }
    return h5sim_close(mine) == 0 ? argument : NULL;
}

static void busy(void)
{
    pthread_t threads[3];
    int numbers[3];
    for (int i = 0; i < LARGE; i++)
        large[i] = rand();
    SUCCEED(h5sim_open("parent.h5", "w", NULL, &file));
    append();
    for (int i = 0; i < 3; i++) {
        numbers[i] = i;
        HOLDS(pthread_create(&threads[i], NULL, keep_calling, &numbers[i]) == 0);
    }
    for (int i = 0; i < 24; i++) {
        usleep(3000 * (unsigned)(i % 5));
        pid_t child = forked();
        if (child == 0) {
            /* No wait for what no thread of this process will ever let go. */
            begin_child(8);
            h5sim_file mine;
            if (i % 3 == 0)
                leave(1);
            if (i % 3 == 1)
                REFUSED(h5sim_commit(file));
            int32_t status = h5sim_open("child.h5", "w", NULL, &mine);
            if (status == 0) {
                SUCCEED(h5sim_write_f64(mine, "x", 1, shape, data));
                SUCCEED(h5sim_close(mine));
            } else
                HOLDS(strstr(h5sim_last_error(), "fork") != NULL);
            leave(1);
        }
        ended_well(child);
    }
    stop = 1;
    for (int i = 0; i < 3; i++) {
        void *result = NULL;
        HOLDS(pthread_join(threads[i], &result) == 0);
        HOLDS(result == &numbers[i]);
    }
    SUCCEED(h5sim_close(file));
    file_holds("parent.h5", 1);
}

/* The parent of `lock`: commits, and leaves a child behind. */
static void leave_a_child(int idle, int ready, int end, int killed)
{
    char byte = 0;
    SUCCEED(h5sim_open("parent.h5", "a", NULL, &file));
    append();
    append();
    SUCCEED(h5sim_commit(file));
    if (killed)
        append();
    SUCCEED(h5sim_write_f64(file, "child's parent/x", 1, shape, data));
    pid_t child = forked();
    if (child == 0) {
        begin_child(60);
        /* Raw ways to fork cannot be noticed before the first call. */
        if (!idle || strcmp(way, "fork") != 0)
            REFUSED(h5sim_commit(file));
        HOLDS(descriptors_of("parent.h5") == 0);
        HOLDS(write(ready, wrong == 0 ? "+" : "-", 1) == 1);
        HOLDS(read(end, &byte, 1) == 0);
        leave(1);
    }
}

static void lock(void)
{
    for (int round = 0; round < 4; round++) {
        const int killed = round % 2, idle = round / 2;
        int ready[2], end[2];
        char answer = 0;
        unlink("parent.h5");
        HOLDS(pipe(ready) == 0 && pipe(end) == 0);
        fflush(stdout);
        pid_t parent = fork();
        if (parent == 0) {
            begin_child(60);
            close(end[1]);
            records = 0;
            leave_a_child(idle, ready[1], end[0], killed);
            close(ready[1]);
            close(end[0]);
            /* Once the child has said that it lives, and well. */
            HOLDS(read(ready[0], &answer, 1) == 1 && answer == '+');
            if (killed) {
                kill(getpid(), SIGKILL);
            } else {
                SUCCEED(h5sim_delete(file, "child's parent"));
                SUCCEED(h5sim_close(file));
            }
            leave(0);
        }
        int status = -1;
        HOLDS(waitpid(parent, &status, 0) == parent);
        HOLDS(killed ? WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL : WIFEXITED(status) && WEXITSTATUS(status) == 0);
        /* The child lives on, and the file is free: another process takes it. */
        pid_t other = fork();
        if (other == 0) {
            begin_child(60);
            file_holds("parent.h5", 2);
            leave(0);
        }
        ended_well(other);
        close(end[1]);
        close(end[0]);
        close(ready[0]);
        close(ready[1]);
    }
}

static void program(void)
{
    SUCCEED(h5sim_open("parent.h5", "w", NULL, &file));
    append();
    SUCCEED(h5sim_commit(file));
    append();
    HOLDS(system("for each in /proc/$$/fd/*; do readlink $each; done | grep -q parent.h5 && exit 1; exit 0") == 0);
    FILE *pipe = popen("echo hello", "r");
    char text[16] = "";
    HOLDS(pipe != NULL && fgets(text, sizeof text, pipe) != NULL && strcmp(text, "hello\n") == 0);
    HOLDS(pipe != NULL && pclose(pipe) == 0);
    append();
    SUCCEED(h5sim_close(file));
    file_holds("parent.h5", 3);
}

int main(int argc, char **argv)
{
    if (argc != 4 || chdir(argv[1]) != 0)
        return 2;
    alarm(240);
    way = argv[2];
    if (strcmp(argv[3], "inherited") == 0)
        inherited();
    else if (strcmp(argv[3], "own") == 0)
        own();
    else if (strcmp(argv[3], "busy") == 0)
        busy();
    else if (strcmp(argv[3], "lock") == 0)
        lock();
    else if (strcmp(argv[3], "program") == 0)
        program();
    else
        return 2;
    return conclude();
}
