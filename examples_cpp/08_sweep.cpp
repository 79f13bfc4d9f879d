// A sweep over parameters: each run is produced once, however often and by however many jobs at once this is started.
//
//     08_sweep runs              produce what is missing, then print a table
//     08_sweep runs 100          stop after 100 steps in all, as a job whose time is over
//
// The file of a run is named by the hash of its parameters, the same from every language.
#include <h5sim.hpp>

#include <cstdio>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

constexpr std::size_t cells = 100;
constexpr std::int64_t steps = 60;

// Heat along a rod whose left end is hot: goes on from the step after the last committed one.
static void simulate(h5sim::File &file, double k0, double dt, std::int64_t &steps_left)
{
    std::vector<double> rod(cells);
    rod[0] = 1;
    std::int64_t done = 0;
    if (file.exists("rod")) {
        done = file.shape("rod").at(0);
        rod = file.read<std::vector<double>>("rod", "-1");
    }
    for (; done < steps && steps_left > 0; done++, steps_left--) {
        const std::vector<double> old = rod;
        for (std::size_t i = 1; i < cells - 1; i++)
            rod[i] += k0 * dt * (old[i - 1] - 2 * old[i] + old[i + 1]);
        file.append("rod", rod);
    }
    done == steps ? file.finish() : file.commit();
}

static void produce(const std::string &directory, double k0, double dt, std::int64_t &steps_left)
{
    h5sim::Document parameters;
    parameters.set("/model/k0", k0);
    parameters.set("/integrator/dt", dt);
    const h5sim::Run run = h5sim::produce(directory, "rod_", parameters.dump(), ".h5");
    const bool is_new = run.state == H5SIM_RUN_ABSENT;
    if (!run.claimed) {
        const bool is_finished = run.state == H5SIM_RUN_FINISHED;
        std::printf("%s: %s\n", run.path.c_str(), is_finished ? "finished before" : "another job is at it");
        return;
    }
    h5sim::File file{run.path, is_new ? "w" : "r+"};
    if (is_new)
        file.write_json("meta", parameters.dump());
    simulate(file, k0, dt, steps_left);
    file.close();
    h5sim::release(run.path);
    std::printf("%s: %s\n", run.path.c_str(), is_new ? "new" : "gone on with");
}

// Prints the finished runs with k0 > 1 and dt ≤ 0.001.
static void print_table(const std::string &directory)
{
    const auto runs = h5sim::Document::parse(
        h5sim::find(directory, "model.k0 > 1 and integrator.dt <= 0.001 and run.status == 'finished'",
                    R"({"sort": ["model.k0", "integrator.dt"]})"));
    std::printf("%6s %8s  file\n", "k0", "dt");
    for (int i = 0;; i++) {
        const std::string run = "/" + std::to_string(i);
        std::string path;
        if (!runs.try_get(run + "/path", path))
            break;
        std::printf("%6.2f %8.4f  %s\n", runs.get<double>(run + "/meta/model/k0"), runs.get<double>(run + "/meta/integrator/dt"),
                    path.c_str());
    }
}

int main(int argc, char **argv)
{
    const std::string directory = argc > 1 ? argv[1] : "runs";
    std::int64_t steps_left = argc > 2 ? std::stoll(argv[2]) : std::numeric_limits<std::int64_t>::max();
    std::filesystem::create_directories(directory);
    for (const double k0 : {0.5, 1.2, 2.0})
        for (const double dt : {0.01, 0.001})
            if (steps_left > 0)
                produce(directory, k0, dt, steps_left);
    print_table(directory);
}
