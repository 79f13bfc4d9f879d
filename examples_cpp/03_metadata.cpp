// Case 3: the parameters of a run, as JSON or as YAML, beside its data.
#include <h5sim.hpp>

#include <iostream>

int main()
{
    h5sim::Document meta;
    meta.set("/model/k0", 1.2);
    meta.set("/model/k1", 1.3);
    meta.set("/model/tau", 0.01);
    meta.set("/model/mass", 123.0);
    meta.set("/integrator/dt", 0.001);
    meta.set("/integrator/method", "rk4");
    meta.set("/data/source_path", "path/to/data");
    meta.set("/data/host", "bluecrab");
    auto same = h5sim::Document::parse_yaml("model: {k0: 1.2, k1: 1.3, tau: 0.01, mass: 123.0}\n"
                                            "integrator: {dt: 0.001, method: rk4}\n"
                                            "data: {source_path: path/to/data, host: bluecrab}\n");
    std::cout << "YAML says the same: " << (meta.dump() == same.dump() ? "yes" : "no") << '\n';

    std::vector<std::array<double, 2>> series(1000);
    {
        h5sim::File file{"richer_data.hdf5", "w"};
        for (int i = 0; i < 10; ++i) {
            for (std::size_t j = 0; j < series.size(); ++j)
                series[j] = {i + static_cast<double>(2 * j) / 2000, i + static_cast<double>(2 * j + 1) / 2000};
            file.write("timeseries/" + std::to_string(i), series);
        }
        file.write("meta", meta);
    }

    h5sim::File file{"richer_data.hdf5"};
    auto found = file.read<h5sim::Document>("meta");
    std::cout << found.dump_yaml() << "time step: " << found.get<double>("/integrator/dt") << '\n';
    series = file.read<std::vector<std::array<double, 2>>>("timeseries/8");
    std::cout << "timeseries/8 goes from " << series.front()[0] << " to " << series.back()[1] << '\n';
}
