# The same as tests/c/axes.c, in Julia's order.
using H5Sim
using H5Sim: dims, rewind, set_dims, truncate_series, vtkhdf

kill_this_program() = ccall(:raise, Cint, (Cint,), 9)

function add(file, step, more)
    field = [100.0step + 10 * (j - 1) + (i - 1) + more for i in 1:4, j in 1:3]
    append!(file, "time", step / 2; dims = ("time",), attrs = (units = "s",))
    append!(file, "fields/u", field; dims = ("x", "y", "time"), attrs = (units = "K",), compression = "gzip")
    append!(file, "mean", float(step + more); dims = ["time"])
    append!(file, "extra", float(step + more); chunks = (4,))
end

function fails(call, words)
    try
        call()
    catch error
        @assert error isa H5Sim.H5SimError && occursin(words, error.message) error
        return
    end
    error("no failure, expected: ", words)
end

const path, libver = ARGS
const way = length(ARGS) > 2 ? ARGS[3] : ""
const zero_field = zeros(4, 3)

file = H5Sim.open(path, "w"; libver = libver, track_order = true)
write(file, "x", [0, 0.5, 1, 1.5]; attrs = Dict("units" => "m", "long_name" => "length"))
write(file, "bare", zero_field; dims = ("columns", "rows"))
write(file, "late", zero_field)
set_dims(file, "late", ("x", "y"))
write(file, "nameless", zero_field; dims = ["x", "y"])
set_dims(file, "nameless", nothing)
write(file, "y", [0.0, 1, 2]; attrs = (units = "m",))
@assert dims(file, "late") == ["x", "y"] && dims(file, "bare") == ["columns", "rows"]
@assert dims(file, "nameless") == [nothing, nothing]
fails(() -> set_dims(file, "late", ("x",)), "names 1 axes")
fails(() -> dims(file, "nothing"), "nothing")
fails(() -> vtkhdf(file; point_data = ["nothing"]), "nothing")
fails(() -> truncate_series(file, "late", 1), "in one piece")
fails(() -> rewind(file, "nothing", 1), "nothing")
add(file, 0, 0)
vtkhdf(file; point_data = ["fields/u"], time = "time", origin = (0, 0), spacing = (0.5, 1))
foreach(step -> add(file, step, 0), 1:6)
commit(file)
rewind(file, "time", 2)
truncate_series(file, "extra", 2)
way == "rewind" && kill_this_program()
add(file, 5, 1000)
add(file, 6, 1000)
commit(file)
if way == "kill"
    add(file, 7, 0)
    write(file, "lost", zero_field[:, 1]; dims = ("x",))
    kill_this_program()
end
close(file)
