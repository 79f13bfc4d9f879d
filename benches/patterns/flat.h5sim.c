/* Among many: 10,000 datasets and series, 5,000 attributes, 1,000 files, 30,000 documents. */
#include "flat.h"

int main(void)
{
    return measure(10000, 5000, 1000, 30000);
}
