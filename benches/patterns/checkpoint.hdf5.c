/* Eight fields overwritten in place at each checkpoint, a flush each; two checkpoints that are deleted and written in turn. */
#include "with_hdf5.h"

#define SIZE (64 * 64 * 64)

int main(void)
{
    const hsize_t shape[3] = {64, 64, 64};
    double *data = numbers(SIZE + 64);
    const char *metrics[2] = {"place_kill", "place_none"};
    struct dataset fields[8];
    ready();
    for (int i = 0; i < 2; i++) {
        hid_t file = created("a.h5");
        for (int k = 0; k < 8; k++) {
            fields[k] = new_dataset(file, name("%d", k), H5T_IEEE_F64LE, 3, shape, NULL, 0);
            write_all(&fields[k], data);
        }
        flush(file);
        begin();
        for (int t = 0; t < 8; t++) {
            for (int k = 0; k < 8; k++)
                write_all(&fields[k], data + t);
            flush(file);
        }
        for (int k = 0; k < 8; k++)
            shut(&fields[k]);
        OK(H5Fclose(file));
        end(metrics[i]);
    }
    hid_t space = H5Screate_simple(3, shape, NULL);
    begin();
    hid_t file = created("b.h5");
    for (int t = 0; t < 8; t++) {
        if (t >= 2)
            OK(H5Ldelete(file, name("checkpoint%d", t % 2), H5P_DEFAULT));
        hid_t group = new_group(file, name("checkpoint%d", t % 2));
        for (int k = 0; k < 8; k++)
            write_new(group, name("%d", k), space, data + t);
        OK(H5Gclose(group));
        flush(file);
    }
    OK(H5Fclose(file));
    end("rotating");
    return 0;
}
