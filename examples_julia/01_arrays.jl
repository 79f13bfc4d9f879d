# Case 1: write an array, and read a part of it. The array has h5py's shape (5, 4, 3): Julia's first axis is its last.
using H5Sim

data = rand(3, 4, 5)
H5Sim.open("my_data.hdf5", "w") do file
    file["result_1"] = data
end

H5Sim.open("my_data.hdf5", "r") do file
    println("keys: ", keys(file))
    println("size in Julia: ", size(file["result_1"]))
    corner = read(file, "result_1"; slice = "[:2,...,:2]")
    println("size of [:2,...,:2] in Julia: ", size(corner))
    println("it is data[1:2, :, 1:2]: ", corner == data[1:2, :, 1:2] == file["result_1"][1:2, :, 1:2])
end
