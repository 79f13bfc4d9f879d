/* A column-major square array brought into rows, block by block. */
#ifndef BENCHES_TRANSPOSE_H
#define BENCHES_TRANSPOSE_H

#include <stddef.h>

static inline void transpose(double *to, const double *from, size_t n)
{
    const size_t block = 32;
    for (size_t i = 0; i < n; i += block)
        for (size_t j = 0; j < n; j += block)
            for (size_t row = i; row < i + block; row++)
                for (size_t column = j; column < j + block; column++)
                    to[row * n + column] = from[column * n + row];
}

#endif
