/* 5,000 attributes on one group; the first append of each of 1,000 series. */
#include "with_hdf5.h"

int main(void)
{
    double *data = numbers(1024);
    ready();
    hid_t scalar = H5Screate(H5S_SCALAR);
    begin();
    hid_t file = created("a.h5");
    for (int i = 0; i < 5000; i++)
        new_attribute(file, name("parameter%d", i), H5T_NATIVE_DOUBLE, scalar, data + i % 1024);
    OK(H5Fclose(file));
    end("attributes_root");
    begin();
    file = created("b.h5");
    hid_t group = new_group(file, "parameters");
    for (int i = 0; i < 5000; i++)
        new_attribute(group, name("parameter%d", i), H5T_NATIVE_DOUBLE, scalar, data + i % 1024);
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    end("attributes");
    struct dataset *series = calloc(1000, sizeof *series);
    begin();
    file = created("c.h5");
    group = new_group(file, "series");
    for (int i = 0; i < 1000; i++) {
        series[i] = new_series(group, name("%d", i), H5T_IEEE_F64LE, 0, NULL, 1024, 0);
        append(&series[i], data + i);
    }
    for (int i = 0; i < 1000; i++)
        shut(&series[i]);
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    end("appends");
    return 0;
}
