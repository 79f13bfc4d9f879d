/* 100 members with a file each, open together, a record each step; an output and a checkpoint in turns; reading all members. */
#include "with_hdf5.h"

int main(void)
{
    const hsize_t shape[1] = {64}, field_shape[2] = {128, 128};
    double *data = numbers(128 * 128 + 1024), found[64];
    hid_t files[100];
    struct dataset series[100];
    ready();
    begin();
    for (int i = 0; i < 100; i++) {
        files[i] = created(name("%d.h5", i));
        series[i] = new_series(files[i], "a", H5T_IEEE_F64LE, 1, shape, 128, 0);
    }
    for (int t = 0; t < 100; t++)
        for (int i = 0; i < 100; i++)
            append(&series[i], data + t + i);
    for (int i = 0; i < 100; i++) {
        shut(&series[i]);
        OK(H5Fclose(files[i]));
    }
    end("append");
    begin();
    for (int i = 0; i < 100; i++) {
        files[i] = opened(name("%d.h5", i), "r");
        series[i] = kept(H5Dopen2(files[i], "a", H5P_DEFAULT));
    }
    for (hsize_t t = 0; t < 100; t++)
        for (hsize_t i = 0; i < 100; i++) {
            get(&series[i], (hsize_t[2]){t, 0}, (hsize_t[2]){1, 64}, found);
            MUST(found[63] == data[t + i + 63]);
        }
    for (int i = 0; i < 100; i++) {
        shut(&series[i]);
        OK(H5Fclose(files[i]));
    }
    end("read");
    begin();
    hid_t output = created("output.h5"), checkpoint = created("checkpoint.h5");
    struct dataset a = new_series(output, "a", H5T_IEEE_F64LE, 1, shape, 512, 0);
    struct dataset field = new_dataset(checkpoint, "field", H5T_IEEE_F64LE, 2, field_shape, NULL, 0);
    for (int t = 0; t < 500; t++) {
        append(&a, data + t);
        write_all(&field, data + t);
    }
    shut(&a);
    shut(&field);
    OK(H5Fclose(output));
    OK(H5Fclose(checkpoint));
    end("two");
    return 0;
}
