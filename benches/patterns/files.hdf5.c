/* 1,000 small files: written, opened and read, an attribute of each read, one record added to each. */
#include "with_hdf5.h"
#include <unistd.h>

int main(void)
{
    const hsize_t shape[1] = {16};
    double *data = numbers(16), found[16];
    int step;
    ready();
    hid_t space = H5Screate_simple(1, shape, NULL), scalar = H5Screate(H5S_SCALAR);
    begin();
    for (int i = 0; i < 1000; i++) {
        hid_t file = created(name("%d.h5", i));
        write_new(file, "a", space, data);
        OK(H5Fclose(file));
    }
    end("write");
    begin();
    for (int i = 0; i < 1000; i++) {
        hid_t file = opened(name("%d.h5", i), "r"), dataset = H5Dopen2(file, "a", H5P_DEFAULT);
        OK(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
        OK(H5Dclose(dataset));
        OK(H5Fclose(file));
        MUST(found[15] == data[15]);
    }
    end("read");
    begin();
    for (int i = 0; i < 1000; i++) {
        hid_t file = opened(name("%d.h5", i), "r+");
        new_attribute(file, "step", H5T_NATIVE_INT, scalar, &i);
        OK(H5Fclose(file));
    }
    end("attribute_write");
    begin();
    for (int i = 0; i < 1000; i++) {
        hid_t file = opened(name("%d.h5", i), "r"), attribute = H5Aopen(file, "step", H5P_DEFAULT);
        OK(H5Aread(attribute, H5T_NATIVE_INT, &step));
        OK(H5Aclose(attribute));
        OK(H5Fclose(file));
        MUST(step == i);
    }
    end("attribute_read");
    begin();
    for (int t = 0; t < 500; t++) {
        hid_t file = access("series.h5", F_OK) == 0 ? opened("series.h5", "r+") : created("series.h5");
        struct dataset a = t == 0 ? new_series(file, "a", H5T_IEEE_F64LE, 1, shape, 512, 0) : kept(H5Dopen2(file, "a", H5P_DEFAULT));
        append(&a, data);
        shut(&a);
        OK(H5Fclose(file));
    }
    end("reopen_append");
    return 0;
}
