/* 500 point histories [:, i, j] out of chunks of (16, 64, 64), in each mode. */
#include "with_hdf5.h"

#define STEPS 160
#define PLANE 4096

static void read_points(struct dataset *a, const char *metric, const double *data)
{
    static double history[STEPS];
    begin();
    for (hsize_t k = 0; k < 500; k++) {
        const hsize_t start[3] = {0, k % 64, k * 7 % 64}, count[3] = {STEPS, 1, 1};
        get(a, start, count, history);
        MUST(history[STEPS - 1] == data[(STEPS - 1) * PLANE + start[1] * 64 + start[2]]);
    }
    end(metric);
}

int main(void)
{
    const hsize_t shape[3] = {STEPS, 64, 64}, chunk[3] = {16, 64, 64};
    double *data = field(STEPS, PLANE);
    ready();
    for (unsigned gzip = 0; gzip < 2; gzip++) {
        hid_t file = created("a.h5");
        struct dataset a = new_dataset(file, "a", H5T_IEEE_F64LE, 3, shape, chunk, 4 * gzip);
        write_all(&a, data);
        read_points(&a, gzip ? "gzip_w" : "plain_w", data);
        shut(&a);
        OK(H5Fclose(file));
        file = opened("a.h5", "r+");
        a = old_dataset(file, "a");
        read_points(&a, gzip ? "gzip_r+" : "plain_r+", data);
        shut(&a);
        OK(H5Fclose(file));
        file = opened("a.h5", "r");
        a = old_dataset(file, "a");
        read_points(&a, gzip ? "gzip_r" : "plain_r", data);
        shut(&a);
        OK(H5Fclose(file));
    }
    return 0;
}
