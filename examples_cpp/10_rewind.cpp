// A run that goes back to an earlier time, and on from there with another step.
#include <h5sim.hpp>

#include <iostream>

static void record(h5sim::File &file, double time)
{
    h5sim::WriteOptions along_time;
    along_time.dims = {"time"};
    file.append("time", time, along_time);
    file.append("energy", 10 - time, along_time);
    file.commit();
}

int main()
{
    {
        h5sim::File file{"rewound.h5", "w"};
        for (int step = 0; step <= 10; ++step)
            record(file, step);
    }

    // [rewind]
    h5sim::File file{"rewound.h5", "r+"};
    file.rewind("time", 6.5);                               // all series along time, in one commit
    const auto time = file.read<double>("time", "-1");      // 6: the latest record that is left
    // [end of rewind]
    for (double fine = 0.25; fine <= 1; fine += 0.25)
        record(file, time + fine);
    std::cout << "back to " << time << ", then on to " << file.shape("energy")[0] << " records\n";
}
