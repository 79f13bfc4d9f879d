/* The same datasets without names of axes and without attributes. */
#include "labelled.h"
#include "../with_h5sim.h"

int main(void)
{
    const int64_t shape[2] = {ROWS, COLUMNS};
    double *data = numbers(ROWS * COLUMNS * DATASETS);
    ready();
    begin();
    h5sim_file file = opened("a.h5", "w", NULL);
    OK(h5sim_write(file, "y", H5SIM_F64, 1, &shape[0], NULL, data, NULL));
    OK(h5sim_write(file, "x", H5SIM_F64, 1, &shape[1], NULL, data, NULL));
    for (int i = 0; i < DATASETS; i++)
        OK(h5sim_write(file, name("group/%d", i), H5SIM_F64, 2, shape, NULL, data + ROWS * COLUMNS * i, NULL));
    OK(h5sim_close(file));
    end("write");
    return 0;
}
