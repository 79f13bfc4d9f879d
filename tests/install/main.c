/* A program of someone who has installed h5sim. argv[1] is the file to write. */
#include <h5sim.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    h5sim_file file = 0;
    const int64_t shape[2] = {2, 3};
    const double data[2][3] = {{1, 2, 3}, {4, 5, 6}};
    double back[6] = {0};

    if (argc != 2 || h5sim_open(argv[1], "w", NULL, &file) != 0
        || h5sim_write_f64(file, "a", 2, shape, &data[0][0]) != 0
        || h5sim_read_f64(file, "a", "1", 3, back) != 0
        || h5sim_close(file) != 0) {
        fprintf(stderr, "%s\n", h5sim_last_error());
        return 1;
    }
    printf("%s: %g %g %g\n", h5sim_version(), back[0], back[1], back[2]);
    return 0;
}
