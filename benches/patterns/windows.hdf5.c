/* Windows of 64 x 64 at random places, strided parts, and rows, out of a sheet of 2048 x 1024, in each layout and mode. */
#include "with_hdf5.h"

int main(void)
{
    const hsize_t shape[2] = {2048, 1024}, window[2] = {64, 64}, spread[2] = {4, 8}, few[2] = {512, 128}, pairs[2] = {1, 2};
    const hsize_t chunk[2] = {128, 128}, line[2] = {1, 1024}, picked[2] = {512, 256};
    double *data = field(2048, 1024), *found = malloc(4096 * 32 * sizeof *found);
    const char *layouts[3] = {"contiguous", "chunked", "gzip"}, *modes[2] = {"r", "r+"};
    char metric[64];
    memset(found, 1, 4096 * 32 * sizeof *found);
    ready();
    hid_t memory = H5Screate_simple(2, picked, NULL);
    for (int layout = 0; layout < 3; layout++) {
        hid_t file = created(name("a%d.h5", layout));
        struct dataset a = new_dataset(file, "a", H5T_IEEE_F64LE, 2, shape, layout == 0 ? NULL : chunk, layout == 2 ? 4 : 0);
        write_all(&a, data);
        shut(&a);
        OK(H5Fclose(file));
        for (int mode = 0; mode < 2; mode++) {
            uint64_t state = SEED;
            file = opened(name("a%d.h5", layout), modes[mode]);
            a = old_dataset(file, "a");
            begin();
            for (int i = 0; i < 500; i++) {
                hsize_t row = draw(&state) % 1984, column = draw(&state) % 960;
                get(&a, (hsize_t[2]){row, column}, window, found);
                MUST(found[4095] == data[(row + 63) * 1024 + column + 63]);
            }
            snprintf(metric, sizeof metric, "windows_%s_%s", layouts[layout], modes[mode]);
            end(metric);
            begin();
            for (hsize_t i = 0; i < 4; i++) {
                OK(H5Sselect_hyperslab(a.space, H5S_SELECT_SET, (hsize_t[2]){i, i}, spread, few, pairs));
                OK(H5Dread(a.id, H5T_NATIVE_DOUBLE, memory, a.space, H5P_DEFAULT, found));
            }
            snprintf(metric, sizeof metric, "strided_%s_%s", layouts[layout], modes[mode]);
            end(metric);
            begin();
            for (hsize_t i = 0; i < 512; i++)
                get(&a, (hsize_t[2]){i, 0}, line, found);
            snprintf(metric, sizeof metric, "rows_%s_%s", layouts[layout], modes[mode]);
            end(metric);
            shut(&a);
            OK(H5Fclose(file));
        }
    }
    return 0;
}
