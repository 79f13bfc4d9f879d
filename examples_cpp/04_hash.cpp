// Case 4: a file named by its parameters, so that the same parameters always find it.
#include <h5sim.hpp>

#include <iostream>

int main()
{
    const std::string meta = R"({"model": {"k0": 1.2, "k1": 1.3, "tau": 0.01, "mass": 123.0},
        "integrator": {"dt": 0.001, "method": "rk4"}, "data": {"source_path": "path/to/data", "host": "bluecrab"}})";
    std::cout << h5sim::canonical_json(meta) << '\n';
    const std::string name = h5sim::hash_name("data_", meta, ".h5py");

    h5sim::File{name, "w"}.write_json("meta", meta);
    std::cout << "found by its parameters: " << (h5sim::File{name}.read_json("meta") == meta ? "yes" : "no") << '\n';
    std::cout << name << '\n';
}
