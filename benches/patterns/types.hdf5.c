/* Types that differ between memory and file: f8 kept as f4, f4 as f8, i8 as i4, masks, complex spectra. */
#include "with_hdf5.h"

#define SIZE (2 << 20)

/* Writes or reads a whole dataset, in an opening of its own. */
static void whole(const char *metric, const char *path, const char *mode, hid_t kind, hid_t type, int count, void *data)
{
    const hsize_t shape[1] = {SIZE};
    begin();
    hid_t file = mode[0] == 'w' ? created(path) : opened(path, mode);
    for (int i = 0; i < count; i++) {
        const char *title = count == 1 ? "a" : name("%d", i);
        struct dataset a = mode[0] == 'w' ? new_dataset(file, title, kind, 1, shape, NULL, 0) : old_dataset(file, title);
        if (mode[0] == 'w')
            OK(H5Dwrite(a.id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
        else
            OK(H5Dread(a.id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
        shut(&a);
    }
    OK(H5Fclose(file));
    end(metric);
}

/* Appends `count` records, and reads them one by one. */
static void records(const char *write, const char *read, const char *path, hid_t kind, hid_t type, int count, hsize_t length, hsize_t chunk,
                    const double *data, double *found)
{
    const hsize_t record[1] = {length};
    begin();
    hid_t file = created(path);
    struct dataset a = new_series(file, "a", kind, 1, record, chunk, 0);
    for (int t = 0; t < count; t++)
        append_as(&a, type, 1, data + t);
    shut(&a);
    OK(H5Fclose(file));
    end(write);
    begin();
    file = opened(path, "r");
    a = old_dataset(file, "a");
    for (int t = 0; t < count; t++)
        get_as(&a, type, (hsize_t[2]){(hsize_t)t, 0}, (hsize_t[2]){1, length}, found);
    shut(&a);
    OK(H5Fclose(file));
    end(read);
}

int main(void)
{
    double *data = numbers(SIZE), *found = calloc(SIZE, sizeof *found);
    float *single = malloc(SIZE * sizeof *single);
    int64_t *ids = malloc(SIZE * sizeof *ids);
    unsigned char *mask = malloc(SIZE);
    for (int i = 0; i < SIZE; i++) {
        single[i] = (float)data[i];
        ids[i] = i * 7 % 1000003;
        mask[i] = data[i] < 0.5;
    }
    memset(found, 1, SIZE * sizeof *found);
    ready();
    hid_t boolean = H5Tenum_create(H5T_NATIVE_INT8), complex = H5Tcreate(H5T_COMPOUND, 16);
    OK(H5Tenum_insert(boolean, "FALSE", (signed char[1]){0}));
    OK(H5Tenum_insert(boolean, "TRUE", (signed char[1]){1}));
    OK(H5Tinsert(complex, "r", 0, H5T_IEEE_F64LE));
    OK(H5Tinsert(complex, "i", 8, H5T_IEEE_F64LE));
    whole("f8_as_f4", "a.h5", "w", H5T_IEEE_F32LE, H5T_NATIVE_DOUBLE, 1, data);
    whole("f4_as_f8", "b.h5", "w", H5T_IEEE_F64LE, H5T_NATIVE_FLOAT, 1, single);
    whole("read_f4_as_f8", "a.h5", "r", 0, H5T_NATIVE_DOUBLE, 1, found);
    whole("read_f8_as_f4", "b.h5", "r+", 0, H5T_NATIVE_FLOAT, 1, found);
    whole("i8_as_i4", "c.h5", "w", H5T_STD_I32LE, H5T_NATIVE_INT64, 1, ids);
    whole("mask_write", "d.h5", "w", boolean, boolean, 5, mask);
    whole("mask_read", "d.h5", "r", 0, boolean, 5, found);
    records("spectra_append", "spectra_read", "e.h5", complex, complex, 1000, 513, 32, data, found);
    MUST(found[1025] == data[999 + 1025]);
    records("append_f4", "read_steps_f4", "f.h5", H5T_IEEE_F32LE, H5T_NATIVE_DOUBLE, 2000, 1000, 64, data, found);
    MUST(found[999] == (double)(float)data[1999 + 999]);
    return 0;
}
