/* A directory of 10,000 runs: the first search of it, and one of many when nothing has changed. */
#include "catalog.h"

int main(void)
{
    double first, again;
    make_runs(10000);
    search(10000, &first, &again);
    report("first", first);
    report("again", again);
    return 0;
}
