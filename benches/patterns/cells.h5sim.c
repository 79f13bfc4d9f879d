/* Small parts at random places: elements of a compressed dataset in each mode, samples of a training set, elements and rows written into many small
   chunks, one of 5,000 datasets looked up; and integers that become floats. */
#include "with_h5sim.h"

#define SAMPLES 2000
#define SAMPLE 1024
#define SIZE (1 << 20)

int main(void)
{
    const int64_t shape[3] = {64, 64, 64}, set[2] = {SAMPLES, SAMPLE}, rows[2] = {1000, 100}, size[1] = {SIZE}, pair[1] = {2};
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
    h5sim_file file = opened("a.h5", "w", NULL);
    OK(h5sim_write(file, "a", H5SIM_F64, 3, shape, NULL, data, "{\"chunks\": [16, 32, 32], \"compression\": 1}"));
    OK(h5sim_write(file, "samples", H5SIM_F32, 2, set, NULL, samples, "{\"chunks\": [16, 1024]}"));
    OK(h5sim_write(file, "bytes", H5SIM_U8, 1, size, NULL, integers, NULL));
    OK(h5sim_write(file, "integers", H5SIM_I32, 1, size, NULL, integers, NULL));
    OK(h5sim_close(file));
    for (int mode = 0; mode < 2; mode++) {
        uint64_t state = SEED;
        file = opened("a.h5", modes[mode], NULL);
        begin();
        for (int i = 0; i < 20000; i++) {
            const int64_t start[3] = {draw(&state) % 64, draw(&state) % 64, draw(&state) % 64};
            get(file, "a", 3, start, (int64_t[3]){1, 1, 1}, found);
            MUST(found[0] == data[(start[0] * 64 + start[1]) * 64 + start[2]]);
        }
        end(elements_of[mode]);
        begin();
        for (int i = 0; i < 10000; i++) {
            const int64_t start[2] = {draw(&state) % SAMPLES, 0};
            OK(h5sim_read_hyperslab(file, "samples", H5SIM_F32, 2, start, NULL, (int64_t[2]){1, SAMPLE}, NULL, SAMPLE, found));
        }
        end(samples_of[mode]);
        OK(h5sim_close(file));
    }
    file = opened("a.h5", "r", NULL);
    begin();
    for (int i = 0; i < 10; i++)
        OK(h5sim_read(file, "bytes", NULL, H5SIM_F32, SIZE, found));
    end("u1_as_f4");
    begin();
    for (int i = 0; i < 10; i++)
        OK(h5sim_read_f64(file, "integers", NULL, SIZE, found));
    end("i4_as_f8");
    MUST(found[SIZE - 1] == (double)integers[SIZE - 1]);
    OK(h5sim_close(file));
    uint64_t state = SEED;
    begin();
    file = opened("b.h5", "w", NULL);
    OK(h5sim_create(file, "a", H5SIM_F64, 2, rows, "{\"chunks\": [1, 100]}"));
    for (int i = 0; i < 20000; i++)
        put(file, "a", 2, (int64_t[2]){draw(&state) % 1000, draw(&state) % 100}, (int64_t[2]){1, 1}, data + i);
    OK(h5sim_close(file));
    end("write");
    begin();
    file = opened("b.h5", "r+", NULL);
    for (int i = 0; i < 20000; i++)
        put(file, "a", 2, (int64_t[2]){draw(&state) % 1000, 0}, (int64_t[2]){1, 100}, data + i);
    OK(h5sim_close(file));
    end("rows");
    file = opened("c.h5", "w", NULL);
    for (int i = 0; i < 5000; i++)
        OK(h5sim_write_f64(file, name("group/%d", i), 1, pair, data + i));
    OK(h5sim_close(file));
    begin();
    for (int i = 0; i < 200; i++) {
        file = opened("c.h5", "r+", NULL);
        OK(h5sim_read_f64(file, name("group/%d", 25 * i), NULL, 2, found));
        OK(h5sim_close(file));
    }
    end("lookup");
    begin();
    for (int i = 0; i < 200; i++) {
        file = opened("c.h5", "r+", NULL);
        OK(h5sim_write_f64(file, name("group/new %d", i), 1, pair, data + i));
        OK(h5sim_close(file));
    }
    end("added");
    begin();
    for (int i = 0; i < 200; i++) {
        file = opened("c.h5", "r+", NULL);
        OK(h5sim_delete(file, name("group/new %d", i)));
        OK(h5sim_close(file));
    }
    end("taken");
    return 0;
}
