# 1,000,000 records of 8 float64, one after the other, through the Julia package.
using H5Sim

function append(path, numbers, records)
    H5Sim.open(path, "w") do file
        for i in 0:records - 1
            append!(file, "a", numbers[i % 1024 + 1])
        end
    end
end

const NUMBERS = [rand(8) for _ in 1:1024]
# What is compiled is no part of it.
append("compiled.h5", NUMBERS, 10)
const START = time_ns()
append("a.h5", NUMBERS, 1_000_000)
println("append ", (time_ns() - START) / 1e9)
