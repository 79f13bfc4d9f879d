# A sweep over parameters: each run is produced once, however often and by however many jobs at once this is started.
# The runs are those of examples_c/08_sweep.c: what one of the programs has begun the other goes on with.
using H5Sim
using Printf

const cells, steps = 100, 60

# Heat along a rod whose left end is hot: goes on from the step after the last committed one.
function simulate(file, rate)
    rod = [1.0; zeros(cells - 1)]
    done = 0
    if haskey(file, "rod")
        done = size(file["rod"], 2)
        rod = file["rod"][:, done]
    end
    for _ in done+1:steps
        rod[2:end-1] .+= rate .* (rod[1:end-2] .- 2 .* rod[2:end-1] .+ rod[3:end])
        append!(file, "rod", rod)
    end
    H5Sim.finish(file)
end

for k0 in (0.5, 1.2, 2.0), dt in (0.01, 0.001)
    parameters = (model = (k0 = k0,), integrator = (dt = dt,))
    run = H5Sim.produce("runs", "rod_", parameters; suffix = ".h5")
    if run.claimed
        H5Sim.open(run.path, run.state == :absent ? "w" : "r+") do file
            run.state == :absent && write_json(file, "meta", parameters)
            simulate(file, k0 * dt)
        end
        H5Sim.release(run.path)
        println(run.path, run.state == :absent ? ": new" : ": gone on with")
    else
        println(run.path, run.state == :finished ? ": finished before" : ": another job is at it")
    end
end

query = "model.k0 > 1 and integrator.dt <= 0.001 and run.status == 'finished'"
@printf("%6s %8s  file\n", "k0", "dt")
for run in H5Sim.find("runs", query; sort = ["model.k0", "integrator.dt"])
    meta = run["meta"]
    @printf("%6.2f %8.4f  %s\n", meta["model"]["k0"], meta["integrator"]["dt"], run["path"])
end
