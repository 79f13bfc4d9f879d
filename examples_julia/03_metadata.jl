# Case 3: the parameters of a run, as JSON or as YAML, beside its data.
using H5Sim

meta = H5Sim.parse_yaml("""
    model: {k0: 1.2, k1: 1.3, tau: 0.01, mass: 123.0}
    integrator: {dt: 0.001, method: rk4}
    data: {source_path: path/to/data, host: bluecrab}
    """)
same = H5Sim.parse_json("""{
    "model": {"k0": 1.2, "k1": 1.3, "tau": 0.01, "mass": 123.0},
    "integrator": {"dt": 0.001, "method": "rk4"},
    "data": {"source_path": "path/to/data", "host": "bluecrab"}}""")
println("YAML and JSON say the same: ", meta == same)

series = rand(2, 1000)
H5Sim.open("richer_data.hdf5", "w") do file
    for i in 0:9
        file["timeseries/$i"] = series .+ i
    end
    write_json(file, "meta", meta)
end

H5Sim.open("richer_data.hdf5", "r") do file
    found = read_json(file, "meta")
    print(H5Sim.yaml(found))
    println("time step: ", found["integrator"]["dt"])
    println("timeseries/8 is what was written: ", read(file, "timeseries/8") == series .+ 8)
end
