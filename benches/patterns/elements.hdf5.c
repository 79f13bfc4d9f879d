/* 20,000 hyperslabs of 16 elements of one contiguous dataset, written and read, in each mode. */
#include "with_hdf5.h"

#define SIZE (1 << 20)

static void both(struct dataset *a, const char *write, const char *read, const double *data)
{
    const hsize_t count[1] = {16};
    uint64_t state = SEED;
    double found[16];
    begin();
    for (int i = 0; write != NULL && i < 20000; i++) {
        const hsize_t start[1] = {draw(&state) % (SIZE - 16)};
        put(a, start, count, data + start[0]);
    }
    if (write != NULL)
        end(write);
    begin();
    for (int i = 0; i < 20000; i++) {
        const hsize_t start[1] = {draw(&state) % (SIZE - 16)};
        get(a, start, count, found);
        MUST(found[15] == data[start[0] + 15]);
    }
    end(read);
}

int main(void)
{
    const hsize_t shape[1] = {SIZE};
    double *data = numbers(SIZE);
    ready();
    hid_t file = created("a.h5");
    struct dataset a = new_dataset(file, "a", H5T_IEEE_F64LE, 1, shape, NULL, 0);
    write_all(&a, data);
    both(&a, "write_w", "read_w", data);
    shut(&a);
    OK(H5Fclose(file));
    const char *writes[3] = {"write_r+", "write_none", NULL}, *reads[3] = {"read_r+", "read_none", "read_r"};
    for (int i = 0; i < 3; i++) {
        file = opened("a.h5", i < 2 ? "r+" : "r");
        a = old_dataset(file, "a");
        both(&a, writes[i], reads[i], data);
        shut(&a);
        OK(H5Fclose(file));
    }
    return 0;
}
