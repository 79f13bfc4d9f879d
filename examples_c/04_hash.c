/* Case 4: a file named by its parameters, so that the same parameters always find it. */
#include "check.h"

static const char *meta =
    "{\"model\": {\"k0\": 1.2, \"k1\": 1.3, \"tau\": 0.01, \"mass\": 123.0},"
    " \"integrator\": {\"dt\": 0.001, \"method\": \"rk4\"},"
    " \"data\": {\"source_path\": \"path/to/data\", \"host\": \"bluecrab\"}}";

int main(void)
{
    char *text, *name, *found;
    CHECK(h5sim_canonical_json(meta, &text));
    printf("%s\n", text);
    CHECK(h5sim_hash_name("data_", meta, 10, ".h5py", &name));

    h5sim_file file;
    CHECK(h5sim_open(name, "w", NULL, &file));
    CHECK(h5sim_write_json(file, "meta", meta));
    CHECK(h5sim_close(file));

    CHECK(h5sim_open(name, "r", NULL, &file));
    CHECK(h5sim_read_json(file, "meta", &found));
    printf("found by its parameters: %s\n", strcmp(found, meta) == 0 ? "yes" : "no");
    CHECK(h5sim_close(file));

    printf("%s\n", name);
    h5sim_free(text);
    h5sim_free(name);
    h5sim_free(found);
    return 0;
}
