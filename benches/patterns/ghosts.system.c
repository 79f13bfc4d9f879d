/* 20 arrays of 1024 x 1024 out of their ghost cells: gathered, and written by one pwrite() each. */
#define _GNU_SOURCE
#include "bench.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define N 1024
#define WIDE (N + 2)

int main(void)
{
    const size_t bytes = N * N * sizeof(double);
    double *data = numbers(WIDE * WIDE), *inside = malloc(bytes);
    memset(inside, 1, bytes);
    const char *metrics[2] = {"write", "append"};
    for (int i = 0; i < 2; i++) {
        begin();
        int file = open("a", O_CREAT | O_TRUNC | O_WRONLY, 0666);
        for (int k = 0; k < 20; k++) {
            for (int row = 0; row < N; row++)
                memcpy(inside + row * N, data + (row + 1) * WIDE + 1, N * sizeof *inside);
            MUST(pwrite(file, inside, bytes, (off_t)(2048 + (size_t)k * bytes)) == (ssize_t)bytes);
        }
        MUST(close(file) == 0);
        end(metrics[i]);
    }
    return 0;
}
