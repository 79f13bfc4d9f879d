/* Case 2: many datasets in a group. */
#include "check.h"

int main(void)
{
    int64_t shape[2] = {1000, 2};
    static double data[10][1000][2], first[1000][2];
    for (int i = 0; i < 10 * 1000 * 2; i++)
        data[i / 2000][i / 2 % 1000][i % 2] = rand() / (double)RAND_MAX;

    h5sim_file file;
    CHECK(h5sim_open("richer_data.hdf5", "w", NULL, &file));
    for (int i = 0; i < 10; i++) {
        char path[32];
        snprintf(path, sizeof path, "timeseries/%d", i);
        CHECK(h5sim_write_f64(file, path, 2, shape, &data[i][0][0]));
    }
    CHECK(h5sim_close(file));

    char *keys;
    CHECK(h5sim_open("richer_data.hdf5", "r", NULL, &file));
    CHECK(h5sim_keys(file, "timeseries", &keys));
    printf("in timeseries: %s\n", keys);
    CHECK(h5sim_read_f64(file, "timeseries/0", NULL, 1000 * 2, &first[0][0]));
    printf("timeseries/0 is what was written: %s\n",
           memcmp(first, data[0], sizeof first) == 0 ? "yes" : "no");

    h5sim_free(keys);
    CHECK(h5sim_close(file));
    return 0;
}
