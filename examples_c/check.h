/* What every example includes, and the one way in which all of them treat a failure:
 * the library says in one sentence what was wrong, and the program stops. */
#ifndef EXAMPLES_CHECK_H
#define EXAMPLES_CHECK_H

#include <h5sim.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(call)                                                            \
    do {                                                                       \
        if ((call) != 0) {                                                     \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, h5sim_last_error()); \
            exit(EXIT_FAILURE);                                                \
        }                                                                      \
    } while (0)

#endif
