/* What this process holds: resident memory, descriptors. */
#ifndef BENCHES_RESIDENT_H
#define BENCHES_RESIDENT_H

#include "bench.h"
#include <dirent.h>
#include <string.h>

/* Bytes of memory that are resident and not of a file. */
static inline double resident(void)
{
    char line[256];
    double kilobytes = -1;
    FILE *file = fopen("/proc/self/status", "r");
    MUST(file != NULL);
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "RssAnon:", 8) == 0)
            kilobytes = strtod(line + 8, NULL);
    fclose(file);
    MUST(kilobytes >= 0);
    return 1024 * kilobytes;
}

static inline double descriptors(void)
{
    double count = 0;
    DIR *folder = opendir("/proc/self/fd");
    MUST(folder != NULL);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

#endif
