/* Datasets of 8 MiB in chunks in a file that is opened again, written over as wholes, in slabs, five times in one opening, by windows and rows at random
   places. HDF5 has no journal: both of h5sim's ways are beside the same. */
#include "with_hdf5.h"

#define SIDE 1024

static struct dataset a;
static const char *path;
static double *data;

static void whole(void)
{
    write_all(&a, data + 1);
}

static void slabs(void)
{
    for (int i = 0; i < SIDE; i += 16)
        put(&a, (hsize_t[2]){i, 0}, (hsize_t[2]){16, SIDE}, data + i);
}

static void five(void)
{
    for (int i = 0; i < 5; i++)
        write_all(&a, data + i);
}

static void windows(void)
{
    uint64_t state = SEED;
    for (int i = 0; i < 100; i++)
        put(&a, (hsize_t[2]){draw(&state) % (SIDE - 64), draw(&state) % (SIDE - 64)}, (hsize_t[2]){64, 64}, data + i);
}

static void some_rows(void)
{
    uint64_t state = SEED;
    for (int i = 0; i < 100; i++)
        put(&a, (hsize_t[2]){draw(&state) % SIDE, 0}, (hsize_t[2]){1, SIDE}, data + i);
}

/* Does some of it in an opening of its own. */
static void timed(const char *metric, void (*work)(void))
{
    begin();
    hid_t file = opened("a.h5", "r+");
    a = old_dataset(file, path);
    work();
    shut(&a);
    OK(H5Fclose(file));
    end(metric);
}

int main(void)
{
    const hsize_t shape[2] = {SIDE, SIDE}, chunk[2] = {128, 128};
    char metric[64];
    data = field(SIDE + 1, SIDE);
    ready();
    hid_t file = created("a.h5");
    a = new_dataset(file, "plain", H5T_IEEE_F64LE, 2, shape, chunk, 0);
    write_all(&a, data);
    shut(&a);
    a = new_dataset(file, "gzip", H5T_IEEE_F64LE, 2, shape, chunk, 1);
    write_all(&a, data);
    shut(&a);
    OK(H5Fclose(file));
    const char *cases[3] = {"kill", "none", "gzip"};
    for (int i = 0; i < 3; i++) {
        path = i == 2 ? "gzip" : "plain";
        void (*const work[5])(void) = {whole, slabs, five, windows, some_rows};
        const char *names[5] = {"whole", "slabs", "five", "windows", "rows"};
        for (int k = 0; k < 5; k++) {
            snprintf(metric, sizeof metric, "%s_%s", names[k], cases[i]);
            timed(metric, work[k]);
        }
    }
    return 0;
}
