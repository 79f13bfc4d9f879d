/* 1,000 groups with 5 attributes each, which are read again; 5,000 updates of one attribute, of one with a series beside it. */
#include "with_hdf5.h"

int main(void)
{
    const char *titles[5] = {"mass", "charge", "radius", "spin", "age"};
    double *data = numbers(1024), found;
    int step = 0;
    ready();
    begin();
    hid_t file = created("a.h5"), bodies = new_group(file, "bodies"), scalar = H5Screate(H5S_SCALAR);
    for (int i = 0; i < 1000; i++) {
        hid_t group = new_group(bodies, name("%d", i));
        for (int k = 0; k < 5; k++)
            new_attribute(group, titles[k], H5T_NATIVE_DOUBLE, scalar, data + k);
        OK(H5Gclose(group));
    }
    OK(H5Gclose(bodies));
    OK(H5Fclose(file));
    end("create");
    begin();
    file = opened("a.h5", "r");
    bodies = H5Gopen2(file, "bodies", H5P_DEFAULT);
    for (int i = 0; i < 1000; i++) {
        hid_t group = H5Gopen2(bodies, name("%d", i), H5P_DEFAULT);
        for (int k = 0; k < 5; k++) {
            hid_t attribute = H5Aopen(group, titles[k], H5P_DEFAULT);
            OK(H5Aread(attribute, H5T_NATIVE_DOUBLE, &found));
            OK(H5Aclose(attribute));
            MUST(found == data[k]);
        }
        OK(H5Gclose(group));
    }
    OK(H5Gclose(bodies));
    OK(H5Fclose(file));
    end("read");

    begin();
    file = created("b.h5");
    hid_t attribute = H5Acreate2(file, "step", H5T_NATIVE_INT, scalar, H5P_DEFAULT, H5P_DEFAULT);
    for (step = 0; step < 5000; step++)
        OK(H5Awrite(attribute, H5T_NATIVE_INT, &step));
    OK(H5Aclose(attribute));
    OK(H5Fclose(file));
    end("update");
    begin();
    file = created("c.h5");
    struct dataset energy = new_series(file, "energy", H5T_IEEE_F64LE, 0, NULL, 4096, 0);
    attribute = H5Acreate2(file, "step", H5T_NATIVE_INT, scalar, H5P_DEFAULT, H5P_DEFAULT);
    for (step = 0; step < 5000; step++) {
        append(&energy, data + step % 1024);
        OK(H5Awrite(attribute, H5T_NATIVE_INT, &step));
    }
    OK(H5Aclose(attribute));
    shut(&energy);
    OK(H5Fclose(file));
    end("update_append");
    return 0;
}
