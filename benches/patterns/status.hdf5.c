/* The same with HDF5's calls: texts of variable length, in an attribute or dataset that stays open. */
#include "with_hdf5.h"

int main(void)
{
    ready();
    hid_t type = text_type(H5T_VARIABLE), space = H5Screate(H5S_SCALAR);
    begin();
    hid_t file = created("a.h5");
    hid_t attribute = H5Acreate2(file, "status", type, space, H5P_DEFAULT, H5P_DEFAULT);
    for (int t = 0; t < 2000; t++) {
        const char *value = status(t);
        OK(H5Awrite(attribute, type, &value));
    }
    OK(H5Aclose(attribute));
    OK(H5Fclose(file));
    end("attribute");
    begin();
    file = created("b.h5");
    attribute = H5Acreate2(file, "status", type, space, H5P_DEFAULT, H5P_DEFAULT);
    for (int t = 0; t < 500; t++) {
        const char *value = status(t);
        OK(H5Awrite(attribute, type, &value));
        flush(file);
    }
    OK(H5Aclose(attribute));
    OK(H5Fclose(file));
    end("attribute_commits");
    begin();
    file = created("c.h5");
    hid_t dataset = H5Dcreate2(file, "status", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    for (int t = 0; t < 500; t++) {
        const char *value = status(t);
        OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value));
        flush(file);
    }
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    end("json_commits");
    begin();
    for (int t = 0; t < 200; t++) {
        const char *value = status(t);
        file = opened("b.h5", "r+");
        attribute = H5Aopen(file, "status", H5P_DEFAULT);
        OK(H5Awrite(attribute, type, &value));
        OK(H5Aclose(attribute));
        OK(H5Fclose(file));
    }
    end("attribute_reopened");
    begin();
    for (int t = 0; t < 200; t++) {
        const char *value = status(t);
        file = opened("c.h5", "r+");
        dataset = H5Dopen2(file, "status", H5P_DEFAULT);
        OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value));
        OK(H5Dclose(dataset));
        OK(H5Fclose(file));
    }
    end("json_reopened");
    return 0;
}
