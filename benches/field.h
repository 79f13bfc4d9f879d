/* What simulations write: a smooth field with noise, and how far they are. */
#ifndef BENCHES_FIELD_H
#define BENCHES_FIELD_H

#include "bench.h"
#include <math.h>

/* rows x columns values: waves, and noise of a millionth of them. */
static inline double *field(size_t rows, size_t columns)
{
    double *data = numbers(rows * columns);
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < columns; column++) {
            double *value = &data[row * columns + column];
            *value = sin(0.002 * (double)row) * cos(0.003 * (double)column) + 1e-6 * (*value - 0.5);
        }
    return data;
}

/* How far a run is, as JSON: texts of a few lengths, as counters and residuals make them. The next call takes the last one's place. */
static inline const char *status(int step)
{
    static char text[400];
    snprintf(text, sizeof text, "{\"step\": %d, \"state\": \"running\", \"residual\": %.*f, \"hosts\": \"%.*s\"}", step, 2 + step % 9, 1.0 / (step + 1),
             step % 40, "node01, node02, node03, node04, node05, node06");
    return text;
}

#endif
