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
write(file, "status", "step 9")
write(file, "status", "step 10"; overwrite = true)
fails(() -> write(file, "status", "again"), "exists")
write(file, "meta", (a = 1,))
write_json(file, "meta", about; overwrite = true)
write(file, "species", ["H2", "OH", "H2O"]; fixed = false)
attributes(file["state"])["axes"] = ["x", "longer"]
H5Sim.set_texts(attributes(file["state"]), "fixed", ["a", "b"]; fixed = true)
@assert attributes(file["state"])["axes"] == ["x", "longer"]
for i in 1:3
    append!(file, "log", "line $i")
end
@assert read(file, "log") == ["line 1", "line 2", "line 3"]
@assert H5Sim.mode(file) == "r+" && basename(H5Sim.filename(file)) == "julia.h5"
@assert H5Sim.version() == VersionNumber(H5Sim.C.H5SIM_VERSION_MAJOR, H5Sim.C.H5SIM_VERSION_MINOR, H5Sim.C.H5SIM_VERSION_PATCH)
@assert file["state/u"][end] == 0 && file["initial/u"][end, 1] == 3 && file["initial/u"][end] == 6
@assert sum(file["initial/u"]) == 21 && [name for (name, _) in file["state"]] == ["u"]
close(file)
close(other)
# What a block has written when it throws is not committed.
try
    H5Sim.open(joinpath(folder, "julia.h5"), "r+") do f
        delete!(f, "state")
        error("a failure of the program")
    end
catch failure
    @assert failure isa ErrorException
end
println("all right")
