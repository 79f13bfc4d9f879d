/* Case 3: the parameters of a run, as JSON or as YAML, beside its data. */
#include "check.h"

static const char *from_yaml =
    "model: {k0: 1.2, k1: 1.3, tau: 0.01, mass: 123.0}\n"
    "integrator: {dt: 0.001, method: rk4}\n"
    "data: {source_path: path/to/data, host: bluecrab}\n";

static const char *from_json =
    "{\"model\": {\"k0\": 1.2, \"k1\": 1.3, \"tau\": 0.01, \"mass\": 123.0},"
    " \"integrator\": {\"dt\": 0.001, \"method\": \"rk4\"},"
    " \"data\": {\"source_path\": \"path/to/data\", \"host\": \"bluecrab\"}}";

int main(void)
{
    h5sim_json meta, found;
    char *json, *text, *yaml;
    CHECK(h5sim_json_parse_yaml(from_yaml, &meta));
    CHECK(h5sim_json_dump(meta, &json));
    printf("YAML and JSON say the same: %s\n", strcmp(json, from_json) == 0 ? "yes" : "no");

    h5sim_file file;
    int64_t shape[2] = {1000, 2};
    static double series[1000][2];
    CHECK(h5sim_open("richer_data.hdf5", "w", NULL, &file));
    for (int i = 0; i < 10; i++) {
        char path[32];
        snprintf(path, sizeof path, "timeseries/%d", i);
        for (int j = 0; j < 1000 * 2; j++)
            series[j / 2][j % 2] = i + j / 2000.0;
        CHECK(h5sim_write_f64(file, path, 2, shape, &series[0][0]));
    }
    CHECK(h5sim_write_json(file, "meta", json));
    CHECK(h5sim_close(file));

    CHECK(h5sim_open("richer_data.hdf5", "r", NULL, &file));
    CHECK(h5sim_read_json(file, "meta", &text));
    CHECK(h5sim_json_parse(text, &found));
    CHECK(h5sim_json_dump_yaml(found, &yaml));
    printf("%s", yaml);

    double step;
    CHECK(h5sim_json_get_f64(found, "/integrator/dt", &step));
    printf("time step: %g\n", step);
    CHECK(h5sim_read_f64(file, "timeseries/8", NULL, 1000 * 2, &series[0][0]));
    printf("timeseries/8 goes from %g to %g\n", series[0][0], series[999][1]);

    h5sim_free(json);
    h5sim_free(text);
    h5sim_free(yaml);
    /* Closes what is open, and frees the documents. */
    CHECK(h5sim_finalize());
    return 0;
}
