/* What each of 500 open files with one append holds: memory and descriptors. */
#include "resident.h"
#include "with_h5sim.h"
#include <sys/resource.h>

int main(void)
{
    h5sim_file files[500];
    double *data = numbers(8);
    const int64_t shape[1] = {8};
    struct rlimit limit;
    MUST(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    MUST(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    ready();
    OK(h5sim_close(opened("first.h5", "w", NULL)));
    double memory = resident(), open = descriptors();
    begin();
    for (int i = 0; i < 500; i++) {
        files[i] = opened(name("%d.h5", i), "w", NULL);
        OK(h5sim_append_f64(files[i], "a", 1, shape, data));
    }
    end("append");
    report("memory", (resident() - memory) / 500);
    report("descriptors", (descriptors() - open) / 500);
    for (int i = 0; i < 500; i++)
        OK(h5sim_close(files[i]));
    return 0;
}
