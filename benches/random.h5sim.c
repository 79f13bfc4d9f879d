/* 200,000 reads of 16 neighbours out of 32 MiB, the file open for reading. */
#include "bench.h"
#include <h5sim.h>
#include <string.h>

int main(void)
{
    const int64_t shape[1] = {4 << 20}, last = shape[0] - 16;
    const int64_t sixteen[1] = {16};
    double *data = numbers((size_t)shape[0]), found[16];
    uint64_t state = 88172645463325252ULL;
    h5sim_file file;
    MUST(h5sim_open("a.h5", "w", NULL, &file) == 0);
    MUST(h5sim_write_f64(file, "a", 1, shape, data) == 0);
    MUST(h5sim_close(file) == 0);
    MUST(h5sim_open("a.h5", "r", NULL, &file) == 0);

    double start = now();
    for (int i = 0; i < 200000; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        const int64_t place[1] = {(int64_t)(state % (uint64_t)last)};
        MUST(h5sim_read_hyperslab(file, "a", H5SIM_F64, 1, place, NULL, sixteen, NULL, 16, found) == 0);
        MUST(memcmp(found, data + place[0], sizeof found) == 0);
    }
    report("read", now() - start);
    MUST(h5sim_close(file) == 0);
    return 0;
}
