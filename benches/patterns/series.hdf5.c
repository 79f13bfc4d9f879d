/* Many series of one number each, a step at a time: with flushes, with one small write elsewhere each step, in random order. */
#include "with_hdf5.h"

static void steps(const char *metric, int series, int count, int commit, int elsewhere, int random)
{
    const hsize_t shape[1] = {16}, one[1] = {1};
    double *data = numbers(1024);
    uint64_t state = SEED;
    struct dataset *open = calloc((size_t)series, sizeof *open), other;
    begin();
    hid_t file = created(name("a%d.h5", (int)(unsigned char)metric[0])), group = new_group(file, "series");
    if (elsewhere)
        other = new_dataset(file, "state", H5T_IEEE_F64LE, 1, shape, NULL, 0);
    for (int t = 0; t < count; t++) {
        for (int i = 0; i < series; i++) {
            int which = random ? (int)(draw(&state) % (uint64_t)series) : i;
            if (open[which].rank == 0)
                open[which] = new_series(group, name("%d", which), H5T_IEEE_F64LE, 0, NULL, 1024, 0);
            append(&open[which], data + (t + i) % 1024);
        }
        if (elsewhere)
            put(&other, (hsize_t[1]){(hsize_t)(t % 16)}, one, data + t % 1024);
        if (commit != 0 && t % commit == commit - 1)
            flush(file);
    }
    for (int i = 0; i < series; i++)
        shut(&open[i]);
    if (elsewhere)
        shut(&other);
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    end(metric);
    free(data);
    free(open);
}

int main(void)
{
    ready();
    steps("commits", 64, 500, 10, 0, 0);
    steps("elsewhere", 50, 200, 0, 1, 0);
    steps("many_elsewhere", 300, 100, 0, 1, 0);
    steps("random", 100, 500, 0, 0, 1);
    steps("scalars", 20, 5000, 0, 0, 0);
    steps("twenty_commits", 20, 2000, 100, 0, 0);
    return 0;
}
