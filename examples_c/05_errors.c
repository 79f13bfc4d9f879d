/* Ten typical mistakes, and what the library says to each. A failed call changes
 * nothing, and the program can go on: whoever wants to can act on the status. */
#include "check.h"

static int made;

/* Shows the name of the status and the sentence that goes with it. */
static void mistake(const char *what, int32_t status)
{
    made++;
    printf("%2d. %s\n    %s: %s\n", made, what, h5sim_status_name(status), h5sim_last_error());
    if (status == 0) {
        fprintf(stderr, "mistake %d was not noticed\n", made);
        exit(EXIT_FAILURE);
    }
}

int main(void)
{
    h5sim_file file, other;
    double data[6] = {1, 2, 3, 4, 5, 6};
    int64_t shape[2] = {2, 3}, negative[2] = {2, -3};
    char *text;

    CHECK(h5sim_open("errors.hdf5", "w", NULL, &file));
    CHECK(h5sim_write_f64(file, "a", 2, shape, data));
    CHECK(h5sim_write_text(file, "note", "not an array"));

    mistake("opening a file that is not there",
            h5sim_open("no_such_file.hdf5", "r", NULL, &other));
    mistake("misspelling an option",
            h5sim_open("other.hdf5", "w", "{\"libversion\": \"latest\"}", &other));
    mistake("reading a dataset that is not there",
            h5sim_read_f64(file, "b", NULL, 6, data));
    mistake("writing where something is already",
            h5sim_write_f64(file, "a", 2, shape, data));
    mistake("a negative extent",
            h5sim_write_f64(file, "c", 2, negative, data));
    mistake("a slice with too many axes",
            h5sim_read_f64(file, "a", "[0,0,0]", 1, data));
    mistake("too little room for what is read",
            h5sim_read_f64(file, "a", NULL, 5, data));
    mistake("reading a text as numbers",
            h5sim_read_f64(file, "note", NULL, 6, data));
    mistake("metadata that is not JSON",
            h5sim_write_json(file, "meta", "{\"dt\": 0.001,"));

    CHECK(h5sim_close(file));
    mistake("using a file that is closed", h5sim_keys(file, "/", &text));
    return 0;
}
