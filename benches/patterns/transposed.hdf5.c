/* A column-major array of 4096 x 4096 as a dataset in rows, and read back: transposed in blocks by the caller. */
#include "transpose.h"
#include "with_hdf5.h"

#define N 4096

int main(void)
{
    const hsize_t shape[2] = {N, N};
    double *data = numbers((size_t)N * N), *found = malloc((size_t)N * N * sizeof *found), *rows = malloc((size_t)N * N * sizeof *rows);
    memset(found, 1, (size_t)N * N * sizeof *found);
    memset(rows, 1, (size_t)N * N * sizeof *rows);
    ready();
    begin();
    hid_t file = created("a.h5");
    struct dataset a = new_dataset(file, "a", H5T_IEEE_F64LE, 2, shape, NULL, 0);
    transpose(rows, data, N);
    write_all(&a, rows);
    shut(&a);
    OK(H5Fclose(file));
    end("write");
    begin();
    file = opened("a.h5", "r");
    a = old_dataset(file, "a");
    read_all(&a, rows);
    transpose(found, rows, N);
    shut(&a);
    OK(H5Fclose(file));
    end("read");
    MUST(memcmp(found, data, (size_t)N * N * sizeof *found) == 0);
    return 0;
}
