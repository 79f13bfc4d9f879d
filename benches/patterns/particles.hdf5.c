/* Particles and events whose number differs from step to step, appended many records at a time. */
#include "with_hdf5.h"

int main(void)
{
    const hsize_t shape[1] = {3};
    double *data = numbers(3 * 2048);
    uint64_t state = SEED;
    ready();
    begin();
    hid_t file = created("a.h5");
    struct dataset position = new_series(file, "position", H5T_IEEE_F64LE, 1, shape, 8192, 0);
    struct dataset velocity = new_series(file, "velocity", H5T_IEEE_F64LE, 1, shape, 8192, 0);
    struct dataset time = new_series(file, "time", H5T_IEEE_F64LE, 0, NULL, 1024, 0);
    for (int t = 0; t < 500; t++) {
        hsize_t count = 900 + draw(&state) % 200;
        append_as(&position, H5T_NATIVE_DOUBLE, count, data);
        append_as(&velocity, H5T_NATIVE_DOUBLE, count, data + 3);
        append(&time, data + t);
    }
    shut(&position);
    shut(&velocity);
    shut(&time);
    OK(H5Fclose(file));
    end("varying");
    const char *metrics[2] = {"batches", "gzip"};
    for (int gzip = 0; gzip < 2; gzip++) {
        begin();
        file = created(gzip ? "c.h5" : "b.h5");
        struct dataset event = new_series(file, "event", H5T_IEEE_F64LE, 1, shape, gzip ? 4096 : 8192, gzip ? 4 : 0);
        for (int t = 0; t < (gzip ? 300 : 5000); t++)
            append_as(&event, H5T_NATIVE_DOUBLE, gzip ? 1000 : 64, data + t % 1024);
        shut(&event);
        OK(H5Fclose(file));
        end(metrics[gzip]);
    }
    return 0;
}
