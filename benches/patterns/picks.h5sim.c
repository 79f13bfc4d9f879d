/* What evaluations pick out of results, r: every tenth element of each type, as it is and as double, backwards, planes and corners of volumes in each layout,
   pieces anywhere, an element of each of many datasets, scalars. */
#include "with_h5sim.h"

#define LONG (4 << 20)
#define SIDE 128
#define MANY 2000

static void part(h5sim_file file, const char *path, int32_t dtype, int rank, const int64_t *start, const int64_t *stride, const int64_t *count, void *found)
{
    OK(h5sim_read_hyperslab(file, path, dtype, rank, start, stride, count, NULL, elements(rank, count), found));
}

int main(void)
{
    const int64_t length[1] = {LONG}, tenth[1] = {LONG / 10}, ten[1] = {10}, cube[3] = {SIDE, SIDE, SIDE}, hundred[1] = {100}, one[1] = {1};
    const char *types[3] = {"f4", "i4", "f8"}, *volumes[3] = {"cube", "chunks", "gzip"};
    const int32_t own[3] = {H5SIM_F32, H5SIM_I32, H5SIM_F64};
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
    h5sim_file file = opened("a.h5", "w", NULL);
    OK(h5sim_write(file, "f8", H5SIM_F64, 1, length, NULL, data, NULL));
    OK(h5sim_write(file, "f4", H5SIM_F32, 1, length, NULL, single, NULL));
    OK(h5sim_write(file, "i4", H5SIM_I32, 1, length, NULL, integers, NULL));
    OK(h5sim_write(file, "cube", H5SIM_F32, 3, cube, NULL, single, NULL));
    OK(h5sim_write(file, "chunks", H5SIM_F32, 3, cube, NULL, single, "{\"chunks\": [32, 32, 32]}"));
    OK(h5sim_write(file, "gzip", H5SIM_F32, 3, cube, NULL, single, "{\"chunks\": [32, 32, 32], \"compression\": 1, \"shuffle\": true}"));
    for (int i = 0; i < MANY; i++)
        OK(h5sim_write_f64(file, name("many/%d", i), 1, hundred, data + i));
    for (int i = 0; i < MANY; i++)
        OK(h5sim_write_f64(file, name("scalars/%d", i), 0, NULL, data + i));
    OK(h5sim_close(file));
    file = opened("a.h5", "r", NULL);
    for (int kind = 0; kind < 3; kind++) {
        snprintf(metric, sizeof metric, "tenth_%s", types[kind]);
        begin();
        for (int64_t i = 0; i < 3; i++)
            part(file, types[kind], own[kind], 1, &i, ten, tenth, found);
        end(metric);
        if (kind == 2)
            break;
        snprintf(metric, sizeof metric, "tenth_%s_as_f8", types[kind]);
        begin();
        for (int64_t i = 0; i < 3; i++)
            part(file, types[kind], H5SIM_F64, 1, &i, ten, tenth, found);
        end(metric);
    }
    begin();
    for (int i = 0; i < 3; i++)
        OK(h5sim_read_f64(file, "f8", "::-1", LONG, found));
    end("backwards");
    MUST(found[0] == data[LONG - 1]);
    for (int volume = 0; volume < 3; volume++) {
        uint64_t state = SEED;
        snprintf(metric, sizeof metric, "planes_%s", volumes[volume]);
        begin();
        for (int64_t k = 0; k < 48; k++) {
            int64_t start[3] = {0}, count[3] = {SIDE, SIDE, SIDE};
            start[k / 16] = k % 16 * 8;
            count[k / 16] = 1;
            part(file, volumes[volume], H5SIM_F32, 3, start, NULL, count, found);
        }
        end(metric);
        snprintf(metric, sizeof metric, "corners_%s", volumes[volume]);
        begin();
        for (int i = 0; i < 1000; i++) {
            const int64_t start[3] = {draw(&state) % 124, draw(&state) % 124, draw(&state) % 124};
            part(file, volumes[volume], H5SIM_F32, 3, start, NULL, (int64_t[3]){4, 4, 4}, found);
        }
        end(metric);
    }
    for (int64_t count = 1; count <= 1000; count *= 1000) {
        uint64_t state = SEED;
        snprintf(metric, sizeof metric, "anywhere_%d", (int)count);
        begin();
        for (int i = 0; i < 5000; i++)
            part(file, "f8", H5SIM_F64, 1, (int64_t[1]){draw(&state) % (LONG - 1000)}, NULL, &count, found);
        end(metric);
    }
    OK(h5sim_close(file));
    begin();
    file = opened("a.h5", "r", NULL);
    for (int i = 0; i < MANY; i++)
        part(file, name("many/%d", i), H5SIM_F64, 1, (int64_t[1]){50}, NULL, one, found);
    OK(h5sim_close(file));
    end("each");
    begin();
    file = opened("a.h5", "r", NULL);
    for (int i = 0; i < 2 * MANY; i++)
        OK(h5sim_read_f64(file, name("scalars/%d", i % MANY), NULL, 1, found));
    OK(h5sim_close(file));
    end("scalars");
    return 0;
}
