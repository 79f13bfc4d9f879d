// 100,000 reads of one element of a dataset of 100 × 100 float64, through h5sim.hpp.
#include <h5sim.hpp>

#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

int main()
{
    std::vector<std::array<double, 100>> numbers(100);
    for (std::size_t i = 0; i < numbers.size(); ++i)
        numbers[i].fill(1.0 / static_cast<double>(i + 1));
    h5sim::File{"x.h5", "w"}.write("x", numbers);
    const h5sim::File file{"x.h5", "r"};
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const auto start = std::chrono::steady_clock::now();
    double sum = 0;
    for (int i = 0; i < 100000; ++i)
        sum += file.read<double>("x", std::to_string(i % 100) + ", 7");
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::printf("read %.9g\n", seconds.count());
    return sum > 0 ? 0 : 1;
}
