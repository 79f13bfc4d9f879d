/* Volumes in parts: blocks with a layer of neighbours read and blocks written, every second site of a lattice, planes across one large
   chunk, columns appended along the second axis. */
#include "with_hdf5.h"

#define SIDE 128

int main(void)
{
    const hsize_t shape[3] = {SIDE, SIDE, SIDE}, lattice[4] = {16, 24, 24, 24}, half[4] = {8, 12, 12, 12}, two[4] = {2, 2, 2, 2};
    const hsize_t column[2] = {64, 0}, limit[2] = {64, H5S_UNLIMITED}, chunk[2] = {64, 64};
    double *data = field(SIDE, SIDE * SIDE), *found = malloc(SIDE * SIDE * SIDE * sizeof *found);
    memset(found, 1, SIDE * SIDE * SIDE * sizeof *found);
    ready();
    hid_t file = created("a.h5");
    const char *names[3] = {"a", "lattice", "chunk"};
    for (int i = 0; i < 3; i++) {
        struct dataset a = new_dataset(file, names[i], H5T_IEEE_F64LE, i == 1 ? 4 : 3, i == 1 ? lattice : shape, i == 2 ? shape : NULL, 0);
        write_all(&a, data);
        shut(&a);
    }
    OK(H5Fclose(file));
    file = opened("a.h5", "r");
    struct dataset a = old_dataset(file, "a"), sites = old_dataset(file, "lattice");
    begin();
    for (int i = 0; i < 64; i++) {
        hsize_t start[3], count[3], place[3] = {(hsize_t)i / 16, (hsize_t)i / 4 % 4, (hsize_t)i % 4};
        for (int axis = 0; axis < 3; axis++) {
            start[axis] = place[axis] == 0 ? 0 : 32 * place[axis] - 1;
            count[axis] = 33 + (place[axis] > 0 && place[axis] < 3);
        }
        get(&a, start, count, found);
        MUST(found[1] == data[(start[0] * SIDE + start[1]) * SIDE + start[2] + 1]);
    }
    end("blocks_read");
    begin();
    for (hsize_t i = 0; i < 16; i++) {
        const hsize_t start[4] = {i / 8, i / 4 % 2, i / 2 % 2, i % 2};
        chosen(&sites, start, two, half);
        OK(H5Dread(sites.id, H5T_NATIVE_DOUBLE, sites.memory, sites.space, H5P_DEFAULT, found));
        MUST(found[1] == data[((start[0] * 24 + start[1]) * 24 + start[2]) * 24 + start[3] + 2]);
    }
    end("sites");
    shut(&sites);
    shut(&a);
    OK(H5Fclose(file));
    file = opened("a.h5", "r+");
    a = old_dataset(file, "chunk");
    begin();
    for (hsize_t i = 0; i < SIDE; i += 4)
        get(&a, (hsize_t[3]){0, 0, i}, (hsize_t[3]){SIDE, SIDE, 1}, found);
    end("large_chunk");
    MUST(found[1] == data[SIDE + SIDE - 4]);
    shut(&a);
    OK(H5Fclose(file));
    begin();
    file = created("b.h5");
    a = new_dataset(file, "a", H5T_IEEE_F64LE, 3, shape, NULL, 0);
    for (hsize_t i = 0; i < 64; i++)
        put(&a, (hsize_t[3]){32 * (i / 16), 32 * (i / 4 % 4), 32 * (i % 4)}, (hsize_t[3]){32, 32, 32}, data + i);
    shut(&a);
    OK(H5Fclose(file));
    end("blocks_write");
    const char *metrics[2] = {"column", "columns"};
    for (int many = 0; many < 2; many++) {
        const hsize_t width = many ? 50 : 1, steps = many ? 200 : 3000;
        begin();
        file = created("c.h5");
        hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(2, column, limit);
        OK(H5Pset_chunk(list, 2, chunk));
        a = kept(H5Dcreate2(file, "a", H5T_IEEE_F64LE, space, H5P_DEFAULT, list, H5P_DEFAULT));
        for (hsize_t t = 0; t < steps; t++) {
            const hsize_t extents[2] = {64, (t + 1) * width};
            OK(H5Dset_extent(a.id, extents));
            OK(H5Sset_extent_simple(a.space, 2, extents, limit));
            put(&a, (hsize_t[2]){0, t * width}, (hsize_t[2]){64, width}, data + t);
        }
        shut(&a);
        OK(H5Sclose(space));
        OK(H5Pclose(list));
        OK(H5Fclose(file));
        end(metrics[many]);
    }
    return 0;
}
