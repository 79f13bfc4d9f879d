/* Datasets of 8 MiB in chunks in a file that is opened again, written over as wholes, in slabs, five times in one opening, by windows and rows at random
   places; with a journal and without. */
#include "with_h5sim.h"

#define SIDE 1024

static h5sim_file file;
static const char *path, *options;
static double *data;

static void whole(void)
{
    put(file, path, 2, (int64_t[2]){0, 0}, (int64_t[2]){SIDE, SIDE}, data + 1);
}

static void slabs(void)
{
    for (int i = 0; i < SIDE; i += 16)
        put(file, path, 2, (int64_t[2]){i, 0}, (int64_t[2]){16, SIDE}, data + i);
}

static void five(void)
{
    for (int i = 0; i < 5; i++)
        put(file, path, 2, (int64_t[2]){0, 0}, (int64_t[2]){SIDE, SIDE}, data + i);
}

static void windows(void)
{
    uint64_t state = SEED;
    for (int i = 0; i < 100; i++)
        put(file, path, 2, (int64_t[2]){draw(&state) % (SIDE - 64), draw(&state) % (SIDE - 64)}, (int64_t[2]){64, 64}, data + i);
}

static void some_rows(void)
{
    uint64_t state = SEED;
    for (int i = 0; i < 100; i++)
        put(file, path, 2, (int64_t[2]){draw(&state) % SIDE, 0}, (int64_t[2]){1, SIDE}, data + i);
}

/* Does some of it in an opening of its own. */
static void timed(const char *metric, void (*work)(void))
{
    begin();
    file = opened("a.h5", "r+", options);
    work();
    OK(h5sim_close(file));
    end(metric);
}

int main(void)
{
    const int64_t shape[2] = {SIDE, SIDE};
    char metric[64];
    data = field(SIDE + 1, SIDE);
    ready();
    file = opened("a.h5", "w", NULL);
    OK(h5sim_write(file, "plain", H5SIM_F64, 2, shape, NULL, data, "{\"chunks\": [128, 128]}"));
    OK(h5sim_write(file, "gzip", H5SIM_F64, 2, shape, NULL, data, "{\"chunks\": [128, 128], \"compression\": 1, \"shuffle\": true}"));
    OK(h5sim_close(file));
    const char *cases[3] = {"kill", "none", "gzip"};
    for (int i = 0; i < 3; i++) {
        path = i == 2 ? "gzip" : "plain";
        options = i == 1 ? "{\"durability\": \"none\"}" : NULL;
        void (*const work[5])(void) = {whole, slabs, five, windows, some_rows};
        const char *names[5] = {"whole", "slabs", "five", "windows", "rows"};
        for (int k = 0; k < 5; k++) {
            snprintf(metric, sizeof metric, "%s_%s", names[k], cases[i]);
            timed(metric, work[k]);
        }
    }
    return 0;
}
