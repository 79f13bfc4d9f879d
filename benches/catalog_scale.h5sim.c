/* The cost of one run in a directory of 100,000: of the first search, and of one when nothing has changed.
 * `catalog_scale.h5sim.c RUNS` for another number. */
#include "catalog.h"

int main(int arguments, char **argument)
{
    const int runs = arguments > 1 ? atoi(argument[1]) : 100000;
    double first, again;
    make_runs(runs);
    search(runs, &first, &again);
    report("first", first / runs);
    report("again", again / runs);
    return 0;
}
