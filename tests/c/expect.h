/* How the C tests state what a call must do.
 *
 * SUCCEED(call)               returns 0
 * FAIL(status, words, call)   returns that status, says so in one sentence that holds the
 *                             words, and touches no output: all outputs go to `out`
 * HOLDS(condition)            anything else
 */
#ifndef TESTS_EXPECT_H
#define TESTS_EXPECT_H

#include <h5sim.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where every call of the tests writes what it gives back. */
static struct outputs {
    h5sim_file file;
    h5sim_json json;
    char *text;
    int32_t kind, dtype, rank, type, boolean;
    int64_t shape[32];
    int64_t integer;
    double number;
    double data[64];
    char canary[64];
} out;

static struct outputs poisoned;
static int expectations, wrong;

static void poison(void)
{
    memset(&poisoned, 0xA5, sizeof poisoned);
    memcpy(&out, &poisoned, sizeof out);
}

static void complain(int line, const char *code, const char *why)
{
    wrong++;
    printf("line %d: %s\n    %s\n", line, code, why);
}

static void expect_success(int line, const char *code, int32_t status)
{
    char why[1200];
    expectations++;
    if (status != 0) {
        snprintf(why, sizeof why, "failed with %s: %s", h5sim_status_name(status), h5sim_last_error());
        complain(line, code, why);
    }
}

static void expect_failure(int line, const char *code, int32_t status, int32_t expected, const char *words)
{
    char why[1200];
    const char *said = h5sim_last_error();
    expectations++;
    if (status != expected) {
        snprintf(why, sizeof why, "gave %s, expected %s (last error: %s)", h5sim_status_name(status),
                 h5sim_status_name(expected), said);
        complain(line, code, why);
        return;
    }
    if (strlen(said) < 10 || strchr(said, '\n') != NULL || strstr(said, "HDF5 error stack") != NULL
        || strstr(said, words) == NULL) {
        snprintf(why, sizeof why, "expected one sentence with '%s', not: %s", words, said);
        complain(line, code, why);
    }
    if (memcmp(&out, &poisoned, sizeof out) != 0)
        complain(line, code, "an output was touched");
}

#define SUCCEED(call) expect_success(__LINE__, #call, (call))
#define FAIL(status, words, call)                                              \
    do {                                                                       \
        poison();                                                              \
        expect_failure(__LINE__, #call, (call), (status), (words));            \
    } while (0)
#define HOLDS(condition)                                                       \
    do {                                                                       \
        expectations++;                                                        \
        if (!(condition))                                                      \
            complain(__LINE__, #condition, "does not hold");                   \
    } while (0)

/* The program's exit status, after its last line. */
static int conclude(void)
{
    printf("%d expectations, %d not met\n", expectations, wrong);
    return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
