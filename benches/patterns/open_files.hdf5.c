/* What each of 500 open files with one append holds: memory and descriptors. */
#include "resident.h"
#include "with_hdf5.h"
#include <sys/resource.h>

int main(void)
{
    hid_t files[500];
    struct dataset series[500];
    double *data = numbers(8);
    const hsize_t shape[1] = {8};
    struct rlimit limit;
    MUST(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    MUST(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    ready();
    OK(H5Fclose(created("first.h5")));
    double memory = resident(), open = descriptors();
    begin();
    for (int i = 0; i < 500; i++) {
        files[i] = created(name("%d.h5", i));
        series[i] = new_series(files[i], "a", H5T_IEEE_F64LE, 1, shape, 512, 0);
        append(&series[i], data);
    }
    end("append");
    report("memory", (resident() - memory) / 500);
    report("descriptors", (descriptors() - open) / 500);
    for (int i = 0; i < 500; i++) {
        shut(&series[i]);
        OK(H5Fclose(files[i]));
    }
    return 0;
}
