/* Boundary planes of a field (64, 64, 64), its tiles, its columns: written into a contiguous and a chunked dataset. */
#include "with_h5sim.h"

#define N 64

static void planes(h5sim_file file, const char *path, const double *data)
{
    const char *sides[6] = {"0", "-1", ":, 0", ":, -1", "..., 0", "..., -1"};
    for (int t = 0; t < 50; t++)
        for (int side = 0; side < 6; side++)
            OK(h5sim_write_slice(file, path, sides[side], H5SIM_F64, N * N, data + t + side));
}

static void tiles(h5sim_file file, const char *path, int64_t tile, const double *data)
{
    for (int64_t i = 0; i < 1024; i += tile)
        for (int64_t j = 0; j < 1024; j += tile) {
            const int64_t start[2] = {i, j}, count[2] = {i + tile > 1024 ? 1024 - i : tile, j + tile > 1024 ? 1024 - j : tile};
            put(file, path, 2, start, count, data + i + j);
        }
}

int main(void)
{
    const int64_t shape[3] = {N, N, N}, sheet[2] = {1024, 1024};
    double *data = numbers(1024 * 16);
    ready();
    begin();
    h5sim_file file = opened("a.h5", "w", NULL);
    OK(h5sim_create(file, "a", H5SIM_F64, 3, shape, NULL));
    planes(file, "a", data);
    OK(h5sim_close(file));
    end("contiguous");
    begin();
    file = opened("b.h5", "w", NULL);
    OK(h5sim_create(file, "a", H5SIM_F64, 3, shape, "{\"chunks\": [16, 16, 64]}"));
    planes(file, "a", data);
    OK(h5sim_close(file));
    end("chunked");
    const char *metrics[5] = {"tiles_contiguous", "tiles_chunks", "tiles_gzip", "tiles_across", "tiles_across_gzip"};
    const char *options[5] = {NULL, "{\"chunks\": [128, 128]}", "{\"chunks\": [128, 128], \"compression\": \"gzip\", \"shuffle\": true}",
                              "{\"chunks\": [128, 128]}", "{\"chunks\": [128, 128], \"compression\": \"gzip\", \"shuffle\": true}"};
    for (int i = 0; i < 5; i++) {
        begin();
        file = opened(name("t%d.h5", i), "w", NULL);
        OK(h5sim_create(file, "a", H5SIM_F64, 2, sheet, options[i]));
        tiles(file, "a", i < 3 ? 64 : 96, data);
        OK(h5sim_close(file));
        end(metrics[i]);
    }
    begin();
    file = opened("c.h5", "w", NULL);
    OK(h5sim_create(file, "a", H5SIM_F64, 2, sheet, NULL));
    for (int64_t j = 0; j < 200; j++)
        put(file, "a", 2, (int64_t[2]){0, j}, (int64_t[2]){1024, 1}, data + j);
    OK(h5sim_close(file));
    end("columns");
    return 0;
}
