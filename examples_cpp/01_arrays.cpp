// Case 1: write an array, and read a part of it.
#include <h5sim.hpp>

#include <cstdlib>
#include <iostream>

int main()
{
    static double data[5][4][3];
    for (auto &plane : data)
        for (auto &row : plane)
            for (double &x : row)
                x = std::rand() / static_cast<double>(RAND_MAX);

    h5sim::File{"my_data.hdf5", "w"}.write("result_1", data);

    h5sim::File file{"my_data.hdf5"};
    for (const auto &name : file.keys())
        std::cout << "key: " << name << '\n';
    for (auto extent : file.shape("result_1"))
        std::cout << extent << ' ';
    auto corner = file.read<h5sim::Array<double>>("result_1", "[:2,...,:2]");
    std::cout << "\nshape of [:2,...,:2]: " << corner.shape[0] << ' ' << corner.shape[1] << ' ' << corner.shape[2] << '\n';
    std::cout << "its last value is that of result_1[1,3,1]: " << (corner.data.back() == data[1][3][1] ? "yes" : "no") << '\n';
}
