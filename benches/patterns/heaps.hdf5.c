/* The same with HDF5's calls. */
#include "with_hdf5.h"

static void overwrite(hid_t dataset, const char *title, const double *value)
{
    hid_t attribute = H5Aopen(dataset, title, H5P_DEFAULT);
    OK(attribute);
    OK(H5Awrite(attribute, H5T_NATIVE_DOUBLE, value));
    OK(H5Aclose(attribute));
}

int main(void)
{
    const hsize_t shape[1] = {8};
    double *data = numbers(200);
    ready();
    hid_t latest = H5Pcreate(H5P_FILE_ACCESS), space = H5Screate_simple(1, shape, NULL), scalar = H5Screate(H5S_SCALAR);
    OK(H5Pset_libver_bounds(latest, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST));
    hid_t file = H5Fcreate("a.h5", H5F_ACC_TRUNC, H5P_DEFAULT, latest);
    OK(file);
    for (int i = 0; i < 100; i++) {
        hid_t dataset = H5Dcreate2(file, name("d%d", i), H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        OK(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
        for (int k = 0; k < 20; k++)
            new_attribute(dataset, name("attribute%d", k), H5T_NATIVE_DOUBLE, scalar, data + k);
        OK(H5Dclose(dataset));
    }
    OK(H5Fclose(file));
    begin();
    file = opened("a.h5", "r+");
    for (int i = 0; i < 100; i++) {
        hid_t dataset = H5Dopen2(file, name("d%d", i), H5P_DEFAULT);
        OK(dataset);
        for (int k = 0; k < 20; k++)
            overwrite(dataset, name("attribute%d", k), data + k + i);
        OK(H5Dclose(dataset));
    }
    OK(H5Fclose(file));
    end("changed");
    begin();
    for (int t = 0; t < 100; t++) {
        file = opened("a.h5", "r+");
        hid_t dataset = H5Dopen2(file, "d7", H5P_DEFAULT);
        OK(dataset);
        overwrite(dataset, "attribute3", data + t);
        OK(H5Dclose(dataset));
        OK(H5Fclose(file));
    }
    end("reopened");
    return 0;
}
