/* How long the duplicates of communicators live: lifetime FOLDER. The messages are cut into pieces of a few bytes here.
 *
 * The last file is left open: MPI_Finalize closes it. */
#define H5SIM_MPI_MOST 37
#include "ranks.h"

static char folder[4000], path[4096];

static void name(const char *text, int number) { snprintf(path, sizeof path, "%s/%s%d.h5", folder, text, number); }

static int64_t whole[1], start[1], one[1] = {1};
static double mine, all[64];

static void write_to(h5sim_file file, const char *dataset)
{
    SUCCEED(h5sim_write_block(file, dataset, H5SIM_F64, 1, whole, start, one, NULL, &mine, NULL));
}

static void is_written(const char *dataset)
{
    h5sim_file file;
    SUCCEED(h5sim_open_comm(path, "r", NULL, MPI_COMM_WORLD, &file));
    SUCCEED(h5sim_read_f64(file, dataset, NULL, 64, all));
    for (int other = 0; other < ranks_here; other++)
        HOLDS(all[other] == other + 0.5);
    SUCCEED(h5sim_close(file));
}

int main(int argc, char **argv)
{
    h5sim_file file, second;
    MPI_Comm copy, half;

    begin(&argc, &argv);
    HOLDS(argc == 3);
    snprintf(folder, sizeof folder, "%s", argv[1]);
    const int files = atoi(argv[2]);
    whole[0] = ranks_here, start[0] = rank_here, mine = rank_here + 0.5;

    /* More files one after the other than there can be communicators. */
    for (int number = 0; number < files; number++) {
        name("one", 0);
        SUCCEED(h5sim_open_comm(path, "w", "{\"durability\": \"none\"}", MPI_COMM_WORLD, &file));
        if (number == files - 1)
            write_to(file, "u");
        SUCCEED(h5sim_close(file));
    }
    is_written("u");

    /* Two at once, closed in the other order. */
    name("two", 0);
    SUCCEED(h5sim_open_comm(path, "w", NULL, MPI_COMM_WORLD, &file));
    name("two", 1);
    SUCCEED(h5sim_open_comm(path, "w", NULL, MPI_COMM_WORLD, &second));
    write_to(file, "u");
    write_to(second, "u");
    SUCCEED(h5sim_close(file));
    write_to(second, "v");
    SUCCEED(h5sim_close(second));
    is_written("v");
    name("two", 0);
    is_written("u");

    /* The communicator goes while its file is open; another one with its duplicates unused. */
    MPI_Comm_dup(MPI_COMM_WORLD, &copy);
    name("freed", 0);
    SUCCEED(h5sim_open_comm(path, "w", NULL, copy, &file));
    MPI_Comm_free(&copy);
    write_to(file, "u");
    SUCCEED(h5sim_close(file));
    is_written("u");
    MPI_Comm_dup(MPI_COMM_WORLD, &copy);
    name("freed", 1);
    SUCCEED(h5sim_open_comm(path, "w", NULL, copy, &file));
    write_to(file, "u");
    SUCCEED(h5sim_close(file));
    MPI_Comm_free(&copy);
    is_written("u");

    /* Halves of the ranks, each with a file of its own, while the program talks as it likes. */
    MPI_Comm_split(MPI_COMM_WORLD, rank_here % 2, rank_here, &half);
    int rank, ranks;
    MPI_Comm_rank(half, &rank);
    MPI_Comm_size(half, &ranks);
    name("half", rank_here % 2);
    SUCCEED(h5sim_open_comm(path, "w", NULL, half, &file));
    const int64_t of_half[1] = {ranks}, here[1] = {rank};
    SUCCEED(h5sim_write_block(file, "u", H5SIM_F64, 1, of_half, here, one, NULL, &mine, NULL));
    MPI_Request request;
    double from_all[64];
    MPI_Iallgather(&mine, 1, MPI_DOUBLE, from_all, 1, MPI_DOUBLE, half, &request);
    SUCCEED(h5sim_commit(file));
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    for (int other = 0; other < ranks; other++)
        HOLDS(from_all[other] == 2 * other + rank_here % 2 + 0.5);
    SUCCEED(h5sim_read_f64(file, "u", NULL, 64, all));
    for (int other = 0; other < ranks; other++)
        HOLDS(all[other] == 2 * other + rank_here % 2 + 0.5);
    SUCCEED(h5sim_close(file));
    MPI_Comm_free(&half);

    /* Open at the end. */
    name("open", 0);
    SUCCEED(h5sim_open_comm(path, "w", NULL, MPI_COMM_WORLD, &file));
    write_to(file, "u");
    MPI_Comm_dup(MPI_COMM_WORLD, &copy);
    name("open", 1);
    SUCCEED(h5sim_open_comm(path, "w", NULL, copy, &second));
    write_to(second, "u");
    MPI_Comm_free(&copy);
    MPI_Finalize();
    return h5sim_is_open(file) || h5sim_is_open(second) ? 5 : 0;
}
