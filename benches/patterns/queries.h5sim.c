/* What is there? Asked in loops, of 1,000 datasets, in each mode. */
#include "with_h5sim.h"

static void ask(const char *mode, const char *exists, const char *info, const char *keys, const char *tree)
{
    int64_t extents[32];
    int32_t kind, dtype, rank;
    char *text;
    h5sim_file file = opened("a.h5", mode, NULL);
    begin();
    for (int i = 0; i < 10000; i++) {
        OK(h5sim_exists(file, name("group/%d", i % 2000), &kind));
        MUST(kind == (i % 2000 < 1000 ? H5SIM_DATASET : H5SIM_NONE));
    }
    end(exists);
    begin();
    for (int i = 0; i < 10000; i++) {
        OK(h5sim_info(file, name("group/%d", i % 1000), &dtype, &rank, extents));
        MUST(dtype == H5SIM_F64 && rank == 1 && extents[0] == 16);
    }
    end(info);
    begin();
    for (int i = 0; i < 50; i++) {
        OK(h5sim_keys(file, "group", &text));
        h5sim_free(text);
    }
    end(keys);
    begin();
    for (int i = 0; i < 10; i++) {
        OK(h5sim_tree(file, "/", &text));
        h5sim_free(text);
    }
    end(tree);
    OK(h5sim_close(file));
}

int main(void)
{
    const int64_t shape[1] = {16};
    double *data = numbers(1024 + 16);
    ready();
    h5sim_file file = opened("a.h5", "w", NULL);
    for (int i = 0; i < 1000; i++)
        OK(h5sim_write_f64(file, name("group/%d", i), 1, shape, data + i));
    OK(h5sim_close(file));
    ask("r", "exists_r", "info_r", "keys_r", "tree_r");
    ask("r+", "exists_r+", "info_r+", "keys_r+", "tree_r+");
    return 0;
}
