/* A group for each step with ten datasets of 16 x 16 and two attributes, with and without flushes; read again at a restart. */
#include "with_hdf5.h"

int main(void)
{
    const hsize_t shape[2] = {16, 16};
    double *data = numbers(4096), found[256];
    const int commits[3] = {0, 10, 1};
    const char *metrics[3] = {"never", "each10", "each"};
    ready();
    hid_t space = H5Screate_simple(2, shape, NULL), scalar = H5Screate(H5S_SCALAR), text = text_type(11);
    for (int kind = 0; kind < 3; kind++) {
        begin();
        hid_t file = created(name("a%d.h5", kind)), parent = new_group(file, "data");
        for (int t = 0; t < 300; t++) {
            hid_t group = new_group(parent, name("%d", t));
            for (int k = 0; k < 10; k++)
                write_new(group, name("field%d", k), space, data + t + k);
            new_attribute(group, "time", H5T_NATIVE_DOUBLE, scalar, data + t);
            new_attribute(group, "unit", text, scalar, "femtosecond");
            OK(H5Gclose(group));
            if (commits[kind] != 0 && t % commits[kind] == commits[kind] - 1)
                flush(file);
        }
        OK(H5Gclose(parent));
        OK(H5Fclose(file));
        end(metrics[kind]);
    }
    const char *reads[2] = {"read_r", "read_r+"}, *modes[2] = {"r", "r+"};
    for (int mode = 0; mode < 2; mode++) {
        begin();
        hid_t file = opened("a0.h5", modes[mode]), parent = H5Gopen2(file, "data", H5P_DEFAULT);
        for (int t = 0; t < 300; t++) {
            hid_t group = H5Gopen2(parent, name("%d", t), H5P_DEFAULT);
            for (int k = 0; k < 10; k++) {
                hid_t dataset = H5Dopen2(group, name("field%d", k), H5P_DEFAULT);
                OK(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
                OK(H5Dclose(dataset));
                MUST(found[255] == data[t + k + 255]);
            }
            OK(H5Gclose(group));
        }
        OK(H5Gclose(parent));
        OK(H5Fclose(file));
        end(reads[mode]);
    }
    return 0;
}
