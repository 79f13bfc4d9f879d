/* Case 1: write an array, and read a part of it. */
#include "check.h"

int main(void)
{
    int64_t shape[3] = {5, 4, 3};
    double data[5][4][3];
    for (int i = 0; i < 5 * 4 * 3; i++)
        data[i / 12][i / 3 % 4][i % 3] = rand() / (double)RAND_MAX;

    h5sim_file file;
    CHECK(h5sim_open("my_data.hdf5", "w", NULL, &file));
    CHECK(h5sim_write_f64(file, "result_1", 3, shape, &data[0][0][0]));
    CHECK(h5sim_close(file));

    char *keys;
    CHECK(h5sim_open("my_data.hdf5", "r", NULL, &file));
    CHECK(h5sim_keys(file, "/", &keys));
    printf("keys: %s\n", keys);

    int32_t dtype, rank;
    int64_t found[32];
    CHECK(h5sim_info(file, "result_1", &dtype, &rank, found));
    printf("shape: (%d, %d, %d)\n", (int)found[0], (int)found[1], (int)found[2]);

    double corner[2][4][2];
    CHECK(h5sim_slice_shape(file, "result_1", "[:2,...,:2]", &rank, found));
    CHECK(h5sim_read_f64(file, "result_1", "[:2,...,:2]", 2 * 4 * 2, &corner[0][0][0]));
    printf("shape of [:2,...,:2]: (%d, %d, %d)\n", (int)found[0], (int)found[1], (int)found[2]);
    printf("its last value is that of result_1[1,3,1]: %s\n",
           corner[1][3][1] == data[1][3][1] ? "yes" : "no");

    h5sim_free(keys);
    CHECK(h5sim_close(file));
    return 0;
}
