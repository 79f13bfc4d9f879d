/* 3,000 datasets of 32 x 32 with two attributes each, written, and the attributes read. */
#include "with_hdf5.h"

int main(void)
{
    const hsize_t shape[2] = {32, 32};
    double *data = numbers(1024), time;
    int step;
    ready();
    begin();
    hid_t file = created("a.h5"), group = new_group(file, "fields");
    hid_t space = H5Screate_simple(2, shape, NULL), scalar = H5Screate(H5S_SCALAR);
    for (int i = 0; i < 3000; i++) {
        hid_t dataset = H5Dcreate2(group, name("%d", i), H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        OK(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
        new_attribute(dataset, "time", H5T_NATIVE_DOUBLE, scalar, data + i % 1024);
        new_attribute(dataset, "step", H5T_NATIVE_INT, scalar, &i);
        OK(H5Dclose(dataset));
    }
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    end("write");
    begin();
    file = opened("a.h5", "r");
    group = H5Gopen2(file, "fields", H5P_DEFAULT);
    for (int i = 0; i < 3000; i++) {
        hid_t object = H5Oopen(group, name("%d", i), H5P_DEFAULT);
        hid_t attribute = H5Aopen(object, "time", H5P_DEFAULT);
        OK(H5Aread(attribute, H5T_NATIVE_DOUBLE, &time));
        OK(H5Aclose(attribute));
        attribute = H5Aopen(object, "step", H5P_DEFAULT);
        OK(H5Aread(attribute, H5T_NATIVE_INT, &step));
        OK(H5Aclose(attribute));
        OK(H5Oclose(object));
        MUST(time == data[i % 1024] && step == i);
    }
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    end("read");
    return 0;
}
