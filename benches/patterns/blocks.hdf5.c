/* Blocks in any order: new chunks at random, columns through the middle, a matrix that grows along both axes, particles whose number changes, blocks
   with their neighbours and points in time read, every fourth element read; and floats that become integers. */
#include "with_hdf5.h"

#define SIDE 128
#define SIZE (1 << 20)

/* A new dataset in chunks that can grow. */
static struct dataset growing(hid_t file, const char *path, int rank, const hsize_t *shape, const hsize_t *limit, const hsize_t *chunk)
{
    hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(rank, shape, limit), access = cached();
    OK(H5Pset_chunk(list, rank, chunk));
    struct dataset made = kept(H5Dcreate2(file, path, H5T_IEEE_F64LE, space, H5P_DEFAULT, list, access));
    OK(H5Pclose(access));
    OK(H5Sclose(space));
    OK(H5Pclose(list));
    return made;
}

static void resize(struct dataset *dataset, const hsize_t *shape, const hsize_t *limit)
{
    OK(H5Dset_extent(dataset->id, shape));
    OK(H5Sset_extent_simple(dataset->space, dataset->rank, shape, limit));
}

int main(void)
{
    const hsize_t shape[3] = {SIDE, SIDE, SIDE}, flat[1] = {SIZE}, square[2] = {1024, 1024}, middle[3] = {64, 256, 64};
    const hsize_t block[3] = {32, 32, 32}, eight[3] = {8, 8, 8}, frame[3] = {1, 64, 64}, frames[3] = {500, 64, 64};
    const hsize_t tile[2] = {16, 16}, tiles[2] = {32, 32}, many[1] = {4096}, none[2] = {0, 0}, limit[2] = {H5S_UNLIMITED, H5S_UNLIMITED};
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
    hid_t file = created("a.h5");
    struct dataset a = new_dataset(file, "a", H5T_IEEE_F64LE, 2, square, tile, 0);
    for (int i = 0; i < 4000; i++) {
        const hsize_t row = draw(&state) % 64, column = draw(&state) % 64;
        put(&a, (hsize_t[2]){16 * row, 16 * column}, tile, data + i);
    }
    shut(&a);
    OK(H5Fclose(file));
    end("scattered");
    begin();
    file = created("b.h5");
    a = new_dataset(file, "a", H5T_IEEE_F64LE, 3, middle, eight, 0);
    for (hsize_t i = 0; i < 256; i++)
        put(&a, (hsize_t[3]){0, i, 0}, (hsize_t[3]){64, 1, 64}, data + i);
    shut(&a);
    OK(H5Fclose(file));
    end("middle");
    begin();
    file = created("c.h5");
    a = growing(file, "a", 2, none, limit, tiles);
    for (hsize_t t = 0; t < 300; t++) {
        resize(&a, (hsize_t[2]){t + 1, t + 1}, limit);
        put(&a, (hsize_t[2]){t, 0}, (hsize_t[2]){1, t + 1}, data + t);
        put(&a, (hsize_t[2]){0, t}, (hsize_t[2]){t + 1, 1}, data + t);
    }
    shut(&a);
    OK(H5Fclose(file));
    end("both_axes");
    begin();
    file = created("d.h5");
    struct dataset particles[5];
    for (int k = 0; k < 5; k++)
        particles[k] = growing(file, fields[k], 1, none, limit, many);
    hsize_t total = 0;
    for (int t = 0; t < 1000; t++) {
        const hsize_t count = 1 + draw(&state) % 500;
        for (int k = 0; k < 5; k++) {
            resize(&particles[k], (hsize_t[1]){total + count}, limit);
            put(&particles[k], (hsize_t[1]){total}, (hsize_t[1]){count}, data + t);
        }
        total += count;
    }
    for (int k = 0; k < 5; k++)
        shut(&particles[k]);
    OK(H5Fclose(file));
    end("particles");
    file = created("e.h5");
    const char *names[3] = {"blocks", "frames", "square"};
    const hsize_t *shapes[3] = {shape, frames, square}, *chunks[3] = {block, frame, NULL};
    for (int i = 0; i < 3; i++) {
        a = new_dataset(file, names[i], H5T_IEEE_F64LE, i == 2 ? 2 : 3, shapes[i], chunks[i], 0);
        write_all(&a, data);
        shut(&a);
    }
    OK(H5Fclose(file));
    const char *modes[2] = {"r", "r+"}, *metrics[2][3] = {{"halo_r", "points_r", "fourth_r"}, {"halo_r+", "points_r+", "fourth_r+"}};
    for (int mode = 0; mode < 2; mode++) {
        file = opened("e.h5", modes[mode]);
        struct dataset blocks = old_dataset(file, "blocks"), in_time = old_dataset(file, "frames"), whole = old_dataset(file, "square");
        begin();
        for (int i = 0; i < 64; i++) {
            hsize_t start[3], count[3], place[3] = {(hsize_t)i / 16, (hsize_t)i / 4 % 4, (hsize_t)i % 4};
            for (int axis = 0; axis < 3; axis++) {
                start[axis] = place[axis] == 0 ? 0 : 32 * place[axis] - 1;
                count[axis] = 33 + (place[axis] > 0 && place[axis] < 3);
            }
            get(&blocks, start, count, found);
            MUST(found[1] == data[(start[0] * SIDE + start[1]) * SIDE + start[2] + 1]);
        }
        end(metrics[mode][0]);
        begin();
        for (int i = 0; i < 40; i++) {
            const hsize_t row = draw(&state) % 64, column = draw(&state) % 64;
            get(&in_time, (hsize_t[3]){0, row, column}, (hsize_t[3]){500, 1, 1}, found);
            MUST(found[1] == data[4096 + 64 * row + column]);
        }
        end(metrics[mode][1]);
        begin();
        for (int i = 0; i < 4; i++) {
            chosen(&whole, none, (hsize_t[2]){4, 4}, (hsize_t[2]){256, 256});
            OK(H5Dread(whole.id, H5T_NATIVE_DOUBLE, whole.memory, whole.space, H5P_DEFAULT, found));
        }
        end(metrics[mode][2]);
        MUST(found[257] == data[4096 + 4]);
        shut(&blocks);
        shut(&in_time);
        shut(&whole);
        OK(H5Fclose(file));
    }
    const char *kinds[3] = {"f8_as_i4", "f4_as_i4", "f8_as_u1"};
    const hid_t stored[3] = {H5T_STD_I32LE, H5T_STD_I32LE, H5T_STD_U8LE};
    for (int kind = 0; kind < 3; kind++) {
        file = created("f.h5");
        a = new_dataset(file, "a", stored[kind], 1, flat, NULL, 0);
        write_all(&a, data);
        begin();
        for (int i = 0; i < 3; i++) {
            if (kind == 1)
                OK(H5Dwrite(a.id, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, single));
            else
                write_all(&a, data);
        }
        end(kinds[kind]);
        shut(&a);
        OK(H5Fclose(file));
    }
    return 0;
}
