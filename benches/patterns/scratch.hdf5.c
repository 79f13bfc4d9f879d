/* Small datasets with an attribute each, snapshots and series with flushes, attributes and texts written over, files opened again. */
#include "with_hdf5.h"

int main(void)
{
    const hsize_t small[2] = {4, 8}, field[2] = {64, 64};
    double *data = numbers(8192);
    ready();
    hid_t space = H5Screate_simple(2, small, NULL), plane = H5Screate_simple(2, field, NULL), scalar = H5Screate(H5S_SCALAR), text = text_type(H5T_VARIABLE);
    begin();
    hid_t file = created("a.h5"), group = -1;
    for (int i = 0; i < 3000; i++) {
        if (i % 100 == 0)
            group = new_group(file, name("%d", i / 100));
        hid_t dataset = H5Dcreate2(group, name("%d", i), H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        OK(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data + i));
        new_attribute(dataset, "time", H5T_NATIVE_DOUBLE, scalar, data + i);
        OK(H5Dclose(dataset));
        if (i % 100 == 99)
            OK(H5Gclose(group));
    }
    OK(H5Fclose(file));
    end("datasets");
    begin();
    file = created("b.h5"), group = new_group(file, "steps");
    for (int t = 0; t < 400; t++) {
        write_new(group, name("%d", t), plane, data);
        if (t % 20 == 19)
            flush(file);
    }
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    end("snapshots");
    begin();
    struct dataset series[64];
    file = created("c.h5"), group = new_group(file, "series");
    for (int t = 0; t < 500; t++) {
        for (int i = 0; i < 64; i++) {
            if (t == 0)
                series[i] = new_series(group, name("%d", i), H5T_IEEE_F64LE, 0, NULL, 1024, 0);
            append(&series[i], data + t + i);
        }
        if (t % 10 == 9)
            flush(file);
    }
    for (int i = 0; i < 64; i++)
        shut(&series[i]);
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    end("series");
    begin();
    file = created("d.h5");
    hid_t attribute = H5Acreate2(file, "status", text, scalar, H5P_DEFAULT, H5P_DEFAULT);
    for (int t = 0; t < 2000; t++) {
        const char *now = status(t);
        OK(H5Awrite(attribute, text, &now));
    }
    OK(H5Aclose(attribute));
    OK(H5Fclose(file));
    end("status");
    begin();
    for (int i = 0; i < 500; i++) {
        file = created(name("%d.h5", i));
        write_new(file, "a", space, data + i);
        OK(H5Fclose(file));
    }
    end("files");
    begin();
    for (int i = 0; i < 500; i++) {
        file = opened(name("%d.h5", i), "r+");
        hid_t dataset = H5Dopen2(file, "a", H5P_DEFAULT);
        new_attribute(dataset, "time", H5T_NATIVE_DOUBLE, scalar, data + i);
        OK(H5Dclose(dataset));
        OK(H5Fclose(file));
    }
    end("reopened");
    return 0;
}
