/* A column-major array of 4096 x 4096: transposed in blocks, written by write(). */
#define _GNU_SOURCE
#include "bench.h"
#include "transpose.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define N 4096

int main(void)
{
    const size_t bytes = (size_t)N * N * sizeof(double);
    double *data = numbers((size_t)N * N), *rows = malloc(bytes);
    memset(rows, 1, bytes);
    begin();
    int file = open("a", O_CREAT | O_TRUNC | O_WRONLY, 0666);
    transpose(rows, data, N);
    MUST(write(file, rows, bytes) == (ssize_t)bytes);
    MUST(close(file) == 0);
    end("write");
    return 0;
}
