# Case 2: many datasets in a group.
using H5Sim

data = rand(2, 1000, 10)
H5Sim.open("richer_data.hdf5", "w") do file
    for i in 0:9
        file["timeseries/$i"] = view(data, :, :, i + 1)
    end
end

H5Sim.open("richer_data.hdf5", "r") do file
    println("in timeseries: ", keys(file["timeseries"]))
    println("timeseries/0 is what was written: ", read(file, "timeseries/0") == data[:, :, 1])
end
