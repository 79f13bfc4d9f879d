/* Blocks in any order: new chunks at random, columns through the middle, a matrix that grows along both axes, particles whose number changes, blocks
   with their neighbours and points in time read, every fourth element read; and floats that become integers. */
#include "with_h5sim.h"

#define SIDE 128
#define SIZE (1 << 20)

int main(void)
{
    const int64_t shape[3] = {SIDE, SIDE, SIDE}, flat[1] = {SIZE}, square[2] = {1024, 1024}, middle[3] = {64, 256, 64};
    double *data = numbers(SIDE * SIDE * SIDE), *found = malloc(SIDE * SIDE * SIDE * sizeof *found);
    float *single = malloc(SIZE * sizeof *single);
    const char *fields[5] = {"x", "y", "z", "weight", "id"};
    uint64_t state = SEED;
    for (int i = 0; i < SIZE; i++)
        single[i] = (float)(200 * data[i]);
    for (int i = 0; i < SIDE * SIDE * SIDE; i++)
        data[i] *= 200;
    memset(found, 1, SIDE * SIDE * SIDE * sizeof *found);
    ready();
    begin();
    h5sim_file file = opened("a.h5", "w", NULL);
    OK(h5sim_create(file, "a", H5SIM_F64, 2, square, "{\"chunks\": [16, 16]}"));
    for (int i = 0; i < 4000; i++) {
        const int64_t row = draw(&state) % 64, column = draw(&state) % 64;
        put(file, "a", 2, (int64_t[2]){16 * row, 16 * column}, (int64_t[2]){16, 16}, data + i);
    }
    OK(h5sim_close(file));
    end("scattered");
    begin();
    file = opened("b.h5", "w", NULL);
    OK(h5sim_create(file, "a", H5SIM_F64, 3, middle, "{\"chunks\": [8, 8, 8]}"));
    for (int64_t i = 0; i < 256; i++)
        put(file, "a", 3, (int64_t[3]){0, i, 0}, (int64_t[3]){64, 1, 64}, data + i);
    OK(h5sim_close(file));
    end("middle");
    begin();
    file = opened("c.h5", "w", NULL);
    OK(h5sim_create(file, "a", H5SIM_F64, 2, (int64_t[2]){0, 0}, "{\"maxshape\": [null, null], \"chunks\": [32, 32]}"));
    for (int64_t t = 0; t < 300; t++) {
        OK(h5sim_resize(file, "a", 2, (int64_t[2]){t + 1, t + 1}));
        put(file, "a", 2, (int64_t[2]){t, 0}, (int64_t[2]){1, t + 1}, data + t);
        put(file, "a", 2, (int64_t[2]){0, t}, (int64_t[2]){t + 1, 1}, data + t);
    }
    OK(h5sim_close(file));
    end("both_axes");
    begin();
    file = opened("d.h5", "w", NULL);
    for (int k = 0; k < 5; k++)
        OK(h5sim_create(file, fields[k], H5SIM_F64, 1, (int64_t[1]){0}, "{\"maxshape\": [null], \"chunks\": [4096]}"));
    int64_t total = 0;
    for (int t = 0; t < 1000; t++) {
        const int64_t count = 1 + (int64_t)(draw(&state) % 500);
        for (int k = 0; k < 5; k++) {
            OK(h5sim_resize(file, fields[k], 1, (int64_t[1]){total + count}));
            put(file, fields[k], 1, (int64_t[1]){total}, (int64_t[1]){count}, data + t);
        }
        total += count;
    }
    OK(h5sim_close(file));
    end("particles");
    file = opened("e.h5", "w", NULL);
    OK(h5sim_write(file, "blocks", H5SIM_F64, 3, shape, NULL, data, "{\"chunks\": [32, 32, 32]}"));
    OK(h5sim_write(file, "frames", H5SIM_F64, 3, (int64_t[3]){500, 64, 64}, NULL, data, "{\"chunks\": [1, 64, 64]}"));
    OK(h5sim_write(file, "square", H5SIM_F64, 2, square, NULL, data, NULL));
    OK(h5sim_close(file));
    const char *modes[2] = {"r", "r+"}, *metrics[2][3] = {{"halo_r", "points_r", "fourth_r"}, {"halo_r+", "points_r+", "fourth_r+"}};
    for (int mode = 0; mode < 2; mode++) {
        file = opened("e.h5", modes[mode], NULL);
        begin();
        for (int i = 0; i < 64; i++) {
            int64_t start[3], count[3], place[3] = {i / 16, i / 4 % 4, i % 4};
            for (int axis = 0; axis < 3; axis++) {
                start[axis] = place[axis] == 0 ? 0 : 32 * place[axis] - 1;
                count[axis] = 33 + (place[axis] > 0 && place[axis] < 3);
            }
            get(file, "blocks", 3, start, count, found);
            MUST(found[1] == data[(start[0] * SIDE + start[1]) * SIDE + start[2] + 1]);
        }
        end(metrics[mode][0]);
        begin();
        for (int i = 0; i < 40; i++) {
            const int64_t row = draw(&state) % 64, column = draw(&state) % 64;
            get(file, "frames", 3, (int64_t[3]){0, row, column}, (int64_t[3]){500, 1, 1}, found);
            MUST(found[1] == data[4096 + 64 * row + column]);
        }
        end(metrics[mode][1]);
        begin();
        for (int i = 0; i < 4; i++)
            OK(h5sim_read_f64(file, "square", "::4, ::4", 256 * 256, found));
        end(metrics[mode][2]);
        MUST(found[257] == data[4096 + 4]);
        OK(h5sim_close(file));
    }
    const char *names[3] = {"f8_as_i4", "f4_as_i4", "f8_as_u1"};
    const int32_t stored[3] = {H5SIM_I32, H5SIM_I32, H5SIM_U8};
    for (int kind = 0; kind < 3; kind++) {
        file = opened("f.h5", "w", NULL);
        OK(h5sim_create(file, "a", stored[kind], 1, flat, NULL));
        OK(h5sim_write_slice(file, "a", NULL, H5SIM_F64, SIZE, data));
        begin();
        for (int i = 0; i < 3; i++) {
            if (kind == 1)
                OK(h5sim_write_slice(file, "a", NULL, H5SIM_F32, SIZE, single));
            else
                OK(h5sim_write_slice(file, "a", NULL, H5SIM_F64, SIZE, data));
        }
        end(names[kind]);
        OK(h5sim_close(file));
    }
    return 0;
}
