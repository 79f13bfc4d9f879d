/* A series that is read while it grows: the latest record each step, an earlier one, its extents; and every tenth record afterwards. */
#include "with_hdf5.h"

int main(void)
{
    const hsize_t shape[1] = {64}, one[2] = {1, 64}, thousand[2] = {1000, 64}, tenth[2] = {10, 1};
    double *data = numbers(64 * 1024), found[64], *many = malloc(64 * 10000 * sizeof *many);
    hsize_t extents[4];
    uint64_t state = SEED;
    memset(many, 1, 64 * 10000 * sizeof *many);
    ready();
    const char *metrics[3] = {"latest", "earlier", "extents"};
    for (int kind = 0; kind < 3; kind++) {
        begin();
        hid_t file = created(name("a%d.h5", kind));
        struct dataset a = new_series(file, "a", H5T_IEEE_F64LE, 1, shape, 512, 0);
        for (int t = 0; t < 3000; t++) {
            append(&a, data + 64 * (t % 1024));
            if (kind == 0)
                get(&a, (hsize_t[2]){(hsize_t)t, 0}, one, found);
            else if (kind == 1)
                get(&a, (hsize_t[2]){draw(&state) % (uint64_t)(t + 1), 0}, one, found);
            else {
                hid_t space = H5Dget_space(a.id);
                OK(H5Sget_simple_extent_dims(space, extents, NULL));
                OK(H5Sclose(space));
            }
            MUST(kind != 0 || found[63] == data[64 * (t % 1024) + 63]);
            MUST(kind != 2 || extents[0] == (hsize_t)t + 1);
        }
        shut(&a);
        OK(H5Fclose(file));
        end(metrics[kind]);
    }
    hid_t file = created("b.h5");
    struct dataset a = new_series(file, "a", H5T_IEEE_F64LE, 1, shape, 512, 0);
    append_as(&a, H5T_NATIVE_DOUBLE, 10000, many);
    shut(&a);
    OK(H5Fclose(file));
    const char *tenths[2] = {"tenth_r", "tenth_r+"}, *modes[2] = {"r", "r+"};
    for (int mode = 0; mode < 2; mode++) {
        begin();
        file = opened("b.h5", modes[mode]);
        a = old_dataset(file, "a");
        for (hsize_t i = 0; i < 10; i++) {
            chosen(&a, (hsize_t[2]){i, 0}, tenth, thousand);
            OK(H5Dread(a.id, H5T_NATIVE_DOUBLE, a.memory, a.space, H5P_DEFAULT, many));
        }
        for (hsize_t t = 0; t < 10000; t += 10)
            get(&a, (hsize_t[2]){t, 0}, one, found);
        shut(&a);
        OK(H5Fclose(file));
        end(tenths[mode]);
    }
    begin();
    file = opened("b.h5", "r+");
    a = old_dataset(file, "a");
    for (int i = 0; i < 5; i++) {
        /* HDF5 knows no negative steps: read, and turned in memory. */
        read_all(&a, many);
        for (size_t low = 0, high = 9999; low < high; low++, high--)
            for (size_t k = 0; k < 64; k++) {
                double value = many[64 * low + k];
                many[64 * low + k] = many[64 * high + k];
                many[64 * high + k] = value;
            }
    }
    shut(&a);
    OK(H5Fclose(file));
    end("backwards");
    return 0;
}
