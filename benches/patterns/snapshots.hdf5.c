/* A new dataset of 64 x 64 in one group each step, with a flush each step, each 20, and none. */
#include "with_hdf5.h"

int main(void)
{
    const hsize_t shape[2] = {64, 64};
    double *data = numbers(4096);
    const int each[3] = {1, 20, 0};
    const char *metrics[3] = {"each", "each20", "never"};
    ready();
    for (int i = 0; i < 3; i++) {
        begin();
        hid_t file = created(name("a%d.h5", i)), group = new_group(file, "steps"), space = H5Screate_simple(2, shape, NULL);
        for (int t = 0; t < 400; t++) {
            write_new(group, name("%d", t), space, data);
            if (each[i] != 0 && t % each[i] == each[i] - 1)
                flush(file);
        }
        OK(H5Sclose(space));
        OK(H5Gclose(group));
        OK(H5Fclose(file));
        end(metrics[i]);
    }
    return 0;
}
