/* 20,000 hyperslabs of 16 elements of one contiguous dataset, written and read, in each mode. */
#include "with_h5sim.h"

#define SIZE (1 << 20)

static void both(h5sim_file file, const char *write, const char *read, const double *data)
{
    const int64_t count[1] = {16};
    uint64_t state = SEED;
    double found[16];
    begin();
    for (int i = 0; write != NULL && i < 20000; i++) {
        const int64_t start[1] = {(int64_t)(draw(&state) % (SIZE - 16))};
        put(file, "a", 1, start, count, data + start[0]);
    }
    if (write != NULL)
        end(write);
    begin();
    for (int i = 0; i < 20000; i++) {
        const int64_t start[1] = {(int64_t)(draw(&state) % (SIZE - 16))};
        get(file, "a", 1, start, count, found);
        MUST(found[15] == data[start[0] + 15]);
    }
    end(read);
}

int main(void)
{
    const int64_t shape[1] = {SIZE};
    double *data = numbers(SIZE);
    ready();
    h5sim_file file = opened("a.h5", "w", NULL);
    OK(h5sim_write_f64(file, "a", 1, shape, data));
    both(file, "write_w", "read_w", data);
    OK(h5sim_close(file));
    file = opened("a.h5", "r+", NULL);
    both(file, "write_r+", "read_r+", data);
    OK(h5sim_close(file));
    file = opened("a.h5", "r+", "{\"durability\": \"none\"}");
    both(file, "write_none", "read_none", data);
    OK(h5sim_close(file));
    file = opened("a.h5", "r", NULL);
    both(file, NULL, "read_r", data);
    OK(h5sim_close(file));
    return 0;
}
