/* Boundary planes of a field (64, 64, 64), its tiles, its columns: written into a contiguous and a chunked dataset. */
#include "with_hdf5.h"

#define N 64

static void planes(struct dataset *a, const double *data)
{
    for (int t = 0; t < 50; t++)
        for (int side = 0; side < 6; side++) {
            hsize_t start[3] = {0}, count[3] = {N, N, N};
            start[side / 2] = side % 2 == 0 ? 0 : N - 1;
            count[side / 2] = 1;
            put(a, start, count, data + t + side);
        }
}

static void tiles(struct dataset *a, hsize_t tile, const double *data)
{
    for (hsize_t i = 0; i < 1024; i += tile)
        for (hsize_t j = 0; j < 1024; j += tile) {
            const hsize_t start[2] = {i, j}, count[2] = {i + tile > 1024 ? 1024 - i : tile, j + tile > 1024 ? 1024 - j : tile};
            put(a, start, count, data + i + j);
        }
}

int main(void)
{
    const hsize_t shape[3] = {N, N, N}, sheet[2] = {1024, 1024}, pencils[3] = {16, 16, 64}, squares[2] = {128, 128};
    double *data = numbers(1024 * 16);
    ready();
    for (int chunked = 0; chunked < 2; chunked++) {
        begin();
        hid_t file = created(chunked ? "b.h5" : "a.h5");
        struct dataset a = new_dataset(file, "a", H5T_IEEE_F64LE, 3, shape, chunked ? pencils : NULL, 0);
        planes(&a, data);
        shut(&a);
        OK(H5Fclose(file));
        end(chunked ? "chunked" : "contiguous");
    }
    const char *metrics[5] = {"tiles_contiguous", "tiles_chunks", "tiles_gzip", "tiles_across", "tiles_across_gzip"};
    for (int i = 0; i < 5; i++) {
        begin();
        hid_t file = created(name("t%d.h5", i));
        struct dataset a = new_dataset(file, "a", H5T_IEEE_F64LE, 2, sheet, i == 0 ? NULL : squares, i == 2 || i == 4 ? 4 : 0);
        tiles(&a, i < 3 ? 64 : 96, data);
        shut(&a);
        OK(H5Fclose(file));
        end(metrics[i]);
    }
    begin();
    hid_t file = created("c.h5");
    struct dataset a = new_dataset(file, "a", H5T_IEEE_F64LE, 2, sheet, NULL, 0);
    for (hsize_t j = 0; j < 200; j++)
        put(&a, (hsize_t[2]){0, j}, (hsize_t[2]){1024, 1}, data + j);
    shut(&a);
    OK(H5Fclose(file));
    end("columns");
    return 0;
}
