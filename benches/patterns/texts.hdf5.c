/* Names of 10,000 species, and a document of 2 KiB in each of 500 groups: written and read. */
#include "with_hdf5.h"

int main(void)
{
    const hsize_t shape[1] = {10000};
    char **names = malloc(10000 * sizeof *names), *document = malloc(2049), *text = malloc(1 << 20);
    for (int i = 0; i < 10000; i++) {
        names[i] = malloc(16);
        snprintf(names[i], 16, "species%d", i);
    }
    memset(text, 1, 1 << 20);
    memset(document, 'x', 2048);
    memcpy(document, "{\"a\": \"", 7);
    memcpy(document + 2046, "\"}", 3);
    ready();
    hid_t space = H5Screate_simple(1, shape, NULL), scalar = H5Screate(H5S_SCALAR);
    hid_t variable = text_type(H5T_VARIABLE), fixed = text_type(2048);
    begin();
    hid_t file = created("a.h5");
    for (int i = 0; i < 5; i++) {
        hid_t dataset = H5Dcreate2(file, name("names%d", i), variable, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        OK(H5Dwrite(dataset, variable, H5S_ALL, H5S_ALL, H5P_DEFAULT, names));
        OK(H5Dclose(dataset));
    }
    OK(H5Fclose(file));
    end("names_write");
    begin();
    file = opened("a.h5", "r");
    for (int i = 0; i < 5; i++) {
        char **found = malloc(10000 * sizeof *found);
        int length = 0;
        hid_t dataset = H5Dopen2(file, name("names%d", i), H5P_DEFAULT);
        OK(H5Dread(dataset, variable, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
        for (int k = 0; k < 10000; k++)
            length += snprintf(text + length, 100, "\"%s\", ", found[k]);
        OK(H5Treclaim(variable, space, H5P_DEFAULT, found));
        OK(H5Dclose(dataset));
        free(found);
    }
    OK(H5Fclose(file));
    end("names_read");
    begin();
    file = created("b.h5");
    hid_t runs = new_group(file, "runs");
    for (int i = 0; i < 500; i++) {
        hid_t group = new_group(runs, name("%d", i));
        hid_t dataset = H5Dcreate2(group, "meta", fixed, scalar, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        OK(H5Dwrite(dataset, fixed, H5S_ALL, H5S_ALL, H5P_DEFAULT, document));
        OK(H5Dclose(dataset));
        OK(H5Gclose(group));
    }
    OK(H5Gclose(runs));
    OK(H5Fclose(file));
    end("documents_write");
    begin();
    file = opened("b.h5", "r");
    for (int i = 0; i < 500; i++) {
        hid_t dataset = H5Dopen2(file, name("runs/%d/meta", i), H5P_DEFAULT), type = H5Dget_type(dataset);
        char *found = calloc(H5Tget_size(type) + 1, 1);
        OK(H5Dread(dataset, fixed, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
        MUST(strlen(found) == 2048);
        free(found);
        OK(H5Tclose(type));
        OK(H5Dclose(dataset));
    }
    OK(H5Fclose(file));
    end("documents_read");
    return 0;
}
