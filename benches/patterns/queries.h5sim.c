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

/* What is in a file that was opened just now: the names of a group, and of the attributes of some of its datasets. */
static void look(const char *mode, const char *work)
{
    char *text;
    begin();
    for (int turn = 0; turn < 20; turn++) {
        h5sim_file file = opened("b.h5", mode, NULL);
        OK(h5sim_keys(file, "group", &text));
        h5sim_free(text);
        for (int i = 0; i < 1000; i += 10) {
            OK(h5sim_attr_keys(file, name("group/%d", i), &text));
            h5sim_free(text);
        }
        OK(h5sim_close(file));
    }
    end(work);
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
    file = opened("b.h5", "w", NULL);
    for (int i = 0; i < 1000; i++) {
        OK(h5sim_write_f64(file, name("group/%d", i), 1, shape, data + i));
        OK(h5sim_set_attr(file, name("group/%d", i), "time", H5SIM_F64, 0, NULL, data + i));
        OK(h5sim_set_attr(file, name("group/%d", i), "step", H5SIM_F64, 0, NULL, data + i));
    }
    OK(h5sim_close(file));
    look("r", "names_r");
    look("r+", "names_r+");
    return 0;
}
