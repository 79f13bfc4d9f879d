/* Types that differ between memory and file: f8 kept as f4, f4 as f8, i8 as i4, masks, complex spectra. */
#include "with_h5sim.h"

#define SIZE (2 << 20)

int main(void)
{
    const int64_t shape[1] = {SIZE}, record[1] = {513}, half[1] = {1000};
    double *data = numbers(SIZE), *found = calloc(SIZE, sizeof *found), spectrum[2 * 513];
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
    begin();
    h5sim_file file = opened("a.h5", "w", NULL);
    OK(h5sim_write(file, "a", H5SIM_F64, 1, shape, NULL, data, "{\"dtype\": \"f4\"}"));
    OK(h5sim_close(file));
    end("f8_as_f4");
    begin();
    file = opened("b.h5", "w", NULL);
    OK(h5sim_create(file, "a", H5SIM_F64, 1, shape, NULL));
    OK(h5sim_write_slice(file, "a", NULL, H5SIM_F32, SIZE, single));
    OK(h5sim_close(file));
    end("f4_as_f8");
    begin();
    file = opened("a.h5", "r", NULL);
    OK(h5sim_read_f64(file, "a", NULL, SIZE, found));
    OK(h5sim_close(file));
    end("read_f4_as_f8");
    begin();
    file = opened("b.h5", "r+", NULL);
    OK(h5sim_read(file, "a", NULL, H5SIM_F32, SIZE, found));
    OK(h5sim_close(file));
    end("read_f8_as_f4");
    begin();
    file = opened("c.h5", "w", NULL);
    OK(h5sim_write(file, "a", H5SIM_I64, 1, shape, NULL, ids, "{\"dtype\": \"i4\"}"));
    OK(h5sim_close(file));
    end("i8_as_i4");
    begin();
    file = opened("d.h5", "w", NULL);
    for (int i = 0; i < 5; i++)
        OK(h5sim_write(file, name("%d", i), H5SIM_BOOL, 1, shape, NULL, mask, NULL));
    OK(h5sim_close(file));
    end("mask_write");
    begin();
    file = opened("d.h5", "r", NULL);
    for (int i = 0; i < 5; i++)
        OK(h5sim_read(file, name("%d", i), NULL, H5SIM_BOOL, SIZE, found));
    OK(h5sim_close(file));
    end("mask_read");
    begin();
    file = opened("e.h5", "w", NULL);
    for (int t = 0; t < 1000; t++)
        OK(h5sim_append(file, "a", H5SIM_C128, 1, record, data + t, NULL));
    OK(h5sim_close(file));
    end("spectra_append");
    begin();
    file = opened("e.h5", "r", NULL);
    for (int t = 0; t < 1000; t++)
        OK(h5sim_read(file, "a", name("%d", t), H5SIM_C128, 513, spectrum));
    OK(h5sim_close(file));
    end("spectra_read");
    MUST(spectrum[1025] == data[999 + 1025]);
    begin();
    file = opened("f.h5", "w", NULL);
    for (int t = 0; t < 2000; t++)
        OK(h5sim_append(file, "a", H5SIM_F64, 1, half, data + t, "{\"dtype\": \"f4\"}"));
    OK(h5sim_close(file));
    end("append_f4");
    begin();
    file = opened("f.h5", "r", NULL);
    for (int t = 0; t < 2000; t++)
        OK(h5sim_read_f64(file, "a", name("%d", t), 1000, found));
    OK(h5sim_close(file));
    end("read_steps_f4");
    MUST(found[999] == (double)(float)data[1999 + 999]);
    return 0;
}
