/* 256 MiB into a file and back. */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
    const size_t length = 4096 * 8192 * sizeof(double);
    char *data = (char *)numbers(length / sizeof(double)), *found = calloc(length, 1);
    ssize_t done;
    memset(found, 1, length);

    double start = now();
    int file = open("a.bin", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    for (size_t at = 0; at < length; at += (size_t)done)
        MUST((done = pwrite(file, data + at, length - at, (off_t)at)) > 0);
    MUST(close(file) == 0);
    report("write", now() - start);

    start = now();
    file = open("a.bin", O_RDONLY);
    for (size_t at = 0; at < length; at += (size_t)done)
        MUST((done = pread(file, found + at, length - at, (off_t)at)) > 0);
    MUST(close(file) == 0);
    report("read", now() - start);
    MUST(memcmp(found, data, length) == 0);
    return 0;
}
