/* A smooth field with noise, as simulations make them. */
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

#endif
