/* Among few: 10 datasets and series, 10 attributes, 10 files, 1,000 documents. */
#include "flat.h"

int main(void)
{
    return measure(10, 10, 10, 1000);
}
