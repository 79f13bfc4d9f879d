/* The hash of the tutorial's metadata; the time of one. */
#include "bench.h"
#include <h5sim.h>
#include <string.h>

int main(void)
{
    const char *meta = "{\"model\": {\"k0\": 1.2, \"k1\": 1.3, \"tau\": 0.01, \"mass\": 123.0},"
                       " \"integrator\": {\"dt\": 0.001, \"method\": \"rk4\"},"
                       " \"data\": {\"source_path\": \"path/to/data\", \"host\": \"bluecrab\"}}";
    const int hashes = 100000;
    double start = now();
    for (int i = 0; i < hashes; i++) {
        char *hex;
        MUST(h5sim_hash(meta, 10, &hex) == 0);
        MUST(strcmp(hex, "eba300792d") == 0);
        h5sim_free(hex);
    }
    report("hash", (now() - start) / hashes);
    return 0;
}
