/* A piece of work that is drawn from a seed, by h5sim: see parts.h. */
#include "parts.h"
#include "with_h5sim.h"

static const int32_t types[] = {H5SIM_F64, H5SIM_F32, H5SIM_I32, H5SIM_I16, H5SIM_U8};

/* How the dataset is stored, as options. */
static const char *storage(const struct work *work)
{
    static char text[256];
    int length = sprintf(text, "{\"dtype\": \"%s\"", type_names[work->stored]);
    for (int axis = 0; work->is_chunked && axis < work->rank; axis++)
        length += sprintf(text + length, "%s%lld%s", axis == 0 ? ", \"chunks\": [" : ", ", (long long)work->chunk[axis],
                          axis == work->rank - 1 ? "]" : "");
    if (work->level > 0)
        length += sprintf(text + length, ", \"compression\": %d", work->level);
    sprintf(text + length, "%s}", work->shuffles ? ", \"shuffle\": true" : "");
    return text;
}

int main(int count, char **arguments)
{
    MUST(count == 2);
    const struct work work = drawn(strtoull(arguments[1], NULL, 10));
    const int32_t given = types[work.given];
    const char *options = storage(&work);
    void *data = values(&work), *found = calloc((size_t)all_of(work.rank, work.part), 8);
    ready();
    if (work.mode != NEW) {
        h5sim_file file = opened("a.h5", "w", NULL);
        OK(h5sim_write(file, "u", given, work.rank, work.shape, NULL, data, options));
        OK(h5sim_close(file));
    }
    static const char *const modes[] = {"w", "r+", "r", "r+"};
    begin();
    h5sim_file file = opened("a.h5", modes[work.mode], work.mode == NONE ? "{\"durability\": \"none\"}" : NULL);
    if (work.mode == NEW && work.operation == WRITE)
        OK(h5sim_create(file, "u", types[work.stored], work.rank, work.shape, options));
    else if (work.mode == NEW)
        OK(h5sim_write(file, "u", given, work.rank, work.shape, NULL, data, options));
    for (int repeat = 0; repeat < work.repeats; repeat++) {
        uint64_t state = SEED;
        for (int i = 0; i < work.parts; i++) {
            const struct part part = part_of(&work, i, &state);
            const int64_t *step = work.step > 1 ? part.step : NULL;
            if (work.operation != WRITE)
                OK(h5sim_read_hyperslab(file, "u", given, work.rank, part.start, step, part.count, NULL, part.elements, found));
            if (work.operation != READ)
                OK(h5sim_write_hyperslab(file, "u", given, work.rank, part.start, step, part.count, NULL, part.elements,
                                         work.operation == CHANGE ? found : data));
            if (work.commits > 0 && i % work.commits == work.commits - 1)
                OK(h5sim_commit(file));
        }
    }
    OK(h5sim_close(file));
    tell(&work);
    return 0;
}
