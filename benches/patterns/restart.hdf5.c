/* A restart: what was the last step, the last record of each of 50 series, 20 fields of 48^3, then the series go on; deep paths. */
#include "with_hdf5.h"

int main(void)
{
    const hsize_t shape[3] = {48, 48, 48}, record[1] = {32}, one[2] = {1, 32};
    double *data = numbers(48 * 48 * 48 + 64), *found = malloc(48 * 48 * 48 * sizeof *found), last[32];
    struct dataset series[50];
    ready();
    hid_t file = created("a.h5"), group = new_group(file, "series"), space = H5Screate_simple(3, shape, NULL);
    for (int i = 0; i < 50; i++) {
        series[i] = new_series(group, name("%d", i), H5T_IEEE_F64LE, 1, record, 1024, 0);
        append_as(&series[i], H5T_NATIVE_DOUBLE, 1000, data);
        shut(&series[i]);
    }
    hid_t links = H5Pcreate(H5P_LINK_CREATE);
    OK(H5Pset_create_intermediate_group(links, 1));
    for (int i = 0; i < 20; i++) {
        hid_t dataset = H5Dcreate2(file, name("state/species/%d/density", i), H5T_IEEE_F64LE, space, links, H5P_DEFAULT, H5P_DEFAULT);
        OK(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data + i));
        OK(H5Dclose(dataset));
    }
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    memset(found, 1, 48 * 48 * 48 * sizeof *found);
    begin();
    for (int again = 0; again < 10; again++) {
        file = opened("a.h5", "r+");
        for (int i = 0; i < 50; i++) {
            series[i] = kept(H5Dopen2(file, name("series/%d", i), H5P_DEFAULT));
            get(&series[i], (hsize_t[2]){series[i].shape[0] - 1, 0}, one, last);
            MUST(series[i].shape[0] == (hsize_t)(1000 + 5 * again));
        }
        for (int i = 0; i < 20; i++) {
            hid_t dataset = H5Dopen2(file, name("state/species/%d/density", i), H5P_DEFAULT);
            OK(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
            OK(H5Dclose(dataset));
            MUST(found[7] == data[i + 7]);
        }
        for (int t = 0; t < 5; t++)
            for (int i = 0; i < 50; i++)
                append(&series[i], data + t);
        for (int i = 0; i < 50; i++)
            shut(&series[i]);
        OK(H5Fclose(file));
    }
    end("continue");
    begin();
    file = created("b.h5");
    space = H5Screate_simple(1, record, NULL);
    struct dataset f = kept(H5Dcreate2(file, "a/b/c/d/e/f", H5T_IEEE_F64LE, space, links, H5P_DEFAULT, H5P_DEFAULT));
    for (hsize_t t = 0; t < 10000; t++)
        put(&f, (hsize_t[1]){t % 32}, (hsize_t[1]){1}, data + t);
    shut(&f);
    OK(H5Fclose(file));
    end("deep");
    return 0;
}
