/* 100,000 reads of one element of a dataset of 100 × 100 float64. */
#include "with_h5sim.h"

int main(void)
{
    const int64_t shape[2] = {100, 100}, one[2] = {1, 1}, reads = 100000;
    double *data = numbers(100 * 100), sum = 0, value;
    h5sim_file file = opened("x.h5", "w", NULL);
    OK(h5sim_write_f64(file, "x", 2, shape, data));
    OK(h5sim_close(file));

    file = opened("x.h5", "r", NULL);
    begin();
    for (int64_t i = 0; i < reads; i++) {
        const int64_t start[2] = {i % 100, 7};
        get(file, "x", 2, start, one, &value);
        sum += value;
    }
    end("read");
    OK(h5sim_close(file));
    return sum > 0 ? 0 : 1;
}
