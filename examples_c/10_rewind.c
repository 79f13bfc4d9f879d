/* A run that goes back to an earlier time, and on from there with another step. */
#include "check.h"

static const char *along_time = "{\"dims\": [\"time\"]}";

static void record(h5sim_file file, double time)
{
    double energy = 10 - time;
    CHECK(h5sim_append(file, "time", H5SIM_F64, 0, NULL, &time, along_time));
    CHECK(h5sim_append(file, "energy", H5SIM_F64, 0, NULL, &energy, along_time));
    CHECK(h5sim_commit(file));
}

int main(void)
{
    h5sim_file file;
    int64_t records[H5SIM_MAX_RANK];
    int32_t dtype, rank;
    double time;

    CHECK(h5sim_open("rewound.h5", "w", NULL, &file));
    for (int step = 0; step <= 10; step++)
        record(file, step);
    CHECK(h5sim_close(file));

    /* [rewind] */
    CHECK(h5sim_open("rewound.h5", "r+", NULL, &file));
    CHECK(h5sim_rewind(file, "time", 6.5));                     /* all series along time, in one commit */
    CHECK(h5sim_read_f64(file, "time", "-1", 1, &time));        /* 6: the latest record that is left */
    /* [end of rewind] */
    for (double fine = 0.25; fine <= 1; fine += 0.25)
        record(file, time + fine);
    CHECK(h5sim_info(file, "energy", &dtype, &rank, records));
    printf("back to %g, then on to %d records\n", time, (int)records[0]);
    CHECK(h5sim_close(file));
    return 0;
}
