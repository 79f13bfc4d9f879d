// A whole simulation: the heat equation on a plate, with a layer of ghost cells around it.
//
//     07_heat heat.yaml          run to the end, or go on with a run that was stopped
//     07_heat heat.yaml 2000     stop after step 2000, as a job whose time is over
//
// The file is named by the hash of the parameters: the same parameters find the same file, whoever wrote it. Its axes have
// names, coordinates and units, so that xarray opens it as it is, and so does ParaView.
#include <h5sim.hpp>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

// A field with its ghost cells. It tells h5sim where its inside is.
struct Field {
    int64_t nx, ny;
    std::vector<double> cells = std::vector<double>(static_cast<std::size_t>((nx + 2) * (ny + 2)));

    double &at(int64_t j, int64_t i) { return cells[static_cast<std::size_t>(j * (nx + 2) + i)]; }
    const double &at(int64_t j, int64_t i) const { return cells[static_cast<std::size_t>(j * (nx + 2) + i)]; }
};

template <> struct h5sim::array_access<Field> {
    static h5sim::Memory of(const Field &field)
    {
        auto memory = h5sim::memory_of(&field.at(1, 1), 2);
        memory.shape[0] = field.ny;
        memory.shape[1] = field.nx;
        memory.side_by_side = false;
        memory.strides[0] = field.nx + 2;
        memory.strides[1] = 1;
        return memory;
    }
};

// One explicit step; the ghost cells hold the edges' temperatures and stay as they are.
static void step(const Field &now, Field &next, double rate)
{
    for (int64_t j = 1; j <= now.ny; ++j)
        for (int64_t i = 1; i <= now.nx; ++i)
            next.at(j, i) = now.at(j, i) + rate * (now.at(j, i - 1) + now.at(j, i + 1) + now.at(j - 1, i) + now.at(j + 1, i) -
                                                   4 * now.at(j, i));
}

// How a dataset is described: the names of its axes, and its unit.
static h5sim::WriteOptions described(std::vector<std::string> dims, const char *attributes)
{
    h5sim::WriteOptions options;
    options.dims = std::move(dims);
    options.attrs = attributes;
    return options;
}

// The middles of the cells along one axis.
static void write_coordinate(h5sim::File &file, const char *name, int64_t cells, double spacing, const char *attributes)
{
    std::vector<double> middles;
    for (int64_t i = 0; i < cells; ++i)
        middles.push_back((static_cast<double>(i) + 0.5) * spacing);
    file.write(name, middles, described({}, attributes));
}

// [record]
// What belongs to a step.
static void record(h5sim::File &file, const Field &field, int64_t done, double time)
{
    file.append("time", time, described({"time"}, R"({"units": "s"})"));
    file.append("temperature", field, described({"time", "y", "x"}, R"({"units": "degC"})"));
    file.append("middle", field.at(field.ny / 2, field.nx / 2), described({"time"}, R"({"units": "degC"})"));
    file.set_attr("/", "steps_done", done);
}
// [end of record]

static void run(const char *input, const char *until)
{
    std::stringstream yaml;
    yaml << std::ifstream{input}.rdbuf();
    const auto parameters = h5sim::Document::parse_yaml(yaml.str());
    const auto integer = [&](const char *pointer) { return parameters.get<int64_t>(pointer); };
    const auto number = [&](const char *pointer) { return parameters.get<double>(pointer); };
    const int64_t steps = integer("/run/steps"), every = integer("/run/snapshot_every");
    const int64_t last = until ? std::stoll(until) : steps;
    const double spacing = number("/grid/spacing");
    const double time_step = number("/run/time_step");
    const double rate = number("/plate/diffusivity") * time_step / (spacing * spacing);

    // [name]
    const std::string name = h5sim::hash_name("heat_", parameters, ".h5");
    h5sim::File file{name, "a"};
    const bool begun = file.exists("meta");
    int64_t done = begun ? file.get_attr<int64_t>("/", "steps_done") : 0;
    // [end of name]
    if (done == steps) {
        std::printf("%s is finished: nothing to do\n", name.c_str());
        return;
    }

    Field field{integer("/grid/nx"), integer("/grid/ny")};
    for (int64_t j = 0; j < field.ny + 2; ++j)
        for (int64_t i = 0; i < field.nx + 2; ++i)
            field.at(j, i) = number(i == 0 ? "/plate/hot" : "/plate/cold");
    Field next = field;
    if (!begun) {
        // [new]
        file.write("meta", parameters);
        file.set_attr("/", "Conventions", "CF-1.11");
        write_coordinate(file, "x", field.nx, spacing, R"({"units": "m", "axis": "X"})");
        write_coordinate(file, "y", field.ny, spacing, R"({"units": "m", "axis": "Y"})");
        record(file, field, done, 0);
        h5sim::Document paraview;
        paraview.set_json("/cell_data", R"(["temperature"])");
        paraview.set("/time", "time");
        paraview.set_json("/spacing", "[]");
        for (int axis = 0; axis < 2; ++axis)
            paraview.set("/spacing/-", spacing);
        file.vtkhdf(paraview.dump());
        file.commit();
        // [end of new]
        std::printf("%s is new\n", name.c_str());
    } else {
        std::printf("%s goes on after step %d\n", name.c_str(), static_cast<int>(done));
        // [resume]
        file.read_into("temperature", field, "-1");
        // [end of resume]
    }

    while (done < last) {
        step(field, next, rate);
        std::swap(field, next);
        if (++done % every == 0 || done == steps) {
            // [commit]
            // One commit: a kill leaves all of the step or nothing.
            record(file, field, done, static_cast<double>(done) * time_step);
            file.commit();
            // [end of commit]
            std::printf("step %4d, middle %.4f degrees\n", static_cast<int>(done), field.at(field.ny / 2, field.nx / 2));
        }
    }
    file.close();
}

int main(int argc, char **argv)
{
    try {
        run(argc > 1 ? argv[1] : "heat.yaml", argc > 2 ? argv[2] : nullptr);
    } catch (const h5sim::Error &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
