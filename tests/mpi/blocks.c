/* Arrays of random shapes, decompositions and layouts, written, appended and read by the ranks:
 *
 *     blocks write SEED CASES FOLDER    makes FOLDER/ranks.h5 by all ranks, and FOLDER/serial.h5 with the same content by one
 *     blocks more SEED CASES FOLDER     goes on with both: other ranks, more records, arrays anew
 *     blocks read SEED CASES FOLDER ROUNDS    reads what is there after so many rounds of writing, in other blocks
 *
 * The content is a function of SEED, CASES and the number of rounds, and of nothing else. */
#include "ranks.h"

/* One array: its name, what it is stored as, and its values. */
struct array {
    char name[32], options[256], series[32];
    int number, rank;
    int64_t shape[MOST_AXES];
};

/* What an element is in a round: a number that fits every type in which it is stored. */
static double value_of(int array, int round, int64_t number) { return (double)((number * 7 + array * 31 + round * 1013) % 4000) / 8; }

struct about {
    int array, round;
};

static void set(double *element, int64_t number, const void *about)
{
    const struct about *this_one = about;
    *element = value_of(this_one->array, this_one->round, number);
}

static void compare(double *element, int64_t number, const void *about)
{
    const struct about *this_one = about;
    HOLDS(*element == value_of(this_one->array, this_one->round, number));
    *element = -77;
}

static struct array array_of(uint64_t seed, int number)
{
    struct array array = {.number = number};
    random_state = seed * 1000003 + (uint64_t)number;
    array.rank = (int)random_from(1, MOST_AXES);
    for (int axis = 0; axis < array.rank; axis++)
        array.shape[axis] = random_from(1, random_is(0.1) ? 40 : 9);
    const char *stored[] = {"\"dtype\": \"f8\"", "\"dtype\": \"f4\"", "\"dtype\": \">f8\""};
    size_t length = (size_t)snprintf(array.options, sizeof array.options, "{%s", stored[random_from(0, 2)]);
    if (random_is(0.5)) {
        length += (size_t)snprintf(array.options + length, sizeof array.options - length, ", \"chunks\": true");
        if (random_is(0.6))
            length += (size_t)snprintf(array.options + length, sizeof array.options - length,
                                       ", \"compression\": \"gzip\", \"shuffle\": true");
    }
    if (random_is(0.3))
        length += (size_t)snprintf(array.options + length, sizeof array.options - length, ", \"fillvalue\": 3");
    if (random_is(0.3))
        length += (size_t)snprintf(array.options + length, sizeof array.options - length, ", \"attrs\": {\"number\": %d}", number);
    snprintf(array.options + length, sizeof array.options - length, "}");
    snprintf(array.name, sizeof array.name, "arrays %d/%d", number % 3, number);
    snprintf(array.series, sizeof array.series, "series %d/%d", number % 3, number);
    return array;
}

/* What is written in a round, by all ranks in blocks; or by one, whose blocks are all there is. */
static void write_round(h5sim_file file, uint64_t seed, int cases, int round)
{
    for (int number = 0; number < cases; number++) {
        const struct array array = array_of(seed, number);
        const struct about about = {number, round};
        random_state = seed * 7919 + (uint64_t)(number * 64 + round);
        const int records = (int)random_from(1, 3), commits = random_is(0.2);
        struct block block = block_here(array.rank, array.shape);
        struct cells cells = cells_for(&block);
        each_element(&block, array.shape, &cells, set, &about);
        SUCCEED(h5sim_write_block(file, array.name, H5SIM_F64, array.rank, array.shape, block.start, block.shape, cells.strides,
                                  cells.first, array.options));
        free(cells.memory);
        for (int record = 0; record < records; record++) {
            block = block_here(array.rank, array.shape);
            cells = cells_for(&block);
            each_element(&block, array.shape, &cells, set, &about);
            SUCCEED(h5sim_append_block(file, array.series, H5SIM_F64, array.rank, array.shape, block.start, block.shape,
                                       cells.strides, cells.first, "{\"dtype\": \"f4\"}"));
            free(cells.memory);
        }
        /* What is no block, alike on all ranks. */
        const double time = round + number / 8.;
        SUCCEED(h5sim_append_f64(file, "time", 0, NULL, &time));
        if (round == 0) {
            char path[64];
            snprintf(path, sizeof path, "alike/%d", number);
            SUCCEED(h5sim_write_f64(file, path, 0, NULL, &time));
            SUCCEED(h5sim_set_attr_text(file, array.series, "unit", "m"));
        }
        if (commits)
            SUCCEED(h5sim_commit(file));
    }
    if (round == 0)
        SUCCEED(h5sim_write_json(file, "meta", "{\"a\": [1, 2.5]}"));
}

static void read_rounds(h5sim_file file, uint64_t seed, int cases, int rounds)
{
    for (int number = 0; number < cases; number++) {
        const struct array array = array_of(seed, number);
        const struct about about = {number, rounds - 1};
        int64_t record = 0, shape[32];
        int32_t rank, dtype;
        for (int round = 0; round < rounds; round++) {
            random_state = seed * 7919 + (uint64_t)(number * 64 + round);
            for (int64_t more = random_from(1, 3); more > 0; more--, record++) {
                /* One record: a block of one index along the first axis, and of rank one more, but for the largest. */
                if (array.rank == MOST_AXES)
                    continue;
                int64_t whole[MOST_AXES], inside[MOST_AXES] = {0};
                memcpy(whole, array.shape, sizeof whole);
                const uint64_t kept = random_state;
                random_state = seed * 104729 + (uint64_t)(number * 4096 + record);
                struct block part = block_here(array.rank, whole), block = {.rank = array.rank + 1};
                block.start[0] = record;
                block.shape[0] = 1;
                memcpy(block.start + 1, part.start, (size_t)array.rank * sizeof *whole);
                memcpy(block.shape + 1, part.shape, (size_t)array.rank * sizeof *whole);
                struct cells cells = cells_for(&block);
                SUCCEED(h5sim_read_block(file, array.series, H5SIM_F64, block.rank, block.start, block.shape, cells.strides,
                                         cells.first));
                const struct about of_record = {number, round};
                inside[0] = 1;
                memcpy(inside + 1, array.shape, (size_t)array.rank * sizeof *whole);
                /* Its number in the record is what counts. */
                block.start[0] = 0;
                each_element(&block, inside, &cells, compare, &of_record);
                for (int64_t at = 0; at < cells.count; at++)
                    HOLDS(cells.memory[at] == -77);
                free(cells.memory);
                random_state = kept;
            }
        }
        SUCCEED(h5sim_info(file, array.series, &dtype, &rank, shape));
        HOLDS(dtype == H5SIM_F32 && rank == array.rank + 1 && shape[0] == record);
        const struct block block = block_here(array.rank, array.shape);
        struct cells cells = cells_for(&block);
        SUCCEED(h5sim_read_block(file, array.name, H5SIM_F64, array.rank, block.start, block.shape, cells.strides, cells.first));
        each_element(&block, array.shape, &cells, compare, &about);
        for (int64_t at = 0; at < cells.count; at++)
            HOLDS(cells.memory[at] == -77);
        free(cells.memory);
    }
    double times[4096];
    HOLDS(rounds * cases <= 4096);
    SUCCEED(h5sim_read_f64(file, "time", NULL, 4096, times));
    for (int at = 0; at < rounds * cases; at++)
        HOLDS(times[at] == at / cases + at % cases / 8.);
    char *json = NULL;
    SUCCEED(h5sim_read_json(file, "meta", &json));
    HOLDS(strcmp(json, "{\"a\": [1, 2.5]}") == 0);
    h5sim_free(json);
}

/* How many rounds of writing the file has seen: the first writes the time once for each case. */
static int rounds_in(h5sim_file file, int cases)
{
    int64_t shape[32];
    int32_t rank, dtype;
    SUCCEED(h5sim_info(file, "time", &dtype, &rank, shape));
    return (int)(shape[0] / cases);
}

int main(int argc, char **argv)
{
    begin(&argc, &argv);
    HOLDS(argc >= 5);
    const uint64_t seed = strtoull(argv[2], NULL, 10);
    const int cases = atoi(argv[3]), is_new = strcmp(argv[1], "write") == 0;
    char path[4096];
    h5sim_file file;

    snprintf(path, sizeof path, "%s/ranks.h5", argv[4]);
    if (strcmp(argv[1], "read") == 0) {
        SUCCEED(h5sim_open_comm(path, "r", NULL, MPI_COMM_WORLD, &file));
        read_rounds(file, seed, cases, atoi(argv[5]));
        SUCCEED(h5sim_close(file));
    } else {
        SUCCEED(h5sim_open_comm(path, is_new ? "w" : "r+", NULL, MPI_COMM_WORLD, &file));
        const int round = is_new ? 0 : rounds_in(file, cases);
        write_round(file, seed, cases, round);
        /* Also before the commit. */
        read_rounds(file, seed, cases, round + 1);
        SUCCEED(h5sim_close(file));
        if (rank_here == 0) {
            ranks_here = 1;
            snprintf(path, sizeof path, "%s/serial.h5", argv[4]);
            SUCCEED(h5sim_open(path, is_new ? "w" : "r+", NULL, &file));
            write_round(file, seed, cases, round);
            read_rounds(file, seed, cases, round + 1);
            SUCCEED(h5sim_close(file));
        }
    }
    MPI_Finalize();
    return 0;
}
