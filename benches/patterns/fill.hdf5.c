/* A created dataset (200, 256, 256) filled a step at a time, a flush each 20 steps. */
#include "with_hdf5.h"

int main(void)
{
    const hsize_t shape[3] = {200, 256, 256}, step[3] = {1, 256, 256};
    double *data = numbers(65536 * 4);
    const char *metrics[2] = {"kill", "none"};
    ready();
    for (int i = 0; i < 2; i++) {
        begin();
        hid_t file = created("a.h5");
        struct dataset a = new_dataset(file, "a", H5T_IEEE_F64LE, 3, shape, NULL, 0);
        for (hsize_t t = 0; t < 200; t++) {
            put(&a, (hsize_t[3]){t, 0, 0}, step, data + 65536 * (t % 4));
            if (t % 20 == 19)
                flush(file);
        }
        shut(&a);
        OK(H5Fclose(file));
        end(metrics[i]);
    }
    return 0;
}
