# The order of axes: one dataset in Julia's order, in the file's, and parts of it told in both ways.
using H5Sim

a = [10i + j for i in 1:3, j in 1:4]
H5Sim.open("order.hdf5", "w") do file
    file["a"] = a
    println("Julia's size: ", size(file["a"]))
    println("the file's shape, as h5py shows it: ", H5Sim.tree(file)["a"]["shape"])

    # Indices are in Julia's order, from 1.
    println("file[\"a\"][1:2, 2:4] = ", file["a"][1:2, 2:4])
    # A slice is in the file's order, from 0, and its end is not in it.
    println("slice = \"1:4, 0:2\" = ", read(file, "a"; slice = "1:4, 0:2"))

    println("file[\"a\"][:, end] = ", file["a"][:, end])
    println("slice = \"-1\" = ", read(file, "a"; slice = "-1"))
end
