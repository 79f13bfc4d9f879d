/* One step [t] after another written into chunks of (16, 64, 64), plain and gzip 4 + shuffle. */
#include "with_hdf5.h"

int main(void)
{
    const hsize_t shape[3] = {320, 64, 64}, chunk[3] = {16, 64, 64}, step[3] = {1, 64, 64};
    double *data = field(320, 4096);
    ready();
    for (int gzip = 0; gzip < 2; gzip++) {
        begin();
        hid_t file = created(name("a%d.h5", gzip));
        struct dataset a = new_dataset(file, "a", H5T_IEEE_F64LE, 3, shape, chunk, gzip ? 4 : 0);
        for (hsize_t t = 0; t < 320; t++)
            put(&a, (hsize_t[3]){t, 0, 0}, step, data + 4096 * t);
        shut(&a);
        OK(H5Fclose(file));
        end(gzip ? "gzip" : "plain");
    }
    return 0;
}
