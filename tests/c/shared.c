/* One file of many ranks on parallel HDF5.
 *   shared FILE write SEED COUNT   COUNT random arrays in blocks, series, texts and attributes; each is read back in other blocks
 *   shared FILE read SEED COUNT    reads what another number of ranks has written
 *   shared FILE CASE               a misuse: all ranks get the status that is printed by the first, with its sentence
 * Elements are their places in C order, plus the seed; tests/python/shared.py looks at the file. */
#define _GNU_SOURCE
#include <h5sim.h>
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static int rank, ranks;
static uint64_t state;
/* Of a call that failed, where others come after it. */
static char sentence[2000];

#define WHOLE(call) whole(call, #call, __LINE__)
static void whole(int32_t status, const char *call, int line)
{
    if (status == 0)
        return;
    fprintf(stderr, "rank %d, line %d: %s: %s: %s\n", rank, line, call, h5sim_status_name(status), h5sim_last_error());
    MPI_Abort(MPI_COMM_WORLD, 1);
}

#define CHECK(condition) check(condition, #condition, __LINE__)
static void check(int condition, const char *words, int line)
{
    if (condition)
        return;
    fprintf(stderr, "rank %d, line %d: not so: %s\n", rank, line, words);
    MPI_Abort(MPI_COMM_WORLD, 1);
}

/* The same on all ranks. */
static int64_t below(int64_t most)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)((state >> 33) % (uint64_t)most);
}

/* An array of random extents, and this rank's part of it: bands along one axis, of which some are empty. */
struct block {
    int32_t axes;
    int64_t global[4], start[4], shape[4], strides[4];
    int64_t elements, memory, first;
};

static void cut(struct block *block)
{
    int64_t along = below(block->axes), bounds[64], stride = 1;
    for (int part = 0; part <= ranks; part++)
        bounds[part] = part == 0 ? 0 : part == ranks ? block->global[along] : below(block->global[along] + 1);
    for (int part = 1; part < ranks; part++)
        for (int other = part; other > 1 && bounds[other - 1] > bounds[other]; other--) {
            int64_t swapped = bounds[other];
            bounds[other] = bounds[other - 1];
            bounds[other - 1] = swapped;
        }
    block->elements = 1;
    block->first = 0;
    int64_t ghosts = below(3);
    for (int32_t axis = 0; axis < block->axes; axis++) {
        block->start[axis] = axis == along ? bounds[rank] : 0;
        block->shape[axis] = axis == along ? bounds[rank + 1] - bounds[rank] : block->global[axis];
        block->elements *= block->shape[axis];
    }
    for (int32_t axis = block->axes - 1; axis >= 0; axis--) {
        block->strides[axis] = stride;
        block->first += ghosts * stride;
        stride *= block->shape[axis] + 2 * ghosts;
    }
    block->memory = stride;
}

static void draw(struct block *block)
{
    block->axes = (int32_t)(1 + below(4));
    for (int32_t axis = 0; axis < block->axes; axis++)
        block->global[axis] = 1 + below(9);
    cut(block);
}

/* Calls `visit` with each element's place in memory and its value. */
static void each(const struct block *block, double seed, double *memory, int is_check)
{
    int64_t index[4] = {0};
    for (int64_t element = 0; element < block->elements; element++) {
        int64_t place = block->first, value = 0;
        for (int32_t axis = 0; axis < block->axes; axis++) {
            place += index[axis] * block->strides[axis];
            value = value * block->global[axis] + block->start[axis] + index[axis];
        }
        if (is_check)
            CHECK(memory[place] == (double)value + seed);
        else
            memory[place] = (double)value + seed;
        for (int32_t axis = block->axes - 1; axis >= 0 && ++index[axis] == block->shape[axis]; axis--)
            index[axis] = 0;
    }
}

static double *memory_of(const struct block *block)
{
    double *memory = malloc((size_t)(block->memory + 1) * sizeof *memory);
    for (int64_t place = 0; place <= block->memory; place++)
        memory[place] = -7;
    return memory;
}

static const char *const OPTIONS[] = {NULL, "{\"compression\": \"gzip\", \"shuffle\": true}", "{\"compression\": \"zstd\"}", "{\"dtype\": \"f4\"}",
    "{\"chunks\": true}", "{\"fletcher32\": true}", "{\"dtype\": \"i4\", \"compression\": \"gzip\"}"};
enum { KINDS = sizeof OPTIONS / sizeof *OPTIONS };

static void arrays(h5sim_file file, double seed, int count, int is_write)
{
    for (int number = 0; number < count; number++) {
        struct block block;
        char path[64];
        snprintf(path, sizeof path, "blocks/%d", number);
        draw(&block);
        const char *options = OPTIONS[below(KINDS)];
        if (is_write) {
            double *memory = memory_of(&block);
            each(&block, seed, memory, 0);
            WHOLE(h5sim_write_block(file, path, H5SIM_F64, block.axes, block.global, block.start, block.shape, block.strides,
                memory + block.first, options));
            free(memory);
        }
        uint64_t before = state;
        /* Others than wrote it, which another number of ranks has drawn otherwise. */
        state += 99;
        cut(&block);
        double *memory = memory_of(&block);
        WHOLE(h5sim_read_block(file, path, H5SIM_F64, block.axes, block.start, block.shape, block.strides, memory + block.first));
        each(&block, seed, memory, 1);
        free(memory);
        state = before;
        /* All numbers of ranks go on alike. */
        state = (uint64_t)seed * 7919 + (uint64_t)number;
    }
}

/* Random appends to some series, of which some wait in memory, with calls in between that must see them: blocks that move, records that
 * all ranks give, large ones, several at once, and cuts. An element is its place in its record, plus a thousand times the record. */
static void gathered(h5sim_file file)
{
    enum { SERIES = 5 };
    int64_t counts[SERIES] = {0}, lengths[SERIES] = {5, 700, 40000, 3, 1};
    double *memory = malloc(80000 * sizeof *memory);
    char name[32];
    for (int step = 0; step < 400; step++) {
        int64_t which = below(SERIES), length = lengths[which], many = 1;
        snprintf(name, sizeof name, "gathered/%d", (int)which);
        /* The larger ones less often. */
        if (length > 1000 && below(8) > 0)
            continue;
        if (which < 3) {
            /* All but one rank in a hundred times have the blocks they had. */
            int64_t shift = below(100) ? 0 : 1, start = length * rank / ranks, end = length * (rank + 1) / ranks;
            start = rank > 0 && start > shift ? start - shift : start;
            end = rank < ranks - 1 && end > shift ? end - shift : end;
            int64_t own = end - start, stride = 1 + below(2);
            for (int64_t element = 0; element < own; element++)
                memory[element * stride] = (double)(1000 * counts[which] + start + element);
            WHOLE(h5sim_append_block(file, name, H5SIM_F64, 1, &length, &start, &own, &stride, memory,
                                     which == 1 ? "{\"dtype\": \"f4\"}" : NULL));
        } else {
            char options[64];
            many = below(4);
            snprintf(options, sizeof options, "{\"records\": %d, \"compression\": \"gzip\"}", (int)many);
            for (int64_t element = 0; element < length * many; element++)
                memory[element] = (double)(1000 * (counts[which] + element / length) + element % length);
            WHOLE(h5sim_append(file, name, H5SIM_F64, which == 3 ? 1 : 0, which == 3 ? &length : NULL, memory, options));
        }
        counts[which] += many;
        int64_t extents[2], last[2] = {counts[which] - 1, 0}, record[2] = {1, length};
        int32_t dtype, axes;
        switch (below(40)) {
        case 0:
            WHOLE(h5sim_info(file, name, &dtype, &axes, extents));
            CHECK(extents[0] == counts[which]);
            break;
        case 1:
            if (counts[which] == 0)
                break;
            WHOLE(h5sim_read_block(file, name, H5SIM_F64, which == 4 ? 1 : 2, last, record, NULL, memory));
            for (int64_t element = 0; element < length; element++)
                CHECK(memory[element] == (double)(1000 * last[0] + element));
            break;
        case 2:
            counts[which] -= counts[which] > 2 ? 2 : 0;
            WHOLE(h5sim_truncate(file, name, counts[which]));
            break;
        case 3:
            WHOLE(h5sim_commit(file));
            break;
        case 4:
            WHOLE(h5sim_set_attr_text(file, "gathered", "step", "x"));
            break;
        }
    }
    free(memory);
}

/* Records of two axes that wait, of which each rank has some columns: the first one the last two, the others as many as their number. */
static void columns(h5sim_file file)
{
    int64_t shape[2] = {3, ranks * (ranks - 1) / 2 + 2}, start[2] = {0, rank * (rank - 1) / 2}, part[2] = {3, rank};
    double values[3 * 64];
    if (rank == 0)
        start[1] = shape[1] - 2, part[1] = 2;
    for (int record = 0; record < 50; record++) {
        for (int64_t place = 0; place < 3 * part[1]; place++)
            values[place] = (double)(1000 * record + place / part[1] * shape[1] + start[1] + place % part[1]);
        WHOLE(h5sim_append_block(file, "columns", H5SIM_F64, 2, shape, start, part, NULL, values, "{\"dtype\": \"i4\"}"));
    }
}

static void everything(h5sim_file file, double seed)
{
    int64_t length = 3 * ranks, shape[2] = {2, 3}, part[1] = {3}, start[1] = {3 * rank};
    double values[6] = {1, 2, 3, 4, 5, 6}, mine[3], back[64];
    char *text, *json;
    int32_t kind, dtype, axes;
    int64_t extents[H5SIM_MAX_RANK];

    WHOLE(h5sim_write(file, "whole", H5SIM_F64, 2, shape, NULL, values, "{\"attrs\": {\"units\": \"m\"}}"));
    WHOLE(h5sim_write(file, "whole", H5SIM_F64, 2, shape, NULL, values, "{\"overwrite\": true}"));
    CHECK(h5sim_write(file, "whole", H5SIM_F64, 2, shape, NULL, values, NULL) == H5SIM_ERR_EXISTS);
    WHOLE(h5sim_write(file, "replaced", H5SIM_F64, 2, shape, NULL, values, NULL));
    WHOLE(h5sim_write(file, "replaced", H5SIM_F64, 1, part, NULL, values, "{\"overwrite\": true}"));
    WHOLE(h5sim_read(file, "whole", "[::-1, 1]", H5SIM_F64, 64, back));
    CHECK(back[0] == 5 && back[1] == 2);
    WHOLE(h5sim_write_slice(file, "whole", "[0, ::-2]", H5SIM_F64, 2, (double[]){30, 10}));
    WHOLE(h5sim_read(file, "whole", "", H5SIM_F64, 64, back));
    CHECK(back[0] == 10 && back[2] == 30 && back[1] == 2 && back[5] == 6);
    WHOLE(h5sim_write_slice(file, "whole", "[0, ::-2]", H5SIM_F64, 2, (double[]){3, 1}));
    for (int step = 0; step < 5; step++) {
        for (int place = 0; place < 3; place++)
            mine[place] = 100 * step + 3 * rank + place + seed;
        WHOLE(h5sim_append_block(file, "series", H5SIM_F64, 1, &length, start, part, NULL, mine, NULL));
        WHOLE(h5sim_append_block(file, "packed", H5SIM_F64, 1, &length, start, part, NULL, mine, "{\"compression\": \"gzip\"}"));
        WHOLE(h5sim_append(file, "time", H5SIM_F64, 0, NULL, (double[]){step}, NULL));
    }
    gathered(file);
    columns(file);
    /* Only the first rank has something: the others are fill. */
    int64_t some = rank == 0 ? 2 : 0;
    WHOLE(h5sim_append_block(file, "series", H5SIM_F64, 1, &length, start, &some, NULL, mine, NULL));
    WHOLE(h5sim_append_block(file, "packed", H5SIM_F64, 1, &length, start, &some, NULL, mine, NULL));
    WHOLE(h5sim_write_block(file, "some", H5SIM_F64, 1, &length, start, &some, NULL, values, "{\"fillvalue\": 8}"));
    WHOLE(h5sim_create(file, "created", H5SIM_I32, 2, shape, NULL));
    WHOLE(h5sim_truncate(file, "time", 4));
    WHOLE(h5sim_write_text(file, "texts/t", "a text"));
    WHOLE(h5sim_write_json(file, "meta", "{\"k\": 1}"));
    WHOLE(h5sim_write_texts(file, "names", 1, (int64_t[]){2}, (const char *[]){"H2", "O"}));
    WHOLE(h5sim_set_attr(file, "whole", "n", H5SIM_I64, 0, NULL, (int64_t[]){7}));
    WHOLE(h5sim_set_attr_text(file, "/", "title", "of all"));
    WHOLE(h5sim_set_attr_text(file, "/", "title", "of all ranks"));
    WHOLE(h5sim_create_group(file, "empty/group"));
    WHOLE(h5sim_write_text(file, "gone", "x"));
    WHOLE(h5sim_delete(file, "gone"));
    WHOLE(h5sim_exists(file, "gone", &kind));
    CHECK(kind == H5SIM_NONE);
    WHOLE(h5sim_info(file, "series", &dtype, &axes, extents));
    CHECK(dtype == H5SIM_F64 && axes == 2 && extents[0] == 6 && extents[1] == length);
    WHOLE(h5sim_keys(file, "texts", &text));
    CHECK(strcmp(text, "[\"t\"]") == 0);
    h5sim_free(text);
    WHOLE(h5sim_read_text(file, "texts/t", &text));
    CHECK(strcmp(text, "a text") == 0);
    h5sim_free(text);
    WHOLE(h5sim_get_attr_text(file, "/", "title", &text));
    CHECK(strcmp(text, "of all ranks") == 0);
    h5sim_free(text);
    WHOLE(h5sim_tree(file, "/", &json));
    CHECK(strstr(json, "texts/t") != NULL);
    h5sim_free(json);
    WHOLE(h5sim_commit(file));
}

/* From now on the first rank, which writes for the others of this computer, cannot make files longer than so many bytes; 0 for any. */
static void limit_first(rlim_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes > 0 && rank == 0 ? bytes : limit.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
}

/* Writes so many elements of each rank, which are rows or columns, to a disk that is full for the first rank; gives the status. */
static int32_t write_large(h5sim_file file, int64_t many, int are_columns, const char *options)
{
    int64_t all[2] = {1 << 10, many * ranks >> 10}, at[2] = {0, (many * rank) >> 10}, own[2] = {1 << 10, many >> 10};
    int64_t row = many * ranks, first = many * rank;
    double *large = malloc((size_t)many * sizeof *large);
    int32_t status;
    for (int64_t element = 0; element < many; element++)
        large[element] = (double)((element * 2654435761) % 1000003) / 7;
    limit_first(options ? 1 << 16 : 1 << 20);
    if (are_columns)
        status = h5sim_write_block(file, "u", H5SIM_F64, 2, all, at, own, NULL, large, options);
    else
        status = h5sim_write_block(file, "u", H5SIM_F64, 1, &row, &first, &many, NULL, large, options);
    snprintf(sentence, sizeof sentence, "%s", h5sim_last_error());
    limit_first(0);
    free(large);
    return status;
}

/* Appends records until the disk is full for the first rank: what was accepted is there once it is not any more. */
static int32_t append_until_full(h5sim_file file)
{
    int64_t length = 512 * ranks, start = 512 * rank, own = 512, accepted = 0, extents[2];
    int32_t status = 0, dtype, axes;
    double record[512], last[512];
    limit_first(1 << 20);
    while (status == 0 && accepted < 10000) {
        for (int element = 0; element < 512; element++)
            record[element] = (double)(accepted * 10000 + start + element);
        status = h5sim_append_block(file, "s", H5SIM_F64, 1, &length, &start, &own, NULL, record, NULL);
        accepted += status == 0;
    }
    snprintf(sentence, sizeof sentence, "%s", h5sim_last_error());
    limit_first(0);
    CHECK(accepted > 8 && accepted < 10000);
    WHOLE(h5sim_commit(file));
    WHOLE(h5sim_info(file, "s", &dtype, &axes, extents));
    CHECK(extents[0] == accepted && extents[1] == length);
    for (int64_t step = 0; step < accepted; step += accepted / 8) {
        int64_t block[2] = {step, start}, shape[2] = {1, 512};
        WHOLE(h5sim_read_block(file, "s", H5SIM_F64, 2, block, shape, NULL, last));
        for (int element = 0; element < 512; element++)
            CHECK(last[element] == (double)(step * 10000 + start + element));
    }
    return status;
}

/* What HDF5 knows of a file does not get there, at a commit or only when the file is closed: it is not closed as if it were whole. */
static void lose_metadata(h5sim_file file, int has_commit)
{
    int64_t few = 4;
    int32_t status;
    double values[4] = {0};
    char name[32];
    for (int number = 0; number < 3000; number++) {
        snprintf(name, sizeof name, "group %d/u", number);
        WHOLE(h5sim_write_f64(file, name, 1, &few, values));
    }
    limit_first(1 << 16);
    if (has_commit) {
        CHECK(h5sim_commit(file) == H5SIM_ERR_IO);
        snprintf(sentence, sizeof sentence, "%s", h5sim_last_error());
        limit_first(0);
        CHECK(h5sim_write_f64(file, "later", 1, &few, values) == H5SIM_ERR_IO);
        status = h5sim_close(file);
    } else {
        status = h5sim_close(file);
        snprintf(sentence, sizeof sentence, "%s", h5sim_last_error());
        limit_first(0);
    }
    CHECK(h5sim_close(file) == H5SIM_ERR_HANDLE);
    printf("rank %d %s %s\n", rank, h5sim_status_name(status), sentence);
    fflush(stdout);
}

/* Writes to a small disk until it is full, arrays by columns and small ones; then makes room, and all that was accepted is there. */
static void fill_disk(h5sim_file file)
{
    int64_t many = 1 << 17, all[2] = {256, 512 * ranks}, at[2] = {0, 512 * rank}, own[2] = {256, 512};
    double *data = malloc((size_t)many * sizeof *data), *back = malloc((size_t)many * sizeof *back);
    int32_t status = 0, kind;
    int accepted = 0;
    char name[32];
    WHOLE(h5sim_write_text(file, "before", "x"));
    for (int number = 0; status == 0 && number < 100; number++) {
        for (int64_t element = 0; element < many; element++)
            data[element] = number * 1e6 + (double)element;
        snprintf(name, sizeof name, "u%d", number);
        status = h5sim_write_block(file, name, H5SIM_F64, 2, all, at, own, NULL, data, NULL);
        accepted += status == 0;
    }
    CHECK(status == H5SIM_ERR_IO && accepted >= 2);
    printf("rank %d %s %s\n", rank, h5sim_status_name(status), h5sim_last_error());
    fflush(stdout);
    WHOLE(h5sim_exists(file, name, &kind));
    CHECK(kind == H5SIM_NONE);
    WHOLE(h5sim_delete(file, "u0"));
    WHOLE(h5sim_write_block(file, name, H5SIM_F64, 2, all, at, own, NULL, data, NULL));
    WHOLE(h5sim_commit(file));
    for (int number = 1; number < accepted; number++) {
        snprintf(name, sizeof name, "u%d", number);
        WHOLE(h5sim_read_block(file, name, H5SIM_F64, 2, at, own, NULL, back));
        for (int64_t element = 0; element < many; element++)
            CHECK(back[element] == number * 1e6 + (double)element);
    }
    free(data);
    free(back);
    WHOLE(h5sim_close(file));
}

/* What every rank gets of a call on which something is wrong, once the file has gone on after it. */
static int misuse(h5sim_file file, const char *name)
{
    int64_t length = 4 * ranks, part = 4, start = 4 * rank, is_last = rank == ranks - 1;
    double values[8] = {0};
    int32_t status = 0;
    char text[16];

    WHOLE(h5sim_write_block(file, "before", H5SIM_F64, 1, &length, &start, &part, NULL, values, NULL));
    if (!strcmp(name, "options")) {
        status = h5sim_write_block(file, "u", H5SIM_F64, 1, &length, &start, &part, NULL, values, is_last ? "{\"dtype\": \"f4\"}" : NULL);
    } else if (!strcmp(name, "extents")) {
        length += is_last;
        status = h5sim_write_block(file, "u", H5SIM_F64, 1, &length, &start, &part, NULL, values, NULL);
        length = 4 * ranks;
    } else if (!strcmp(name, "outside")) {
        int64_t beyond = start + is_last;
        status = h5sim_write_block(file, "u", H5SIM_F64, 1, &length, &beyond, &part, NULL, values, NULL);
    } else if (!strcmp(name, "null")) {
        status = h5sim_write_block(file, "u", H5SIM_F64, 1, &length, &start, &part, NULL, is_last ? NULL : values, NULL);
    } else if (!strcmp(name, "function")) {
        status = is_last ? h5sim_create_group(file, "g") : h5sim_write_text(file, "t", "x");
    } else if (!strcmp(name, "text")) {
        snprintf(text, sizeof text, "text %d", is_last != 0);
        status = h5sim_write_text(file, "t", text);
    } else if (!strcmp(name, "path")) {
        status = h5sim_write_block(file, is_last ? "u" : "v", H5SIM_F64, 1, &length, &start, &part, NULL, values, NULL);
    } else if (!strcmp(name, "dtype")) {
        status = h5sim_write_block(file, "u", is_last ? H5SIM_I64 : H5SIM_F64, 1, &length, &start, &part, NULL, values, NULL);
    } else if (!strcmp(name, "no_dtype")) {
        status = h5sim_write_block(file, "u", is_last ? 99 : H5SIM_F64, 1, &length, &start, &part, NULL, values, NULL);
    } else if (!strcmp(name, "no_path")) {
        status = h5sim_write_block(file, is_last ? NULL : "u", H5SIM_F64, 1, &length, &start, &part, NULL, values, NULL);
    } else if (!strcmp(name, "no_options")) {
        status = h5sim_write_block(file, "u", H5SIM_F64, 1, &length, &start, &part, NULL, values, is_last ? "{\"chunkz\": 1}" : NULL);
    } else if (!strcmp(name, "rank")) {
        int64_t two[2] = {length, 1}, at[2] = {start, 0}, own[2] = {part, 1};
        status = h5sim_write_block(file, "u", H5SIM_F64, is_last ? 2 : 1, two, at, own, NULL, values, NULL);
    } else if (!strcmp(name, "read_outside")) {
        int64_t beyond = start + is_last;
        status = h5sim_read_block(file, "before", H5SIM_F64, 1, &beyond, &part, NULL, values);
    } else if (!strcmp(name, "read_null")) {
        status = h5sim_read_block(file, "before", H5SIM_F64, 1, &start, &part, NULL, is_last ? NULL : values);
    } else if (!strcmp(name, "read_write")) {
        status = is_last ? h5sim_read_block(file, "before", H5SIM_F64, 1, &start, &part, NULL, values)
                         : h5sim_write_block(file, "before", H5SIM_F64, 1, &length, &start, &part, NULL, values, NULL);
    } else if (!strcmp(name, "slice")) {
        status = h5sim_write_slice(file, "before", is_last ? "0:2" : "1:3", H5SIM_F64, 2, values);
    } else if (!strcmp(name, "elements")) {
        status = h5sim_write_slice(file, "before", "0:2", H5SIM_F64, is_last ? 1 : 2, values);
    } else if (!strcmp(name, "attribute")) {
        status = h5sim_set_attr_text(file, "before", is_last ? "unit" : "units", "m");
    } else if (!strcmp(name, "commit")) {
        status = is_last ? h5sim_commit(file) : h5sim_set_attr_text(file, "before", "units", "m");
    } else if (!strcmp(name, "delete")) {
        status = h5sim_delete(file, is_last ? "before" : "behind");
    } else if (!strcmp(name, "close")) {
        status = is_last ? h5sim_close(file) : h5sim_commit(file);
    } else if (!strncmp(name, "append_", 7)) {
        /* A series that gathers its records, of which none is lost. */
        int64_t one = 1, extents[2], beyond = start + is_last;
        int32_t dtype, axes;
        double all[64] = {0};
        for (int step = 0; step < 5; step++) {
            WHOLE(h5sim_append_block(file, "s", H5SIM_F64, 1, &length, &start, &part, NULL, values, NULL));
            WHOLE(h5sim_append(file, "t", H5SIM_F64, 1, &one, all, NULL));
        }
        if (!strcmp(name, "append_null"))
            status = h5sim_append_block(file, "s", H5SIM_F64, 1, &length, &start, &part, NULL, is_last ? NULL : values, NULL);
        else if (!strcmp(name, "append_outside"))
            status = h5sim_append_block(file, "s", H5SIM_F64, 1, &length, &beyond, &part, NULL, values, NULL);
        else if (!strcmp(name, "append_path"))
            status = h5sim_append_block(file, is_last ? "r" : "s", H5SIM_F64, 1, &length, &start, &part, NULL, values, NULL);
        else if (!strcmp(name, "append_dtype"))
            status = h5sim_append_block(file, "s", is_last ? H5SIM_F32 : H5SIM_F64, 1, &length, &start, &part, NULL, values, NULL);
        else if (!strcmp(name, "append_record")) {
            int64_t other = length + 1;
            status = h5sim_append_block(file, "s", H5SIM_F64, 1, &other, &start, &part, NULL, values, NULL);
        } else if (!strcmp(name, "append_kind"))
            status = is_last ? h5sim_append(file, "s", H5SIM_F64, 1, &length, all, NULL)
                             : h5sim_append_block(file, "s", H5SIM_F64, 1, &length, &start, &part, NULL, values, NULL);
        else if (!strcmp(name, "append_data"))
            status = h5sim_append(file, "t", H5SIM_F64, 1, &one, is_last ? values : (double[]){5}, NULL);
        else if (!strcmp(name, "append_commit"))
            status = is_last ? h5sim_commit(file) : h5sim_append(file, "t", H5SIM_F64, 1, &one, all, NULL);
        else
            return 1;
        snprintf(sentence, sizeof sentence, "%s", h5sim_last_error());
        WHOLE(h5sim_append_block(file, "s", H5SIM_F64, 1, &length, &start, &part, NULL, values, NULL));
        WHOLE(h5sim_info(file, "s", &dtype, &axes, extents));
        CHECK(extents[0] == 6);
        WHOLE(h5sim_info(file, "t", &dtype, &axes, extents));
        CHECK(extents[0] == 5);
    } else if (!strcmp(name, "json")) {
        status = h5sim_write_json(file, "j", is_last ? "{" : "{}");
    } else if (!strcmp(name, "capacity")) {
        double back[64];
        CHECK(length <= 64);
        status = h5sim_read(file, "before", "", H5SIM_F64, is_last ? 1 : 64, back);
    } else if (!strcmp(name, "full")) {
        status = write_large(file, 1 << 20, 0, NULL);
    } else if (!strcmp(name, "full_columns")) {
        status = write_large(file, 4 << 20, 1, NULL);
    } else if (!strcmp(name, "full_chunks")) {
        status = write_large(file, 1 << 20, 1, "{\"compression\": \"gzip\", \"shuffle\": true}");
    } else if (!strcmp(name, "full_series")) {
        status = append_until_full(file);
    } else if (!strcmp(name, "there")) {
        status = h5sim_write_text(file, "before", "x");
    } else if (!strcmp(name, "rewind")) {
        status = h5sim_rewind(file, "time", 1);
    } else {
        return 1;
    }
    printf("rank %d %s %s\n", rank, h5sim_status_name(status), *sentence ? sentence : h5sim_last_error());
    fflush(stdout);
    /* The call after a failed call does its work. */
    WHOLE(h5sim_write_block(file, "after", H5SIM_F64, 1, &length, &start, &part, NULL, values, NULL));
    return 0;
}

/* The last rank is killed: while the others write, after a commit, with records that wait, when the file is opened again, ... */
static void die(const char *path, const char *when, int32_t world)
{
    int64_t length = 1000 * ranks, start = 1000 * rank, part = 1000;
    double values[1000] = {0};
    h5sim_file file;
    int is_victim = rank == ranks - 1;
    WHOLE(h5sim_open_mpi(path, "w", NULL, world, &file));
    if (is_victim && !strcmp(when, "opened"))
        raise(SIGKILL);
    WHOLE(h5sim_write_block(file, "u", H5SIM_F64, 1, &length, &start, &part, NULL, values, NULL));
    WHOLE(h5sim_commit(file));
    if (is_victim && !strcmp(when, "committed"))
        raise(SIGKILL);
    if (!strcmp(when, "again")) {
        WHOLE(h5sim_close(file));
        WHOLE(h5sim_open_mpi(path, "r+", NULL, world, &file));
        if (is_victim)
            raise(SIGKILL);
    }
    for (int step = 0; step < 3; step++)
        WHOLE(h5sim_append_block(file, "s", H5SIM_F64, 1, &length, &start, &part, NULL, values, NULL));
    if (is_victim && !strcmp(when, "appending"))
        raise(SIGKILL);
    /* The others are within this call, or come to it, when it dies. */
    if (is_victim && !strcmp(when, "alone"))
        usleep(200000), raise(SIGKILL);
    if (!strcmp(when, "closing")) {
        if (is_victim)
            raise(SIGKILL);
        h5sim_close(file);
    }
    h5sim_write_block(file, "v", H5SIM_F64, 1, &length, &start, &part, NULL, values, NULL);
    /* Who is left waits for the launcher, which ends it. */
    for (;;)
        pause();
}

/* Each rank for itself, all in the same moment: whoever makes the file first has it, and the others are told that it exists. It is one new
 * file each time, and what the first one has written is in it. */
static void make_at_once(const char *path)
{
    int32_t alone = (int32_t)MPI_Comm_c2f(MPI_COMM_SELF);
    for (int turn = 0; turn < 100; turn++) {
        h5sim_file file = 0;
        char text[32];
        int32_t owner, made = 0, all, is_whole, is_there, is_locked;
        MPI_Barrier(MPI_COMM_WORLD);
        int32_t status = h5sim_open_mpi(path, "w-", NULL, alone, &file);
        is_whole = status == 0, is_there = status == H5SIM_ERR_EXISTS, is_locked = status == H5SIM_ERR_LOCKED;
        if (!is_whole && !is_there && !is_locked)
            WHOLE(status);
        if (is_whole) {
            snprintf(text, sizeof text, "of rank %d", rank);
            WHOLE(h5sim_write_text(file, "t", text));
            WHOLE(h5sim_close(file));
            made = rank + 1;
        }
        MPI_Allreduce(&is_whole, &all, 1, MPI_INT32_T, MPI_SUM, MPI_COMM_WORLD);
        MPI_Allreduce(&made, &owner, 1, MPI_INT32_T, MPI_MAX, MPI_COMM_WORLD);
        CHECK(all == 1);
        if (rank == 0) {
            char *found;
            snprintf(text, sizeof text, "of rank %d", owner - 1);
            WHOLE(h5sim_open(path, "r", NULL, &file));
            WHOLE(h5sim_read_text(file, "t", &found));
            CHECK(strcmp(found, text) == 0);
            h5sim_free(found);
            WHOLE(h5sim_close(file));
            CHECK(unlink(path) == 0);
        }
    }
}

int main(int count, char **words)
{
    h5sim_file file;
    int failed = 0;
    MPI_Init(&count, &words);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    CHECK(count >= 3 && h5sim_has_feature("mpi"));
    int32_t world = (int32_t)MPI_Comm_c2f(MPI_COMM_WORLD);
    if (count == 5) {
        double seed = atof(words[3]);
        int is_write = !strcmp(words[2], "write");
        state = (uint64_t)seed;
        WHOLE(h5sim_open_mpi(words[1], is_write ? "w" : "r", NULL, world, &file));
        arrays(file, seed, atoi(words[4]), is_write);
        if (is_write)
            everything(file, seed);
        WHOLE(h5sim_close(file));
        CHECK(h5sim_close(file) == H5SIM_ERR_HANDLE);
    } else if (!strcmp(words[2], "finalize")) {
        /* MPI_Finalize closes it; a file of this process alone stays open, and is closed after MPI. */
        char alone[512];
        h5sim_file own;
        snprintf(alone, sizeof alone, "%s.%d", words[1], rank);
        WHOLE(h5sim_open(alone, "w", NULL, &own));
        WHOLE(h5sim_open_mpi(words[1], "w", NULL, world, &file));
        WHOLE(h5sim_write_text(file, "t", "closed by MPI"));
        WHOLE(h5sim_write_text(own, "t", "before"));
        MPI_Finalize();
        CHECK(h5sim_write_text(file, "u", "x") == H5SIM_ERR_HANDLE);
        WHOLE(h5sim_close(file));
        WHOLE(h5sim_write_text(own, "u", "after"));
        WHOLE(h5sim_close(own));
        return 0;
    } else if (!strcmp(words[2], "missing")) {
        int32_t status = h5sim_open_mpi(words[1], "r", NULL, world, &file);
        printf("rank %d %s %s\n", rank, h5sim_status_name(status), h5sim_last_error());
    } else if (!strcmp(words[2], "mode")) {
        int32_t status = h5sim_open_mpi(words[1], rank == ranks - 1 ? "?" : "w", NULL, world, &file);
        printf("rank %d %s %s\n", rank, h5sim_status_name(status), h5sim_last_error());
    } else if (!strcmp(words[2], "at_once")) {
        make_at_once(words[1]);
    } else if (!strcmp(words[2], "communicator")) {
        int32_t status = h5sim_open_mpi(words[1], "w", NULL, 123456789, &file);
        printf("rank %d %s %s\n", rank, h5sim_status_name(status), h5sim_last_error());
    } else if (!strcmp(words[2], "full_commit") || !strcmp(words[2], "full_close")) {
        WHOLE(h5sim_open_mpi(words[1], "w", NULL, world, &file));
        lose_metadata(file, !strcmp(words[2], "full_commit"));
    } else if (!strcmp(words[2], "disk")) {
        WHOLE(h5sim_open_mpi(words[1], "w", NULL, world, &file));
        fill_disk(file);
    } else if (!strncmp(words[2], "dies_", 5)) {
        die(words[1], words[2] + 5, world);
    } else {
        WHOLE(h5sim_open_mpi(words[1], "w", NULL, world, &file));
        failed = misuse(file, words[2]);
        WHOLE(h5sim_close(file));
    }
    MPI_Finalize();
    return failed;
}
