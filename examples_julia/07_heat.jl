# A whole simulation: the heat equation on a plate, with a layer of ghost cells around it.
#
#     07_heat.jl heat.yaml          run to the end, or go on with a run that was stopped
#     07_heat.jl heat.yaml 2000     stop after step 2000, as a job whose time is over
#
# The file is named by the hash of the parameters: the same parameters find the same file, whoever wrote it, and a run that
# the program in C began can be ended by this one. Its axes have names, coordinates and units, so that xarray opens it as it
# is, and so does ParaView.
using H5Sim
using Printf

# One explicit step from old to new; the ghost cells hold the edges' temperatures and stay as they are.
function step!(new, old, rate)
    for j in 2:size(old, 2)-1, i in 2:size(old, 1)-1
        around = old[i-1, j] + old[i+1, j] + old[i, j-1] + old[i, j+1]
        new[i, j] = old[i, j] + rate * (around - 4 * old[i, j])
    end
end

# The middles of the cells along one axis.
write_coordinate(file, name, cells, spacing) =
    write(file, name, [(i - 0.5) * spacing for i in 1:cells]; attrs = (units = "m", axis = uppercase(name)))

# [record]
# What belongs to a step.
function record(file, inside, done, time)
    nx, ny = size(inside)
    append!(file, "time", time; dims = ("time",), attrs = (units = "s",))
    append!(file, "temperature", inside; dims = ("x", "y", "time"), attrs = (units = "degC",))
    append!(file, "middle", inside[nx÷2, ny÷2]; dims = ("time",), attrs = (units = "degC",))
    attributes(file)["steps_done"] = done
end
# [end of record]

function simulate(file, name, parameters, last)
    grid, plate, run = parameters["grid"], parameters["plate"], parameters["run"]
    nx, ny, spacing, time_step = grid["nx"], grid["ny"], grid["spacing"], run["time_step"]
    done = haskey(file, "meta") ? attributes(file)["steps_done"] : 0
    if done == run["steps"]
        println(name, " is finished: nothing to do")
        return
    end
    field = fill(plate["cold"], nx + 2, ny + 2)
    field[1, :] .= plate["hot"]
    if haskey(file, "meta")
        println(name, " goes on after step ", done)
        # [resume]
        field[2:end-1, 2:end-1] = file["temperature"][:, :, end]
        # [end of resume]
    else
        # [new]
        write_json(file, "meta", parameters)
        attributes(file)["Conventions"] = "CF-1.11"
        write_coordinate(file, "x", nx, spacing)
        write_coordinate(file, "y", ny, spacing)
        record(file, view(field, 2:nx+1, 2:ny+1), done, 0.0)
        H5Sim.vtkhdf(file; cell_data = ["temperature"], time = "time", spacing = [spacing, spacing])
        commit(file)
        # [end of new]
        println(name, " is new")
    end
    next = copy(field)
    rate = plate["diffusivity"] * time_step / spacing^2
    while done < last
        step!(next, field, rate)
        field, next = next, field
        done += 1
        if done % run["snapshot_every"] == 0 || done == run["steps"]
            inside = view(field, 2:nx+1, 2:ny+1)
            # [commit]
            # One commit: a kill leaves all of the step or nothing.
            record(file, inside, done, done * time_step)
            commit(file)
            # [end of commit]
            @printf("step %4d, middle %.4f degrees\n", done, inside[nx÷2, ny÷2])
        end
    end
end

parameters = H5Sim.parse_yaml(read(isempty(ARGS) ? "heat.yaml" : ARGS[1], String))
last_step = length(ARGS) > 1 ? parse(Int, ARGS[2]) : parameters["run"]["steps"]
# [name]
name = hash_name("heat_", parameters; suffix = ".h5")
H5Sim.open(name, "a") do file
# [end of name]
    simulate(file, name, parameters, last_step)
end
