# 100,000 reads of one element of a dataset of 100 × 100 float64, through the Julia package.
using H5Sim

function read_elements(file, reads)
    total = 0.0
    for i in 0:reads - 1
        total += file["x"][8, i % 100 + 1]
    end
    return total
end

H5Sim.open(file -> file["x"] = rand(100, 100), "x.h5", "w")
H5Sim.open("x.h5") do file
    # What is compiled is no part of it.
    read_elements(file, 10)
    sleep(0.02)
    start = time_ns()
    read_elements(file, 100_000)
    println("read ", (time_ns() - start) / 1e9)
end
