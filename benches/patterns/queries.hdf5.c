/* What is there? Asked in loops, of 1,000 datasets, in each mode. The names and descriptions are gathered in a text. */
#include "with_hdf5.h"

static char text[1 << 20];

static herr_t add_name(hid_t group, const char *title, const H5L_info2_t *info, void *length)
{
    (void)group;
    (void)info;
    *(int *)length += snprintf(text + *(int *)length, 200, "\"%s\", ", title);
    return 0;
}

static herr_t add_object(hid_t group, const char *path, const H5O_info2_t *info, void *length)
{
    hsize_t extents[4] = {0};
    if (info->type == H5O_TYPE_DATASET) {
        hid_t dataset = H5Dopen2(group, path, H5P_DEFAULT), space = H5Dget_space(dataset), type = H5Dget_type(dataset);
        OK(H5Sget_simple_extent_dims(space, extents, NULL));
        MUST(H5Tget_class(type) == H5T_FLOAT && info->num_attrs == 0);
        OK(H5Tclose(type));
        OK(H5Sclose(space));
        OK(H5Dclose(dataset));
    }
    *(int *)length += snprintf(text + *(int *)length, 200, "\"%s\": {\"kind\": \"dataset\", \"dtype\": \"f8\", \"shape\": [%d]}, ", path,
                               (int)extents[0]);
    return 0;
}

static void ask(const char *mode, const char *exists, const char *info, const char *keys, const char *tree)
{
    hsize_t extents[4];
    struct dataset *open = calloc(1000, sizeof *open);
    hid_t file = opened("a.h5", mode), group = H5Gopen2(file, "group", H5P_DEFAULT);
    begin();
    for (int i = 0; i < 10000; i++)
        MUST(H5Lexists(group, name("%d", i % 2000), H5P_DEFAULT) == (i % 2000 < 1000));
    end(exists);
    begin();
    /* The first time a dataset is opened; it is kept for the other nine. */
    for (int i = 0; i < 10000; i++) {
        if (i < 1000)
            open[i].id = H5Dopen2(group, name("%d", i), H5P_DEFAULT);
        hid_t space = H5Dget_space(open[i % 1000].id), type = H5Dget_type(open[i % 1000].id);
        MUST(H5Tget_class(type) == H5T_FLOAT && H5Sget_simple_extent_dims(space, extents, NULL) == 1 && extents[0] == 16);
        OK(H5Tclose(type));
        OK(H5Sclose(space));
    }
    end(info);
    for (int i = 0; i < 1000; i++)
        OK(H5Dclose(open[i].id));
    begin();
    for (int i = 0; i < 50; i++) {
        int length = 0;
        OK(H5Literate2(group, H5_INDEX_NAME, H5_ITER_INC, NULL, add_name, &length));
    }
    end(keys);
    begin();
    for (int i = 0; i < 10; i++) {
        int length = 0;
        OK(H5Ovisit3(file, H5_INDEX_NAME, H5_ITER_INC, add_object, &length, H5O_INFO_BASIC | H5O_INFO_NUM_ATTRS));
    }
    end(tree);
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    free(open);
}

static herr_t add_attribute(hid_t object, const char *title, const H5A_info_t *info, void *length)
{
    (void)object;
    (void)info;
    *(int *)length += snprintf(text + *(int *)length, 200, "\"%s\", ", title);
    return 0;
}

/* What is in a file that was opened just now: the names of a group, and of the attributes of some of its datasets. */
static void look(const char *mode, const char *work)
{
    begin();
    for (int turn = 0; turn < 20; turn++) {
        int length = 0;
        hid_t file = opened("b.h5", mode), group = H5Gopen2(file, "group", H5P_DEFAULT);
        OK(H5Literate2(group, H5_INDEX_NAME, H5_ITER_INC, NULL, add_name, &length));
        for (int i = 0; i < 1000; i += 10) {
            length = 0;
            OK(H5Aiterate_by_name(group, name("%d", i), H5_INDEX_NAME, H5_ITER_INC, NULL, add_attribute, &length, H5P_DEFAULT));
        }
        OK(H5Gclose(group));
        OK(H5Fclose(file));
    }
    end(work);
}

int main(void)
{
    const hsize_t shape[1] = {16};
    double *data = numbers(1024 + 16);
    ready();
    hid_t file = created("a.h5"), group = new_group(file, "group"), space = H5Screate_simple(1, shape, NULL);
    for (int i = 0; i < 1000; i++)
        write_new(group, name("%d", i), space, data + i);
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    ask("r", "exists_r", "info_r", "keys_r", "tree_r");
    ask("r+", "exists_r+", "info_r+", "keys_r+", "tree_r+");
    file = created("b.h5");
    group = new_group(file, "group");
    hid_t scalar = H5Screate(H5S_SCALAR);
    for (int i = 0; i < 1000; i++) {
        write_new(group, name("%d", i), space, data + i);
        hid_t dataset = H5Dopen2(group, name("%d", i), H5P_DEFAULT);
        new_attribute(dataset, "time", H5T_NATIVE_DOUBLE, scalar, data + i);
        new_attribute(dataset, "step", H5T_NATIVE_DOUBLE, scalar, data + i);
        OK(H5Dclose(dataset));
    }
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    look("r", "names_r");
    look("r+", "names_r+");
    return 0;
}
