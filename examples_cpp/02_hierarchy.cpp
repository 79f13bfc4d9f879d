// Case 2: many datasets in a group.
#include <h5sim.hpp>

#include <cstdlib>
#include <iostream>

int main()
{
    using Series = std::vector<std::array<double, 2>>;
    std::vector<Series> all(10, Series(1000));
    for (auto &series : all)
        for (auto &pair : series)
            pair = {std::rand() / static_cast<double>(RAND_MAX), std::rand() / static_cast<double>(RAND_MAX)};

    {
        h5sim::File file{"richer_data.hdf5", "w"};
        for (std::size_t i = 0; i < all.size(); ++i)
            file.write("timeseries/" + std::to_string(i), all[i]);
    }

    h5sim::File file{"richer_data.hdf5"};
    std::cout << "in timeseries:";
    for (const auto &name : file.keys("timeseries"))
        std::cout << ' ' << name;
    std::cout << "\ntimeseries/0 is what was written: " << (file.read<Series>("timeseries/0") == all[0] ? "yes" : "no") << '\n';
}
