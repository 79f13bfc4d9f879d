/* What evaluations pick out of results, r: every tenth element of each type, as it is and as double, backwards, planes and corners of volumes in each layout,
   pieces anywhere, an element of each of many datasets, scalars. */
#include "with_hdf5.h"

#define LONG (4 << 20)
#define SIDE 128
#define MANY 2000

static void part(struct dataset *dataset, hid_t type, const hsize_t *start, const hsize_t *stride, const hsize_t *count, void *found)
{
    chosen(dataset, start, stride, count);
    OK(H5Dread(dataset->id, type, dataset->memory, dataset->space, H5P_DEFAULT, found));
}

static void write_as(hid_t file, const char *path, hid_t stored, hid_t type, int rank, const hsize_t *shape, const hsize_t *chunk, unsigned level,
                     const void *data)
{
    struct dataset made = new_dataset(file, path, stored, rank, shape, chunk, level);
    OK(H5Dwrite(made.id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    shut(&made);
}

static void write_many(hid_t file, const char *path, hid_t space, const double *data)
{
    hid_t group = new_group(file, path);
    for (int i = 0; i < MANY; i++)
        write_new(group, name("%d", i), space, data + i);
    OK(H5Gclose(group));
    OK(H5Sclose(space));
}

/* HDF5 has no selection that runs backwards. */
static void reverse(double *data, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        const double first = data[i];
        data[i] = data[count - 1 - i];
        data[count - 1 - i] = first;
    }
}

int main(void)
{
    const hsize_t length[1] = {LONG}, tenth[1] = {LONG / 10}, ten[1] = {10}, cube[3] = {SIDE, SIDE, SIDE}, hundred[1] = {100}, one[1] = {1};
    const hsize_t chunk[3] = {32, 32, 32};
    const char *types[3] = {"f4", "i4", "f8"}, *volumes[3] = {"cube", "chunks", "gzip"};
    double *data = field(2 * SIDE, SIDE * SIDE), *found = malloc(LONG * sizeof *found);
    float *single = malloc(LONG * sizeof *single);
    int32_t *integers = malloc(LONG * sizeof *integers);
    char metric[64];
    for (int i = 0; i < LONG; i++) {
        single[i] = (float)data[i];
        integers[i] = i;
    }
    memset(found, 1, LONG * sizeof *found);
    ready();
    const hid_t own[3] = {H5T_NATIVE_FLOAT, H5T_NATIVE_INT32, H5T_NATIVE_DOUBLE};
    hid_t file = created("a.h5");
    write_as(file, "f8", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 1, length, NULL, 0, data);
    write_as(file, "f4", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, 1, length, NULL, 0, single);
    write_as(file, "i4", H5T_STD_I32LE, H5T_NATIVE_INT32, 1, length, NULL, 0, integers);
    write_as(file, "cube", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, 3, cube, NULL, 0, single);
    write_as(file, "chunks", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, 3, cube, chunk, 0, single);
    write_as(file, "gzip", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, 3, cube, chunk, 1, single);
    write_many(file, "many", H5Screate_simple(1, hundred, NULL), data);
    write_many(file, "scalars", H5Screate(H5S_SCALAR), data);
    OK(H5Fclose(file));
    file = opened("a.h5", "r");
    struct dataset lines[3], volume_of[3];
    for (int i = 0; i < 3; i++) {
        lines[i] = old_dataset(file, types[i]);
        volume_of[i] = old_dataset(file, volumes[i]);
    }
    for (int kind = 0; kind < 3; kind++) {
        snprintf(metric, sizeof metric, "tenth_%s", types[kind]);
        begin();
        for (hsize_t i = 0; i < 3; i++)
            part(&lines[kind], own[kind], &i, ten, tenth, found);
        end(metric);
        if (kind == 2)
            break;
        snprintf(metric, sizeof metric, "tenth_%s_as_f8", types[kind]);
        begin();
        for (hsize_t i = 0; i < 3; i++)
            part(&lines[kind], H5T_NATIVE_DOUBLE, &i, ten, tenth, found);
        end(metric);
    }
    begin();
    for (int i = 0; i < 3; i++) {
        read_all(&lines[2], found);
        reverse(found, LONG);
    }
    end("backwards");
    MUST(found[0] == data[LONG - 1]);
    for (int volume = 0; volume < 3; volume++) {
        uint64_t state = SEED;
        snprintf(metric, sizeof metric, "planes_%s", volumes[volume]);
        begin();
        for (hsize_t k = 0; k < 48; k++) {
            hsize_t start[3] = {0}, count[3] = {SIDE, SIDE, SIDE};
            start[k / 16] = k % 16 * 8;
            count[k / 16] = 1;
            part(&volume_of[volume], H5T_NATIVE_FLOAT, start, NULL, count, found);
        }
        end(metric);
        snprintf(metric, sizeof metric, "corners_%s", volumes[volume]);
        begin();
        for (int i = 0; i < 1000; i++) {
            const hsize_t start[3] = {draw(&state) % 124, draw(&state) % 124, draw(&state) % 124};
            part(&volume_of[volume], H5T_NATIVE_FLOAT, start, NULL, (hsize_t[3]){4, 4, 4}, found);
        }
        end(metric);
    }
    for (hsize_t count = 1; count <= 1000; count *= 1000) {
        uint64_t state = SEED;
        snprintf(metric, sizeof metric, "anywhere_%d", (int)count);
        begin();
        for (int i = 0; i < 5000; i++)
            part(&lines[2], H5T_NATIVE_DOUBLE, (hsize_t[1]){draw(&state) % (LONG - 1000)}, NULL, &count, found);
        end(metric);
    }
    for (int i = 0; i < 3; i++) {
        shut(&lines[i]);
        shut(&volume_of[i]);
    }
    OK(H5Fclose(file));
    static struct dataset many[MANY];
    begin();
    file = opened("a.h5", "r");
    for (int i = 0; i < MANY; i++) {
        many[i] = kept(H5Dopen2(file, name("many/%d", i), H5P_DEFAULT));
        part(&many[i], H5T_NATIVE_DOUBLE, (hsize_t[1]){50}, NULL, one, found);
        shut(&many[i]);
    }
    OK(H5Fclose(file));
    end("each");
    begin();
    file = opened("a.h5", "r");
    for (int i = 0; i < 2 * MANY; i++) {
        if (i < MANY)
            many[i] = kept(H5Dopen2(file, name("scalars/%d", i), H5P_DEFAULT));
        read_all(&many[i % MANY], found);
    }
    for (int i = 0; i < MANY; i++)
        shut(&many[i]);
    OK(H5Fclose(file));
    end("scalars");
    return 0;
}
