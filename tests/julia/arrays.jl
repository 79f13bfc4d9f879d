# Every type and rank, whole and in parts. `arrays.jl write FILE` writes what tests/python/languages.py checks, and reads it
# back in every way; `arrays.jl read FILE` reads what that script wrote; `errors` and `end` are about failures and exits.
using H5Sim

const EXTENTS = (5, 3, 2, 3)
const TYPES = ["f64" => Float64, "f32" => Float32, "i64" => Int64, "i32" => Int32, "i16" => Int16, "i8" => Int8,
               "u64" => UInt64, "u32" => UInt32, "u16" => UInt16, "u8" => UInt8,
               "bool" => Bool, "c128" => ComplexF64, "c64" => ComplexF32]

checks = 0
function check(right, what)
    global checks += 1
    right || error("wrong: ", what)
end

# The numbers 1, 2, 3 … in the order of memory, made of the type.
made(::Type{Bool}, n) = n % 3 == 0
made(::Type{T}, n) where {T <: Complex} = T(n, -n)
made(::Type{T}, n) where {T <: AbstractFloat} = T(n / 4)
made(::Type{Int64}, n) = n * 10^10
made(::Type{T}, n) where {T} = T(n)
values(T, rank) = rank == 0 ? made(T, 1) : reshape([made(T, n) for n in 1:prod(EXTENTS[1:rank])], EXTENTS[1:rank])

# Another value of the same type.
other(x::Bool) = !x
other(x) = x + one(x)

same(a, b) = typeof(a) == typeof(b) && a == b

function write_and_read(f, kind, T, rank)
    name = "whole/$kind/$rank"
    a = values(T, rank)
    f[name] = a
    attributes(f[name])["same"] = rank <= 2 ? a : 0
    rank <= 2 && check(same(attributes(f[name])["same"], a), "$name attribute")
    check(same(read(f, name), a), name)
    check(same(f[name][], a), "$name []")
    check(size(f[name]) == size(a) && eltype(f[name]) == T, "$name size")
    if rank < 4
        append!(f, "series/$kind/$rank", a)
        append!(f, "series/$kind/$rank", a; chunks = true)
    end
    rank == 0 && return
    rest = ntuple(_ -> Colon(), rank - 1)
    H5Sim.append_records(f, "records/$kind/$rank", view(a, 5:-1:1, rest...))
    H5Sim.append_records(f, "records/$kind/$rank", a; compression = "gzip")

    if rank < 4
        append!(f, "inside/$kind/$rank", view(a, 5:-2:1, rest...))
        check(same(read(f, "inside/$kind/$rank"; slice = "0"), a[5:-2:1, rest...]), "$name section appended")
    end

    # In three parts, of which one has nothing.
    first_at(i) = (i, ntuple(_ -> 1, rank - 1)...)
    for (i, part) in [(3, view(a, 3:5, rest...)), (3, view(a, 4:3, rest...)), (1, a[1:2, rest...])]
        write_block(f, "blocks/$kind/$rank", part; global_size = size(a), start = first_at(i), chunks = EXTENTS[1:rank])
    end
    b = other.(a)
    read_block!(f, "blocks/$kind/$rank", view(b, 1:2:5, rest...); start = first_at(3))
    check(b[1:2:5, rest...] == a[3:5, rest...] && b[2:2:4, rest...] == other.(a[2:2:4, rest...]), "$name block")
    check(same(read(f, "blocks/$kind/$rank"), a), "$name in blocks")
    if rank < 4
        append_block(f, "blocks of records/$kind/$rank", view(a, 2:2:5, rest...); global_size = size(a), start = first_at(4))
        record = read(f, "blocks of records/$kind/$rank"; slice = "0")
        check(record[4:5, rest...] == a[2:2:5, rest...] && all(iszero, record[1:3, rest...]), "$name block of a record")
    end

    # Sections on both sides.
    others = ntuple(i -> i == 1 ? (2:3) : Colon(), rank - 1)
    section = view(a, 5:-2:1, others...)
    f["section/$kind/$rank"] = section
    b = other.(a)
    read!(f, "section/$kind/$rank", view(b, 5:-2:1, others...))
    check(view(b, 5:-2:1, others...) == section, "$name section")
    view(b, 5:-2:1, others...) .= other.(section)
    check(b == other.(a), "$name around the section")

    # Parts of the dataset, in the file's terms and in Julia's.
    last_axis = rank > 1 ? "..., " : ""
    check(same(read(f, name; slice = last_axis * "1:4:2"), a[2:2:4, rest...]), "$name slice")
    check(same(f[name][2:2:4, rest...], a[2:2:4, rest...]), "$name steps")
    check(same(f[name][end:-1:1, rest...], a[end:-1:1, rest...]), "$name backwards")
    check(same(f[name][end:-2:2, rest...], a[end:-2:2, rest...]), "$name backwards by steps")
    check(same(f[name][3, rest...], a[3, rest...]), "$name index")
    check(same(f[name][4:3, rest...], a[4:3, rest...]), "$name nothing")
    check(same(f[name][ntuple(i -> EXTENTS[i], rank)...], a[end]), "$name element")

    # Writing into parts.
    parts = H5Sim.create(f, "parts/$kind/$rank", T, EXTENTS[1:rank])
    parts[1:2:5, rest...] = a[1:2:5, rest...]
    parts[2, rest...] = a[2, rest...]
    parts[4:4, rest...] = view(a, 4:4, rest...)
    check(same(parts[], a), "$name written in parts")
end

function other_arrays(f)
    a = reshape(1:12, 3, 4)
    write(f, "chunked", a; dtype = "f4", chunks = (3, 2), maxshape = (3, nothing), compression = "gzip")
    check(read(f, "chunked") == a && eltype(f["chunked"]) == Float32, "options")
    check(same(read(f, "chunked", Int16), Int16.(a)), "read as another type")
    f["lazy"] = a' ./ 2 |> transpose
    f["bits"] = trues(3, 3)
    check(same(read(f, "bits"), fill(true, 3, 3)), "a BitArray")
    f["bits"][:, 2] = false
    check(f["bits"][:, 2] == fill(false, 3) && all(f["bits"][:, 1]), "one value into a part")
    b = zeros(Int, 4, 3)
    read!(f, "chunked", PermutedDimsArray(b, (2, 1)))
    check(b == a', "into a lazy array")
    check(f["chunked"][end] == 12 && f["chunked"][5] == 5, "elements counted through")
    check(f["chunked"][end, 2] == 6 && f["chunked"][:, end] == [10, 11, 12], "the end of an axis")
    f["chunked"][end] = 13
    check(f["chunked"][3, 4] == 13, "an element counted through, written")
    f["chunked"][3, 4] = 12
    check([x for x in f["chunked"]] == vec(a) && sum(f["chunked"]) == 78, "iteration over elements")
    f["none"] = zeros(3, 0)
    check(size(f["none"]) == (3, 0) && same(f["none"][], zeros(3, 0)), "no elements")

    f["texts/note"] = "Grüße"
    f["texts/species"] = ["H2", "O2", "H2O2"]
    f["texts/matrix"] = ["a" "b"; "c" "d"; "e" "f"]
    check(f["texts/note"][] == "Grüße" && read(f, "texts/species") == ["H2", "O2", "H2O2"], "texts")
    check(f["texts/species"][2] == "O2" && eltype(f["texts/species"]) == String, "one text")
    check(read(f, "texts/matrix") == ["a" "b"; "c" "d"; "e" "f"], "a matrix of texts")

    meta = Dict("a" => [1, 2.5, nothing, true, "é\n\"\\\u01😀"], "b" => Dict("c" => big(10)^30))
    matrix = reshape(collect(1.0:12.0), 3, 4)
    for column in 1:4
        append!(f, "columns", view(matrix, :, column))
    end
    check(f["columns"][:, :] == matrix, "columns of a matrix as records")
    check(H5Sim.steps_of(view(matrix, :, 2)) == C_NULL == H5Sim.steps_of(view(matrix, :, 2:3)), "they lie side by side")
    check(H5Sim.steps_of(view(matrix, 2, :)).values == (3,) && H5Sim.steps_of(view(matrix, 1:2, :)).values == (3, 1), "rows do not")

    write_json(f, "meta", meta)
    check(read_json(f, "meta") == meta, "metadata")
    check(H5Sim.parse_json(read_json(f, "meta", String)) == meta, "metadata as text")
    f["named"] = (k0 = 1.2, list = (1, 2), none = [])
    check(read_json(f, "named") == Dict("k0" => 1.2, "list" => [1, 2], "none" => []), "a named tuple")
    check(isnan(H5Sim.parse_json("[NaN, -Infinity]")[1]), "not a number")
    check(canonical_json((b = 1, a = 1.0e16)) == "{\"a\": 1e+16, \"b\": 1}", "canonical")
    check(H5Sim.hash(meta; digits = 40) == H5Sim.hash(read_json(f, "meta", String); digits = 40), "hash")
    check(length(H5Sim.hash(meta)) == 10, "ten digits")
    numbered = H5Sim.YAMLText("{10: a, 2: b}")
    check(canonical_json(numbered) == "{\"2\": \"b\", \"10\": \"a\"}", "keys that are numbers")
    check(hash_name("x", numbered) == "x" * H5Sim.hash(numbered) != hash_name("x", H5Sim.parse_yaml(numbered.text)), "a name of YAML")
    mktempdir() do folder
        run = H5Sim.produce(folder, "x", numbered; suffix = ".h5")
        check(basename(run.path) == hash_name("x", numbered; suffix = ".h5") && run.claimed, "a run of YAML")
        H5Sim.release(run.path)
    end
    write_json(f, "numbered", numbered)
    check(read_json(f, "numbered") == Dict("10" => "a", "2" => "b"), "metadata as YAML")

    attributes(f)["made by"] = "Jülia"
    attributes(f["texts"])["of a group"] = 1:3
    check(attributes(f)["made by"] == "Jülia" && keys(attributes(f)) == ["made by"], "attribute of the root")
    check(attributes(f["texts"])["of a group"] == [1, 2, 3] && haskey(attributes(f["texts"]), "of a group"), "of a group")
    delete!(attributes(f["texts"]), "of a group")
    check(length(attributes(f["texts"])) == 0, "deleted attribute")

    group = H5Sim.create_group(f, "made/here")
    group["x"] = 1.5
    check(f["made"]["here/x"][] == 1.5 && haskey(group, "x") && !haskey(group, "y") && keys(f["made"]) == ["here"], "groups")
    check([name => typeof(object) for (name, object) in f["made/here"]] == ["x" => H5Sim.Dataset], "iteration over names")
    check(Dict(attributes(f)) == Dict("made by" => "Jülia"), "iteration over attributes")
    delete!(f["made"], "here")
    check(!haskey(f, "made/here/x"), "deleted")
    check(H5Sim.tree(f["texts"])["note"]["kind"] == "dataset", "tree")
    commit(f)
end

function read_peers(f)
    for (kind, T) in TYPES, rank in 0:4
        check(same(read(f, "whole/$kind/$rank"), values(T, rank)), "whole/$kind/$rank")
    end
    check(read(f, "texts/note") == "Grüße" && read(f, "texts/fixed") == "fixed", "a text")
    check(read(f, "texts/species") == ["H2" "H2O"; "O2" "N"], "texts")
    check(read(f, "texts/objects") == ["one", "zwölf"], "texts of variable length")
    check(read_json(f, "meta")["a"] == [1, 2.5, nothing, true, "é\n\"\\\u01😀"], "metadata")
    check(read_json(f, "meta")["b"]["c"] == big(10)^30, "a large integer")
    check(read(f, "empty") == Float64[], "no value")
    check(attributes(f)["unit"] == "m" && attributes(f)["numbers"] == [0 3; 1 4; 2 5], "attributes")
end

# Each failure is an exception of the kind and with the words that are expected.
function fails(work, status, words)
    global checks += 1
    try
        work()
    catch e
        e isa H5Sim.H5SimError || rethrow()
        text = sprint(showerror, e)
        (e.status == status && occursin(words, text)) || error("wrong: ", text, " <> ", status, " ", words)
        return
    end
    error("no failure: ", words)
end

throws(work::Function, T::Type) =
    try
        work()
        error("no ", T)
    catch e
        e isa T || rethrow()
        global checks += 1
    end

function errors(path)
    E = H5Sim.C
    fails(() -> H5Sim.open("no_such_file.hdf5"), E.H5SIM_ERR_NOT_FOUND, "H5SIM_ERR_NOT_FOUND: ")
    fails(() -> H5Sim.open(path, "w"; compresion = 1), E.H5SIM_ERR_ARGUMENT, "compresion")
    f = H5Sim.open(path, "w")
    f["a"] = [1 2 3 4; 5 6 7 8; 9 10 11 12]
    f["note"] = "not an array"
    fails(() -> f["a"] = 1, E.H5SIM_ERR_EXISTS, "'a'")
    fails(() -> f["b"], E.H5SIM_ERR_NOT_FOUND, "'b'")
    fails(() -> read(f, "b"), E.H5SIM_ERR_NOT_FOUND, "'b'")
    fails(() -> read(f, "a"; slice = "4"), E.H5SIM_ERR_SHAPE, "4")
    fails(() -> read!(f, "a", zeros(4, 3)), E.H5SIM_ERR_SHAPE, "(3, 4)")
    fails(() -> read(f, "note", Float64), E.H5SIM_ERR_TYPE, "note")
    fails(() -> write_json(f, "meta", "{"), E.H5SIM_ERR_JSON, "")
    fails(() -> attributes(f["a"])["unit"], E.H5SIM_ERR_NOT_FOUND, "unit")
    fails(() -> H5Sim.parse_json("[1,"), E.H5SIM_ERR_JSON, "")
    throws(() -> f["a"][4, 1], BoundsError)
    throws(() -> f["a"][1:4, 1], BoundsError)
    throws(() -> f["a"][1:2], DimensionMismatch)
    throws(() -> f["a"][length(f["a"]) + 1], BoundsError)
    throws(() -> f["a"][1:2, 1:2] = [1, 2, 3, 4], DimensionMismatch)
    throws(() -> f["x"] = Any[1, 2], ArgumentError)
    throws(() -> f["x"] = [1 // 2], ArgumentError)
    throws(() -> f["no\0name"] = 1, ArgumentError)
    throws(() -> append!(f, "series", 1; records = 2), ArgumentError)
    fails(() -> write_block(f, "x", [1, 2]; global_size = 3, start = 3), E.H5SIM_ERR_SHAPE, "leaves the whole array")
    fails(() -> write_block(f, "x", [1, 2]; global_size = (3,), start = (0,)), E.H5SIM_ERR_SHAPE, "start[0] is -1")
    fails(() -> append_block(f, "x", 1.5; global_size = (), start = (), records = 2), E.H5SIM_ERR_ARGUMENT, "records")
    fails(() -> read_block!(f, "a", zeros(3, 2); start = (1, 4)), E.H5SIM_ERR_SHAPE, "'a'")
    throws(() -> write_block(f, "x", [1, 2]; global_size = (3, 1), start = 1), DimensionMismatch)
    throws(() -> read_block!(f, "a", zeros(3); start = (1, 1)), DimensionMismatch)
    check(!haskey(f, "x"), "nothing was made")
    H5Sim.has_feature("mpi") || fails(() -> H5Sim.open_mpi("of_many_ranks.h5", "w", 0), E.H5SIM_ERR_UNSUPPORTED, "make mpi")
    # A rank alone, whose allgather is a copy; and one that does not reach the others.
    alone(mine, all) = copyto!(all, mine)
    many = H5Sim.open_ranks(alone, path * ".ranks", "w", 0, 1)
    write_block(many, "u", [1.0 2.0; 3.0 4.0]; global_size = (2, 4), start = (1, 3), fillvalue = 9)
    append_block(many, "s", [5.0]; global_size = 1, start = 1)
    commit(many)
    check(read(many, "u") == [9 9 1 2; 9 9 3 4] && read(many, "s") == reshape([5.0], 1, 1), "blocks of ranks")
    fails(() -> write_block(many, "x", [1, 2]; global_size = 3, start = 3), E.H5SIM_ERR_SHAPE, "leaves")
    close(many)
    check(!isopen(many) && H5Sim.open(g -> read(g, "u"), path * ".ranks")[1, 4] == 2, "closed on all ranks")
    fails(() -> H5Sim.open_ranks((mine, all) -> error("lost"), path * ".lost", "w", 0, 2), E.H5SIM_ERR_IO, "cannot reach the other ranks")
    append!(f, "series", [1, 2])
    fails(() -> append!(f, "series", [1, 2, 3]), E.H5SIM_ERR_SHAPE, "series")
    delete!(f, "series")
    close(f)
    fails(() -> close(f), E.H5SIM_ERR_HANDLE, "")
    fails(() -> keys(f), E.H5SIM_ERR_HANDLE, "")
    check(!isopen(f) && sprint(show, f) == "H5Sim.File($(repr(path)), closed)", "a closed file")

    # What fails in the block comes out of it, and the file is closed at its last commit.
    kept = nothing
    failing() = H5Sim.open(path, "r+") do g
        kept = g
        g["b"] = 1
        throw(KeyError("in the block"))
    end
    throws(failing, KeyError)
    check(!isopen(kept), "closed after a failure")
    check(H5Sim.open(g -> keys(g), path) == ["a", "note"], "what was written in the block is not there")
    check(H5Sim.version() == v"0.1.0" && H5Sim.has_feature("none") == false, "version")
    H5Sim.finalize()
end

mode, path = ARGS
if mode == "write"
    H5Sim.open(path, "w") do f
        for (kind, T) in TYPES, rank in 0:4
            write_and_read(f, kind, T, rank)
        end
        other_arrays(f)
    end
elseif mode == "read"
    H5Sim.open(read_peers, path)
elseif mode == "end"
    f = H5Sim.open(path, "w")
    f["a"] = [1, 2, 3]
    exit()
elseif mode == "errors"
    errors(path)
end
println(checks, " checks")
