/* Texts of variable length, as h5py writes lists of them: written, read, and a log that grows. */
#include "with_h5sim.h"

#define NAMES 10000
#define LISTS 500
#define LOG 20000
#define VARIABLE "{\"fixed\": false}"

int main(void)
{
    const int64_t shape[1] = {NAMES}, few[1] = {20};
    const char **names = malloc(NAMES * sizeof *names);
    char *text;
    for (int i = 0; i < NAMES; i++) {
        char *one = malloc(16);
        snprintf(one, 16, "species%d", i);
        names[i] = one;
    }
    ready();
    begin();
    h5sim_file file = opened("a.h5", "w", NULL);
    for (int i = 0; i < 5; i++)
        OK(h5sim_write_texts_with(file, name("names%d", i), 1, shape, names, VARIABLE));
    OK(h5sim_close(file));
    end("variable_write");
    begin();
    file = opened("a.h5", "r", NULL);
    for (int i = 0; i < 5; i++) {
        OK(h5sim_read_texts(file, name("names%d", i), &text));
        h5sim_free(text);
    }
    OK(h5sim_close(file));
    end("variable_read");
    begin();
    file = opened("b.h5", "w", NULL);
    for (int i = 0; i < LISTS; i++)
        OK(h5sim_write_texts_with(file, name("lists/%d", i), 1, few, names + i, VARIABLE));
    OK(h5sim_close(file));
    end("lists_write");
    begin();
    file = opened("b.h5", "r", NULL);
    for (int i = 0; i < LISTS; i++) {
        OK(h5sim_read_texts(file, name("lists/%d", i), &text));
        h5sim_free(text);
    }
    OK(h5sim_close(file));
    end("lists_read");
    begin();
    file = opened("b.h5", "r+", NULL);
    for (int i = 0; i < LISTS; i++)
        OK(h5sim_write_texts_with(file, name("lists/%d", i), 1, few, names + i + 20, "{\"fixed\": false, \"overwrite\": true}"));
    OK(h5sim_close(file));
    end("lists_again");
    begin();
    file = opened("c.h5", "w", NULL);
    for (int i = 0; i < LOG; i++)
        OK(h5sim_append_text(file, "log", names[i % NAMES]));
    OK(h5sim_close(file));
    end("log_write");
    begin();
    for (int k = 0; k < 20; k++) {
        file = opened("c.h5", "r+", NULL);
        for (int i = 0; i < 50; i++)
            OK(h5sim_append_text(file, "log", names[i]));
        OK(h5sim_close(file));
    }
    end("log_again");
    begin();
    file = opened("c.h5", "r", NULL);
    OK(h5sim_read_texts(file, "log", &text));
    h5sim_free(text);
    OK(h5sim_close(file));
    end("log_read");
    return 0;
}
