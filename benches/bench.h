/* What the programs of the comparisons share. */
#ifndef BENCHES_BENCH_H
#define BENCHES_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Which clock: with CLOCK=cpu the processor time of all threads of the program, which a busy machine disturbs less. */
#ifdef BENCHES_CPU
#define BENCHES_CLOCK CLOCK_PROCESS_CPUTIME_ID
#else
#define BENCHES_CLOCK CLOCK_MONOTONIC
#endif

/* Seconds on a clock that only goes forward. */
static inline double now(void)
{
    struct timespec time;
    clock_gettime(BENCHES_CLOCK, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Tells the harness what was measured. */
static inline void report(const char *metric, double seconds)
{
    printf("%s %.9g\n", metric, seconds);
}

/* Tells the harness how large a file is. */
static inline void report_size(const char *metric, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        exit(1);
    printf("%s %ld\n", metric, ftell(file));
    fclose(file);
}

/* Nothing may fail; `ok` is a condition. */
#define MUST(ok)                                                               \
    do {                                                                       \
        if (!(ok)) {                                                           \
            fprintf(stderr, "%s:%d: %s failed\n", __FILE__, __LINE__, #ok);    \
            exit(1);                                                           \
        }                                                                      \
    } while (0)

/* A path such as "group/7", which lasts until the next call in this thread. */
static inline const char *name(const char *format, int number)
{
    static _Thread_local char text[64];
    snprintf(text, sizeof text, format, number);
    return text;
}

/* Starts the clock that end() stops.
 *
 * What is read afterwards was written a while before, as it is where somebody evaluates results: for a tick of the
 * file system's clock the time of a file's last change does not tell yet whether it will be changed again. */
static inline double *began(void)
{
    static _Thread_local double start;
    return &start;
}

static inline void begin(void)
{
    const struct timespec rest = {0, 20 * 1000 * 1000};
    nanosleep(&rest, NULL);
    *began() = now();
}

/* Tells the harness what passed since begin(). */
static inline void end(const char *metric)
{
    report(metric, now() - *began());
}

/* A number to take the next pseudo-random one from; all contenders draw the same ones. */
static inline uint64_t draw(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}
#define SEED 88172645463325252ULL

/* Numbers that look like measurements: in memory, touched, and hard to compress. */
static inline double *numbers(size_t count)
{
    double *data = malloc(count * sizeof *data);
    uint64_t state = 88172645463325252ULL;
    MUST(data != NULL);
    for (size_t i = 0; i < count; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        data[i] = (double)(state >> 11) * 0x1p-53;
    }
    return data;
}

#endif
