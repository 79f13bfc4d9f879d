# A run that goes back to an earlier time, and on from there with another step.
using H5Sim

function record(file, time)
    append!(file, "time", time; dims = ("time",))
    append!(file, "energy", 10 - time; dims = ("time",))
    commit(file)
end

H5Sim.open("rewound.h5", "w") do file
    foreach(step -> record(file, float(step)), 0:10)
end

# [rewind]
H5Sim.open("rewound.h5", "r+") do file
    H5Sim.rewind(file, "time", 6.5)         # all series along time, in one commit
    time = file["time"][end]                # 6.0: the latest record that is left
    # [end of rewind]
    foreach(fine -> record(file, time + fine), 0.25:0.25:1)
    println("back to ", Int(time), ", then on to ", length(file["energy"]), " records")
end
