# The same as tests/fortran/objects.f90.
using H5Sim
using H5Sim: copy_object, layout, link, move, resize

function fails(call, words)
    try
        call()
    catch error
        @assert error isa H5Sim.H5SimError && occursin(words, error.message) error
        return
    end
    error("no failure, expected: ", words)
end

const folder = ARGS[1]
const u = Float64[1 4; 2 5; 3 6]
file = H5Sim.open(joinpath(folder, "julia.h5"), "w")
other = H5Sim.open(joinpath(folder, "julia_other.h5"), "w")
write(file, "g/u", u; chunks = (3, 1), maxshape = (3, nothing), compression = "gzip")
attributes(file["g/u"])["unit"] = "m"
move(file, "g/u", "state/u")
copy_object(file, "state", "initial")
copy_object(file["state"], "u", other, "u")
copy_object(file, "state", "shallow/state"; without_attrs = true)
link(file, "latest", "state/u")
link(file, "kept", "initial/u"; type = "hard")
link(file, "elsewhere", "u"; file = "julia_other.h5")
resize(file["state/u"], 3, 3)
@assert read(file, "latest") == [u zeros(3)]
about = layout(file["kept"])
@assert about["chunks"] == [3, 1] && about["maxshape"] == [3, nothing] && about["compression"] == "gzip"
@assert about["shape"] == [3, 2] && about["bytes"] == 48 && about["fillvalue"] == 0

fails(() -> move(file, "nothing", "x"), "'nothing'")
fails(() -> copy_object(file, "state", "initial"), "'initial' exists")
fails(() -> link(file, "x", "nothing"; type = "hard"), "there is no 'nothing'")
fails(() -> resize(file["state/u"], 4, 3), "[null, 3]")
close(file)
close(other)
println("all right")
