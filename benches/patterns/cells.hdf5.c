/* Small parts at random places: elements of a compressed dataset in each mode, samples of a training set, elements and rows written into many small
   chunks, one of 5,000 datasets looked up; and integers that become floats. */
#include "with_hdf5.h"

#define SAMPLES 2000
#define SAMPLE 1024
#define SIZE (1 << 20)

int main(void)
{
    const hsize_t shape[3] = {64, 64, 64}, set[2] = {SAMPLES, SAMPLE}, rows[2] = {1000, 100}, size[1] = {SIZE}, pair[1] = {2};
    const hsize_t chunk[3] = {16, 32, 32}, few[2] = {16, SAMPLE}, row[2] = {1, 100};
    double *data = field(64, 64 * 64), *found = malloc(SIZE * sizeof *found);
    float *samples = malloc(SAMPLES * SAMPLE * sizeof *samples);
    int32_t *integers = malloc(SIZE * sizeof *integers);
    const char *modes[2] = {"r", "r+"}, *elements_of[2] = {"elements_r", "elements_r+"}, *samples_of[2] = {"samples_r", "samples_r+"};
    for (int i = 0; i < SAMPLES * SAMPLE; i++)
        samples[i] = (float)data[i % (64 * 64 * 64)];
    for (int i = 0; i < SIZE; i++)
        integers[i] = i * 7 % 1000003;
    memset(found, 1, SIZE * sizeof *found);
    ready();
    hid_t file = created("a.h5");
    hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(3, shape, NULL), access = cached();
    OK(H5Pset_chunk(list, 3, chunk));
    OK(H5Pset_deflate(list, 1));
    struct dataset a = kept(H5Dcreate2(file, "a", H5T_IEEE_F64LE, space, H5P_DEFAULT, list, access)), b;
    write_all(&a, data);
    shut(&a);
    a = new_dataset(file, "samples", H5T_IEEE_F32LE, 2, set, few, 0);
    OK(H5Dwrite(a.id, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, samples));
    shut(&a);
    a = new_dataset(file, "bytes", H5T_STD_U8LE, 1, size, NULL, 0);
    OK(H5Dwrite(a.id, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, integers));
    shut(&a);
    a = new_dataset(file, "integers", H5T_STD_I32LE, 1, size, NULL, 0);
    OK(H5Dwrite(a.id, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, integers));
    shut(&a);
    OK(H5Fclose(file));
    for (int mode = 0; mode < 2; mode++) {
        uint64_t state = SEED;
        file = opened("a.h5", modes[mode]);
        a = old_dataset(file, "a");
        b = old_dataset(file, "samples");
        begin();
        for (int i = 0; i < 20000; i++) {
            const hsize_t start[3] = {draw(&state) % 64, draw(&state) % 64, draw(&state) % 64};
            get(&a, start, (hsize_t[3]){1, 1, 1}, found);
            MUST(found[0] == data[(start[0] * 64 + start[1]) * 64 + start[2]]);
        }
        end(elements_of[mode]);
        begin();
        for (int i = 0; i < 10000; i++)
            get_as(&b, H5T_NATIVE_FLOAT, (hsize_t[2]){draw(&state) % SAMPLES, 0}, (hsize_t[2]){1, SAMPLE}, found);
        end(samples_of[mode]);
        shut(&b);
        shut(&a);
        OK(H5Fclose(file));
    }
    file = opened("a.h5", "r");
    a = old_dataset(file, "bytes");
    b = old_dataset(file, "integers");
    begin();
    for (int i = 0; i < 10; i++)
        OK(H5Dread(a.id, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    end("u1_as_f4");
    begin();
    for (int i = 0; i < 10; i++)
        read_all(&b, found);
    end("i4_as_f8");
    MUST(found[SIZE - 1] == (double)integers[SIZE - 1]);
    shut(&b);
    shut(&a);
    OK(H5Fclose(file));
    uint64_t state = SEED;
    begin();
    file = created("b.h5");
    a = new_dataset(file, "a", H5T_IEEE_F64LE, 2, rows, row, 0);
    for (int i = 0; i < 20000; i++)
        put(&a, (hsize_t[2]){draw(&state) % 1000, draw(&state) % 100}, (hsize_t[2]){1, 1}, data + i);
    shut(&a);
    OK(H5Fclose(file));
    end("write");
    begin();
    file = opened("b.h5", "r+");
    a = old_dataset(file, "a");
    for (int i = 0; i < 20000; i++)
        put(&a, (hsize_t[2]){draw(&state) % 1000, 0}, row, data + i);
    shut(&a);
    OK(H5Fclose(file));
    end("rows");
    file = created("c.h5");
    hid_t group = new_group(file, "group"), two = H5Screate_simple(1, pair, NULL);
    for (int i = 0; i < 5000; i++)
        write_new(group, name("%d", i), two, data + i);
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    begin();
    for (int i = 0; i < 200; i++) {
        file = opened("c.h5", "r+");
        hid_t dataset = H5Dopen2(file, name("group/%d", 25 * i), H5P_DEFAULT);
        OK(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
        OK(H5Dclose(dataset));
        OK(H5Fclose(file));
    }
    end("lookup");
    begin();
    for (int i = 0; i < 200; i++) {
        file = opened("c.h5", "r+");
        write_new(file, name("group/new %d", i), two, data + i);
        OK(H5Fclose(file));
    }
    end("added");
    begin();
    for (int i = 0; i < 200; i++) {
        file = opened("c.h5", "r+");
        OK(H5Ldelete(file, name("group/new %d", i), H5P_DEFAULT));
        OK(H5Fclose(file));
    }
    end("taken");
    return 0;
}
