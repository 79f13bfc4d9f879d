/* Chunks that are read again, in each mode: all of a dataset and then its planes along each axis, all of it five times, time series at points of maps, and
   elements of a dataset of very many chunks. */
#include "with_hdf5.h"

#define MAPS 100

static const char *metric(const char *work, const char *dataset, const char *mode)
{
    static char text[32];
    snprintf(text, sizeof text, "%s%s%s%s", work, dataset, *dataset == 0 ? "" : "_", mode);
    return text;
}

int main(void)
{
    const hsize_t shape[3] = {64, 128, 128}, maps[3] = {MAPS, 90, 180}, many[1] = {200000};
    const hsize_t chunk[3] = {16, 32, 32}, map[3] = {1, 90, 180}, ten[1] = {10};
    double *data = field(64, 128 * 128), *found = malloc(64 * 128 * 128 * sizeof *found);
    float *single = malloc(MAPS * 90 * 180 * sizeof *single);
    const char *modes[2] = {"r", "r+"}, *datasets[2] = {"gzip", "plain"};
    for (int i = 0; i < MAPS * 90 * 180; i++)
        single[i] = (float)data[i % (64 * 128 * 128)];
    memset(found, 1, 64 * 128 * 128 * sizeof *found);
    ready();
    hid_t file = created("a.h5");
    struct dataset a = new_dataset(file, "gzip", H5T_IEEE_F64LE, 3, shape, chunk, 2);
    write_all(&a, data);
    shut(&a);
    a = new_dataset(file, "plain", H5T_IEEE_F64LE, 3, shape, chunk, 0);
    write_all(&a, data);
    shut(&a);
    a = new_dataset(file, "maps", H5T_IEEE_F32LE, 3, maps, map, 0);
    OK(H5Dwrite(a.id, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, single));
    shut(&a);
    a = new_dataset(file, "many", H5T_IEEE_F64LE, 1, many, ten, 0);
    write_all(&a, data);
    shut(&a);
    OK(H5Fclose(file));
    for (int mode = 0; mode < 2; mode++) {
        for (int i = 0; i < 2; i++) {
            file = opened("a.h5", modes[mode]);
            a = old_dataset(file, datasets[i]);
            begin();
            read_all(&a, found);
            for (int axis = 0; axis < 3; axis++)
                for (int k = 0; k < 64; k++) {
                    hsize_t start[3] = {0}, count[3] = {64, 128, 128};
                    start[axis] = k;
                    count[axis] = 1;
                    get(&a, start, count, found);
                }
            end(metric("planes_", datasets[i], modes[mode]));
            shut(&a);
            OK(H5Fclose(file));
            file = opened("a.h5", modes[mode]);
            a = old_dataset(file, datasets[i]);
            begin();
            for (int k = 0; k < 5; k++)
                read_all(&a, found);
            end(metric("whole_", datasets[i], modes[mode]));
            shut(&a);
            OK(H5Fclose(file));
        }
        uint64_t state = SEED;
        file = opened("a.h5", modes[mode]);
        a = old_dataset(file, "maps");
        begin();
        for (int i = 0; i < 50; i++) {
            const hsize_t start[3] = {0, draw(&state) % 90, draw(&state) % 180}, count[3] = {MAPS, 1, 1};
            get_as(&a, H5T_NATIVE_FLOAT, start, count, found);
        }
        end(metric("points_", "", modes[mode]));
        shut(&a);
        OK(H5Fclose(file));
        begin();
        file = opened("a.h5", modes[mode]);
        a = old_dataset(file, "many");
        for (int i = 0; i < 10; i++)
            get(&a, (hsize_t[1]){draw(&state) % 200000}, (hsize_t[1]){1}, found);
        shut(&a);
        OK(H5Fclose(file));
        end(metric("many_", "", modes[mode]));
    }
    return 0;
}
