/* Names of 10,000 species, and a document of 2 KiB in each of 500 groups: written and read. */
#include "with_h5sim.h"

int main(void)
{
    const int64_t shape[1] = {10000};
    const char **names = malloc(10000 * sizeof *names);
    char *document = malloc(2049), *text;
    for (int i = 0; i < 10000; i++) {
        char *one = malloc(16);
        snprintf(one, 16, "species%d", i);
        names[i] = one;
    }
    memset(document, 'x', 2048);
    memcpy(document, "{\"a\": \"", 7);
    memcpy(document + 2046, "\"}", 3);
    ready();
    begin();
    h5sim_file file = opened("a.h5", "w", NULL);
    for (int i = 0; i < 5; i++)
        OK(h5sim_write_texts(file, name("names%d", i), 1, shape, names));
    OK(h5sim_close(file));
    end("names_write");
    begin();
    file = opened("a.h5", "r", NULL);
    for (int i = 0; i < 5; i++) {
        OK(h5sim_read_texts(file, name("names%d", i), &text));
        h5sim_free(text);
    }
    OK(h5sim_close(file));
    end("names_read");
    begin();
    file = opened("b.h5", "w", NULL);
    for (int i = 0; i < 500; i++)
        OK(h5sim_write_json(file, name("runs/%d/meta", i), document));
    OK(h5sim_close(file));
    end("documents_write");
    begin();
    file = opened("b.h5", "r", NULL);
    for (int i = 0; i < 500; i++) {
        OK(h5sim_read_json(file, name("runs/%d/meta", i), &text));
        MUST(strlen(text) == 2048);
        h5sim_free(text);
    }
    OK(h5sim_close(file));
    end("documents_read");
    return 0;
}
