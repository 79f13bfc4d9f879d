/* 100,000 records of 1,000 float64, one after the other. */
#include "bench.h"
#include <fcntl.h>
#include <unistd.h>

int main(void)
{
    const ssize_t length = 1000 * sizeof(double);
    double *data = numbers(1000 * 64);

    double start = now();
    int file = open("a.bin", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    for (long i = 0; i < 100000; i++)
        MUST(write(file, data + 1000 * (i % 64), (size_t)length) == length);
    MUST(close(file) == 0);
    report("append", now() - start);
    return 0;
}
