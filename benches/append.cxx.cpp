// 1,000,000 records of 8 float64, one after the other, through h5sim.hpp.
#include <h5sim.hpp>

#include <chrono>
#include <cstdio>

int main()
{
    std::vector<std::array<double, 8>> numbers(1024);
    for (std::size_t i = 0; i < numbers.size(); ++i)
        numbers[i].fill(1.0 / static_cast<double>(i + 1));
    if (!h5sim::hdf5_version())
        return 1;
    const auto start = std::chrono::steady_clock::now();
    h5sim::File file{"a.h5", "w"};
    for (std::size_t i = 0; i < 1000000; ++i)
        file.append("a", numbers[i % 1024]);
    file.close();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::printf("append %.9g\n", seconds.count());
}
