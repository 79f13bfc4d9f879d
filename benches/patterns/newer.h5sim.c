/* Files of the newer format that are opened again: series are read, lengthened and changed. */
#include "with_h5sim.h"

#define SERIES 200
#define RECORDS 1000
#define NUMBERS 20000

int main(void)
{
    const int64_t record[1] = {8};
    double *data = numbers(NUMBERS), *found = malloc(NUMBERS * sizeof *found);
    memset(found, 1, NUMBERS * sizeof *found);
    ready();
    h5sim_file file = opened("a.h5", "w", "{\"libver\": \"latest\"}");
    for (int i = 0; i < SERIES; i++)
        for (int t = 0; t < RECORDS; t++)
            OK(h5sim_append(file, name("s%d", i), H5SIM_F64, 1, record, data + t / 50 * 50 + t % 50 * 8 + i, "{\"chunks\": [64, 8]}"));
    OK(h5sim_close(file));
    begin();
    for (int k = 0; k < 3; k++) {
        file = opened("a.h5", "r", NULL);
        for (int i = 0; i < SERIES; i++) {
            OK(h5sim_read_f64(file, name("s%d", i), NULL, RECORDS * 8, found));
            MUST(memcmp(found, data + i, 8 * sizeof *found) == 0);
        }
        OK(h5sim_close(file));
    }
    end("newer_read");
    begin();
    for (int k = 0; k < 5; k++) {
        file = opened("a.h5", "r+", NULL);
        for (int t = 0; t < 20; t++)
            for (int i = 0; i < SERIES; i++)
                OK(h5sim_append_f64(file, name("s%d", i), 1, record, data + t + i));
        OK(h5sim_close(file));
    }
    end("newer_append");
    begin();
    file = opened("a.h5", "r+", NULL);
    for (int t = 0; t < 10; t++)
        for (int i = 0; i < SERIES; i++) {
            const int64_t start[2] = {100 * t + i, 0}, count[2] = {1, 8};
            put(file, name("s%d", i), 2, start, count, data + t + i);
        }
    OK(h5sim_close(file));
    end("newer_records");
    return 0;
}
