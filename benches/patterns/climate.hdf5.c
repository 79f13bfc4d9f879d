/* Four variables (time, level, lat, lon) appended with gzip, a record a step; then a level of all times, and a mean over times. */
#include "with_hdf5.h"

#define LEVEL (90 * 180)
#define RECORD (8 * LEVEL)

int main(void)
{
    const hsize_t shape[3] = {8, 90, 180};
    double *data = field(16, RECORD), *found = malloc(24 * RECORD * sizeof *found), sum = 0;
    struct dataset variables[4];
    memset(found, 1, 24 * RECORD * sizeof *found);
    ready();
    begin();
    hid_t file = created("a.h5");
    for (int k = 0; k < 4; k++)
        variables[k] = new_series(file, name("variable%d", k), H5T_IEEE_F32LE, 3, shape, 1, 4);
    struct dataset time = new_series(file, "time", H5T_IEEE_F64LE, 0, NULL, 1024, 0);
    for (int t = 0; t < 24; t++) {
        for (int k = 0; k < 4; k++)
            append(&variables[k], data + (t + k) % 13 * RECORD);
        append(&time, data + t);
        if (t % 8 == 7)
            flush(file);
    }
    for (int k = 0; k < 4; k++)
        shut(&variables[k]);
    shut(&time);
    OK(H5Fclose(file));
    end("append");
    const char *levels[2] = {"level_r", "level_r+"}, *means[2] = {"mean_r", "mean_r+"}, *modes[2] = {"r", "r+"};
    for (int mode = 0; mode < 2; mode++) {
        begin();
        file = opened("a.h5", modes[mode]);
        for (int k = 0; k < 4; k++) {
            struct dataset a = old_dataset(file, name("variable%d", k));
            get(&a, (hsize_t[4]){0, 3, 0, 0}, (hsize_t[4]){24, 1, 90, 180}, found);
            shut(&a);
        }
        OK(H5Fclose(file));
        end(levels[mode]);
        begin();
        file = opened("a.h5", modes[mode]);
        struct dataset a = old_dataset(file, "variable0");
        for (hsize_t t = 0; t < 24; t++) {
            get(&a, (hsize_t[4]){t, 0, 0, 0}, (hsize_t[4]){1, 8, 90, 180}, found);
            for (int i = 0; i < RECORD; i++)
                sum += found[i];
        }
        shut(&a);
        OK(H5Fclose(file));
        end(means[mode]);
    }
    MUST(sum == sum);
    return 0;
}
