/* Volumes in parts: blocks with a layer of neighbours read and blocks written, every second site of a lattice, planes across one large
   chunk, columns appended along the second axis. */
#include "with_h5sim.h"

#define SIDE 128

int main(void)
{
    const int64_t shape[3] = {SIDE, SIDE, SIDE}, lattice[4] = {16, 24, 24, 24}, half[4] = {8, 12, 12, 12}, two[4] = {2, 2, 2, 2};
    const int64_t column[2] = {64, 0};
    double *data = field(SIDE, SIDE * SIDE), *found = malloc(SIDE * SIDE * SIDE * sizeof *found);
    memset(found, 1, SIDE * SIDE * SIDE * sizeof *found);
    ready();
    h5sim_file file = opened("a.h5", "w", NULL);
    OK(h5sim_write(file, "a", H5SIM_F64, 3, shape, NULL, data, NULL));
    OK(h5sim_write(file, "lattice", H5SIM_F64, 4, lattice, NULL, data, NULL));
    OK(h5sim_write(file, "chunk", H5SIM_F64, 3, shape, NULL, data, "{\"chunks\": [128, 128, 128]}"));
    OK(h5sim_close(file));
    file = opened("a.h5", "r", NULL);
    begin();
    for (int i = 0; i < 64; i++) {
        int64_t start[3], count[3], place[3] = {i / 16, i / 4 % 4, i % 4};
        for (int axis = 0; axis < 3; axis++) {
            start[axis] = place[axis] == 0 ? 0 : 32 * place[axis] - 1;
            count[axis] = 33 + (place[axis] > 0 && place[axis] < 3);
        }
        get(file, "a", 3, start, count, found);
        MUST(found[1] == data[(start[0] * SIDE + start[1]) * SIDE + start[2] + 1]);
    }
    end("blocks_read");
    begin();
    for (int64_t i = 0; i < 16; i++) {
        const int64_t start[4] = {i / 8, i / 4 % 2, i / 2 % 2, i % 2};
        OK(h5sim_read_hyperslab(file, "lattice", H5SIM_F64, 4, start, two, half, NULL, 8 * 12 * 12 * 12, found));
        MUST(found[1] == data[((start[0] * 24 + start[1]) * 24 + start[2]) * 24 + start[3] + 2]);
    }
    end("sites");
    OK(h5sim_close(file));
    file = opened("a.h5", "r+", NULL);
    begin();
    for (int64_t i = 0; i < SIDE; i += 4)
        get(file, "chunk", 3, (int64_t[3]){0, 0, i}, (int64_t[3]){SIDE, SIDE, 1}, found);
    end("large_chunk");
    MUST(found[1] == data[SIDE + SIDE - 4]);
    OK(h5sim_close(file));
    begin();
    file = opened("b.h5", "w", NULL);
    OK(h5sim_create(file, "a", H5SIM_F64, 3, shape, NULL));
    for (int64_t i = 0; i < 64; i++)
        put(file, "a", 3, (int64_t[3]){32 * (i / 16), 32 * (i / 4 % 4), 32 * (i % 4)}, (int64_t[3]){32, 32, 32}, data + i);
    OK(h5sim_close(file));
    end("blocks_write");
    const char *metrics[2] = {"column", "columns"};
    for (int many = 0; many < 2; many++) {
        const int64_t width = many ? 50 : 1, steps = many ? 200 : 3000;
        begin();
        file = opened("c.h5", "w", NULL);
        OK(h5sim_create(file, "a", H5SIM_F64, 2, column, "{\"maxshape\": [64, null], \"chunks\": [64, 64]}"));
        for (int64_t t = 0; t < steps; t++) {
            OK(h5sim_resize(file, "a", 2, (int64_t[2]){64, (t + 1) * width}));
            put(file, "a", 2, (int64_t[2]){0, t * width}, (int64_t[2]){64, width}, data + t);
        }
        OK(h5sim_close(file));
        end(metrics[many]);
    }
    return 0;
}
