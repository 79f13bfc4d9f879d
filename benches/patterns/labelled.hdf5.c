/* The same by HDF5's C calls. What H5DSset_scale() and H5DSattach_scale() write is written here by the attributes that HDF5 documents, and
   better than by them: they write the list in a scale anew for each dataset, here that is done once. In files of the old format it has room
   for 4,085 entries; H5DSattach_scale() fails beyond. */
#include "labelled.h"
#include "../with_hdf5.h"

enum { MOST_ENTRIES = 4085 };

struct entry {
    hobj_ref_t dataset;
    unsigned axis;
};

static void text(hid_t object, const char *title, const char *value, hid_t scalar)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    OK(H5Tset_size(type, strlen(value) + 1));
    new_attribute(object, title, type, scalar, value);
    OK(H5Tclose(type));
}

static hid_t new_scale(hid_t file, const char *title, hsize_t length, const double *data, hid_t scalar)
{
    hid_t space = H5Screate_simple(1, &length, NULL);
    hid_t scale = H5Dcreate2(file, title, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    OK(H5Dwrite(scale, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    text(scale, "CLASS", "DIMENSION_SCALE", scalar);
    text(scale, "NAME", title, scalar);
    OK(H5Sclose(space));
    return scale;
}

int main(void)
{
    const hsize_t shape[2] = {ROWS, COLUMNS}, axes = 2, most = MOST_ENTRIES;
    double *data = numbers(ROWS * COLUMNS * DATASETS);
    static struct entry entries[2][DATASETS];
    ready();

    begin();
    hid_t file = created("a.h5"), scalar = H5Screate(H5S_SCALAR);
    hid_t scales[2] = {new_scale(file, "y", ROWS, data, scalar), new_scale(file, "x", COLUMNS, data, scalar)};
    hid_t list = H5Tvlen_create(H5T_STD_REF_OBJ), list_space = H5Screate_simple(1, &axes, NULL);
    hid_t units = text_type(strlen(UNITS)), long_name = text_type(strlen(LONG_NAME));
    hid_t group = new_group(file, "group"), space = H5Screate_simple(2, shape, NULL);
    hobj_ref_t references[2];
    OK(H5Rcreate(&references[0], file, "y", H5R_OBJECT, -1));
    OK(H5Rcreate(&references[1], file, "x", H5R_OBJECT, -1));
    const hvl_t lists[2] = {{1, &references[0]}, {1, &references[1]}};
    for (int i = 0; i < DATASETS; i++) {
        hid_t dataset = H5Dcreate2(group, name("%d", i), H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        OK(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data + ROWS * COLUMNS * i));
        new_attribute(dataset, "units", units, scalar, UNITS);
        new_attribute(dataset, "long_name", long_name, scalar, LONG_NAME);
        new_attribute(dataset, "DIMENSION_LIST", list, list_space, lists);
        hobj_ref_t own;
        OK(H5Rcreate(&own, dataset, ".", H5R_OBJECT, -1));
        for (unsigned axis = 0; axis < 2; axis++)
            entries[axis][i] = (struct entry){own, axis};
        OK(H5Dclose(dataset));
    }
    hid_t entry = H5Tcreate(H5T_COMPOUND, sizeof(struct entry));
    OK(H5Tinsert(entry, "dataset", HOFFSET(struct entry, dataset), H5T_STD_REF_OBJ));
    OK(H5Tinsert(entry, "dimension", HOFFSET(struct entry, axis), H5T_NATIVE_UINT));
    hid_t entry_space = H5Screate_simple(1, &most, NULL);
    for (int axis = 0; axis < 2; axis++) {
        new_attribute(scales[axis], "REFERENCE_LIST", entry, entry_space, entries[axis]);
        OK(H5Dclose(scales[axis]));
    }
    OK(H5Sclose(space));
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    end("write");
    return 0;
}
