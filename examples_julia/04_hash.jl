# Case 4: a file named by its parameters, so that the same parameters always find it.
using H5Sim

meta = Dict("model" => Dict("k0" => 1.2, "k1" => 1.3, "tau" => 0.01, "mass" => 123.0),
            "integrator" => Dict("dt" => 0.001, "method" => "rk4"),
            "data" => Dict("source_path" => "path/to/data", "host" => "bluecrab"))
println(canonical_json(meta))

name = hash_name("data_", meta; suffix = ".h5py")
H5Sim.open(name, "w") do file
    write_json(file, "meta", meta)
end

H5Sim.open(name, "r") do file
    println("found by its parameters: ", read_json(file, "meta") == meta)
end
println(name)
