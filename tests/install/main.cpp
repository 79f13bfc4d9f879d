// The same in C++.
#include <h5sim.h>

#include <iostream>
#include <vector>

int main(int argc, char **argv)
{
    h5sim_file file = 0;
    const std::vector<int64_t> shape = {2, 3};
    const std::vector<double> data = {1, 2, 3, 4, 5, 6};
    std::vector<double> back(3);

    if (argc != 2 || h5sim_open(argv[1], "w", nullptr, &file) != 0
        || h5sim_write_f64(file, "a", 2, shape.data(), data.data()) != 0
        || h5sim_read_f64(file, "a", "1", 3, back.data()) != 0
        || h5sim_close(file) != 0) {
        std::cerr << h5sim_last_error() << '\n';
        return 1;
    }
    std::cout << h5sim_version() << ": " << back[0] << ' ' << back[1] << ' ' << back[2] << '\n';
    return 0;
}
