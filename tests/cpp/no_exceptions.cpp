// The same without exceptions: what begins with try_ is there, and nothing else.
#include <h5sim.hpp>

#include <cstdio>
#include <string>

int main(int, char **argv)
{
    h5sim::File file;
    double x = 0;
    const std::string path = std::string{argv[1]} + "/no_exceptions.h5";
    if (!h5sim::File::try_open(path, "w", {}, file) || !file.try_write("x", 2.5) || !file.try_read("x", "", x))
        return 1;
    const h5sim::Status status = file.try_write("x", 2.5);
    std::printf("%g %s\n", x, status.name());
    return file.try_close() ? 0 : 1;
}
