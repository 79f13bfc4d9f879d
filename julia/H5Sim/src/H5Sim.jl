"""
Simulation results as HDF5 files.

    using H5Sim

    H5Sim.open("my_data.hdf5", "w") do f
        f["timeseries/0"] = A                            # missing groups on the way are made
        write(f, "velocity", B; compression = "gzip")    # options are h5py's keywords
        write_json(f, "meta", Dict("model" => Dict("k0" => 1.2)))
        attributes(f["velocity"])["unit"] = "m/s"
        append!(f, "energy", 1.5)                        # in the time loop: one record, along a last axis that grows
    end

    H5Sim.open("my_data.hdf5") do f
        keys(f)                                          # ["meta", "timeseries", "velocity"]
        A = read(f, "timeseries/0")
        f["velocity"][1:2, :]                            # in Julia's order of axes, from 1
        read(f, "velocity"; slice = ":, 0:2")            # the same, as in NumPy: in the file's (C) order, from 0
        meta = read_json(f, "meta")
    end

Axes: an array of size (3, 4) is (4, 3) in h5py and h5dump, and no data moves. Texts given to the library (`slice`) are in the
file's order; indices, sizes and the options `chunks` and `maxshape` are in Julia's.

Failures throw [`H5SimError`](@ref), whose message is the library's sentence.

The library is the one that the variable `H5SIM_LIB` names, or else the one installed or built beside this file, or else the
one that the system's loader finds.
"""
module H5Sim

import Libdl

export append_block, attributes, canonical_json, commit, hash_name, read_block!, read_json, write_block, write_json

# ------------------------------------------------------------------------------------------------------------ the library

"The functions and constants of the C interface, as they are: see h5sim.h for what each does."
module C

import Libdl

const library = Ref{Ptr{Cvoid}}(C_NULL)

# Where the library may be, from what the user says to what the system finds.
function candidates()
    haskey(ENV, "H5SIM_LIB") && return [ENV["H5SIM_LIB"]]
    here = @__DIR__
    names = ["libh5sim.so.0", "libh5sim.so"]
    folders = [here,
               # Installed, this is PREFIX/share/h5sim/julia/H5Sim/src; in the source tree, julia/H5Sim/src.
               joinpath(here, "..", "..", "..", "..", "..", "lib"),
               joinpath(here, "..", "..", "..", "..", "..", "lib64"),
               joinpath(here, "..", "..", "..", "target", "release")]
    beside = [joinpath(folder, name) for folder in folders for name in names]
    return vcat(filter(isfile, beside), names)
end

function load()
    library[] == C_NULL || return library[]
    tried = candidates()
    for path in tried
        handle = Libdl.dlopen(path; throw_error = false)
        if handle !== nothing
            library[] = handle
            return handle
        end
    end
    error("the h5sim library was not found: tried ", join(tried, ", "), "; set H5SIM_LIB to its path")
end

# A function of the library, and where it is once it has been called.
mutable struct Entry
    name::Symbol
    address::Ptr{Cvoid}
    Entry(name) = new(name, C_NULL)
end

at(entry::Entry) = entry.address == C_NULL ? find!(entry) : entry.address

@noinline find!(entry::Entry) = entry.address = Libdl.dlsym(load(), entry.name)

# What follows is made from include/h5sim.h by tools/bindings.py (make header).

const H5SIM_VERSION_MAJOR = Int32(0)
const H5SIM_VERSION_MINOR = Int32(1)
const H5SIM_VERSION_PATCH = Int32(0)
const H5SIM_MAX_RANK = Int32(32)
const H5SIM_F64 = Int32(1)
const H5SIM_F32 = Int32(2)
const H5SIM_I64 = Int32(3)
const H5SIM_I32 = Int32(4)
const H5SIM_I16 = Int32(5)
const H5SIM_I8 = Int32(6)
const H5SIM_U64 = Int32(7)
const H5SIM_U32 = Int32(8)
const H5SIM_U16 = Int32(9)
const H5SIM_U8 = Int32(10)
const H5SIM_BOOL = Int32(11)
const H5SIM_C128 = Int32(12)
const H5SIM_C64 = Int32(13)
const H5SIM_TEXT = Int32(14)
const H5SIM_OTHER = Int32(15)
const H5SIM_NONE = Int32(0)
const H5SIM_GROUP = Int32(1)
const H5SIM_DATASET = Int32(2)
const H5SIM_DATATYPE = Int32(3)
const H5SIM_JSON_NULL = Int32(0)
const H5SIM_JSON_BOOL = Int32(1)
const H5SIM_JSON_INTEGER = Int32(2)
const H5SIM_JSON_FLOAT = Int32(3)
const H5SIM_JSON_TEXT = Int32(4)
const H5SIM_JSON_ARRAY = Int32(5)
const H5SIM_JSON_OBJECT = Int32(6)
const H5SIM_RUN_ABSENT = Int32(0)
const H5SIM_RUN_UNFINISHED = Int32(1)
const H5SIM_RUN_FINISHED = Int32(2)
const H5SIM_OK = Int32(0)
const H5SIM_ERR_ARGUMENT = Int32(-1)
const H5SIM_ERR_HANDLE = Int32(-2)
const H5SIM_ERR_NOT_FOUND = Int32(-3)
const H5SIM_ERR_EXISTS = Int32(-4)
const H5SIM_ERR_SHAPE = Int32(-5)
const H5SIM_ERR_TYPE = Int32(-6)
const H5SIM_ERR_JSON = Int32(-7)
const H5SIM_ERR_IO = Int32(-8)
const H5SIM_ERR_FORMAT = Int32(-9)
const H5SIM_ERR_LOCKED = Int32(-10)
const H5SIM_ERR_READ_ONLY = Int32(-11)
const H5SIM_ERR_UNSUPPORTED = Int32(-12)
const H5SIM_ERR_INTERNAL = Int32(-13)

const h5sim_version_entry = Entry(:h5sim_version)
h5sim_version() =
    ccall(at(h5sim_version_entry), Cstring, ())
const h5sim_hdf5_version_entry = Entry(:h5sim_hdf5_version)
h5sim_hdf5_version() =
    ccall(at(h5sim_hdf5_version_entry), Cstring, ())
const h5sim_has_feature_entry = Entry(:h5sim_has_feature)
h5sim_has_feature(name) =
    ccall(at(h5sim_has_feature_entry), Int32, (Cstring,), name)
const h5sim_last_error_entry = Entry(:h5sim_last_error)
h5sim_last_error() =
    ccall(at(h5sim_last_error_entry), Cstring, ())
const h5sim_status_name_entry = Entry(:h5sim_status_name)
h5sim_status_name(status) =
    ccall(at(h5sim_status_name_entry), Cstring, (Int32,), status)
const h5sim_free_entry = Entry(:h5sim_free)
h5sim_free(text) =
    ccall(at(h5sim_free_entry), Cvoid, (Cstring,), text)
const h5sim_finalize_entry = Entry(:h5sim_finalize)
h5sim_finalize() =
    ccall(at(h5sim_finalize_entry), Int32, ())
const h5sim_open_entry = Entry(:h5sim_open)
h5sim_open(path, mode, options, file) =
    ccall(at(h5sim_open_entry), Int32, (Cstring, Cstring, Cstring, Ptr{Int64}), path, mode, options, file)
const h5sim_open_mpi_entry = Entry(:h5sim_open_mpi)
h5sim_open_mpi(path, mode, options, fortran_communicator, file) =
    ccall(at(h5sim_open_mpi_entry), Int32,
          (Cstring, Cstring, Cstring, Int32, Ptr{Int64}),
          path, mode, options, fortran_communicator, file)
const h5sim_commit_entry = Entry(:h5sim_commit)
h5sim_commit(file) =
    ccall(at(h5sim_commit_entry), Int32, (Int64,), file)
const h5sim_file_path_entry = Entry(:h5sim_file_path)
h5sim_file_path(file, path) =
    ccall(at(h5sim_file_path_entry), Int32, (Int64, Ptr{Cstring}), file, path)
const h5sim_file_mode_entry = Entry(:h5sim_file_mode)
h5sim_file_mode(file, mode) =
    ccall(at(h5sim_file_mode_entry), Int32, (Int64, Ptr{Cstring}), file, mode)
const h5sim_close_entry = Entry(:h5sim_close)
h5sim_close(file) =
    ccall(at(h5sim_close_entry), Int32, (Int64,), file)
const h5sim_discard_entry = Entry(:h5sim_discard)
h5sim_discard(file) =
    ccall(at(h5sim_discard_entry), Int32, (Int64,), file)
const h5sim_is_open_entry = Entry(:h5sim_is_open)
h5sim_is_open(file) =
    ccall(at(h5sim_is_open_entry), Int32, (Int64,), file)
const h5sim_create_group_entry = Entry(:h5sim_create_group)
h5sim_create_group(file, path) =
    ccall(at(h5sim_create_group_entry), Int32, (Int64, Cstring), file, path)
const h5sim_exists_entry = Entry(:h5sim_exists)
h5sim_exists(file, path, kind) =
    ccall(at(h5sim_exists_entry), Int32, (Int64, Cstring, Ptr{Int32}), file, path, kind)
const h5sim_keys_entry = Entry(:h5sim_keys)
h5sim_keys(file, group, json_array) =
    ccall(at(h5sim_keys_entry), Int32, (Int64, Cstring, Ptr{Cstring}), file, group, json_array)
const h5sim_tree_entry = Entry(:h5sim_tree)
h5sim_tree(file, group, json) =
    ccall(at(h5sim_tree_entry), Int32, (Int64, Cstring, Ptr{Cstring}), file, group, json)
const h5sim_delete_entry = Entry(:h5sim_delete)
h5sim_delete(file, path) =
    ccall(at(h5sim_delete_entry), Int32, (Int64, Cstring), file, path)
const h5sim_move_entry = Entry(:h5sim_move)
h5sim_move(file, from, to) =
    ccall(at(h5sim_move_entry), Int32, (Int64, Cstring, Cstring), file, from, to)
const h5sim_copy_entry = Entry(:h5sim_copy)
h5sim_copy(file, from, target, to, options) =
    ccall(at(h5sim_copy_entry), Int32, (Int64, Cstring, Int64, Cstring, Cstring), file, from, target, to, options)
const h5sim_link_entry = Entry(:h5sim_link)
h5sim_link(file, path, target, options) =
    ccall(at(h5sim_link_entry), Int32, (Int64, Cstring, Cstring, Cstring), file, path, target, options)
const h5sim_write_entry = Entry(:h5sim_write)
h5sim_write(file, path, dtype, rank, shape, strides, data, options) =
    ccall(at(h5sim_write_entry), Int32,
          (Int64, Cstring, Int32, Int32, Ptr{Int64}, Ptr{Int64}, Ptr{Cvoid}, Cstring),
          file, path, dtype, rank, shape, strides, data, options)
const h5sim_write_f64_entry = Entry(:h5sim_write_f64)
h5sim_write_f64(file, path, rank, shape, data) =
    ccall(at(h5sim_write_f64_entry), Int32,
          (Int64, Cstring, Int32, Ptr{Int64}, Ptr{Float64}),
          file, path, rank, shape, data)
const h5sim_create_entry = Entry(:h5sim_create)
h5sim_create(file, path, dtype, rank, shape, options) =
    ccall(at(h5sim_create_entry), Int32,
          (Int64, Cstring, Int32, Int32, Ptr{Int64}, Cstring),
          file, path, dtype, rank, shape, options)
const h5sim_write_slice_entry = Entry(:h5sim_write_slice)
h5sim_write_slice(file, path, slice, dtype, count, data) =
    ccall(at(h5sim_write_slice_entry), Int32,
          (Int64, Cstring, Cstring, Int32, Int64, Ptr{Cvoid}),
          file, path, slice, dtype, count, data)
const h5sim_write_from_entry = Entry(:h5sim_write_from)
h5sim_write_from(file, path, slice, dtype, rank, shape, strides, data) =
    ccall(at(h5sim_write_from_entry), Int32,
          (Int64, Cstring, Cstring, Int32, Int32, Ptr{Int64}, Ptr{Int64}, Ptr{Cvoid}),
          file, path, slice, dtype, rank, shape, strides, data)
const h5sim_info_entry = Entry(:h5sim_info)
h5sim_info(file, path, dtype, rank, shape) =
    ccall(at(h5sim_info_entry), Int32,
          (Int64, Cstring, Ptr{Int32}, Ptr{Int32}, Ptr{Int64}),
          file, path, dtype, rank, shape)
const h5sim_slice_shape_entry = Entry(:h5sim_slice_shape)
h5sim_slice_shape(file, path, slice, rank, shape) =
    ccall(at(h5sim_slice_shape_entry), Int32,
          (Int64, Cstring, Cstring, Ptr{Int32}, Ptr{Int64}),
          file, path, slice, rank, shape)
const h5sim_read_entry = Entry(:h5sim_read)
h5sim_read(file, path, slice, dtype, capacity, data) =
    ccall(at(h5sim_read_entry), Int32,
          (Int64, Cstring, Cstring, Int32, Int64, Ptr{Cvoid}),
          file, path, slice, dtype, capacity, data)
const h5sim_read_f64_entry = Entry(:h5sim_read_f64)
h5sim_read_f64(file, path, slice, capacity, data) =
    ccall(at(h5sim_read_f64_entry), Int32,
          (Int64, Cstring, Cstring, Int64, Ptr{Float64}),
          file, path, slice, capacity, data)
const h5sim_read_into_entry = Entry(:h5sim_read_into)
h5sim_read_into(file, path, slice, dtype, rank, shape, strides, data) =
    ccall(at(h5sim_read_into_entry), Int32,
          (Int64, Cstring, Cstring, Int32, Int32, Ptr{Int64}, Ptr{Int64}, Ptr{Cvoid}),
          file, path, slice, dtype, rank, shape, strides, data)
const h5sim_read_hyperslab_entry = Entry(:h5sim_read_hyperslab)
h5sim_read_hyperslab(file, path, dtype, rank, start, stride, count, block, capacity, data) =
    ccall(at(h5sim_read_hyperslab_entry), Int32,
          (Int64, Cstring, Int32, Int32, Ptr{Int64}, Ptr{Int64}, Ptr{Int64}, Ptr{Int64}, Int64, Ptr{Cvoid}),
          file, path, dtype, rank, start, stride, count, block, capacity, data)
const h5sim_write_hyperslab_entry = Entry(:h5sim_write_hyperslab)
h5sim_write_hyperslab(file, path, dtype, rank, start, stride, count, block, available, data) =
    ccall(at(h5sim_write_hyperslab_entry), Int32,
          (Int64, Cstring, Int32, Int32, Ptr{Int64}, Ptr{Int64}, Ptr{Int64}, Ptr{Int64}, Int64, Ptr{Cvoid}),
          file, path, dtype, rank, start, stride, count, block, available, data)
const h5sim_resize_entry = Entry(:h5sim_resize)
h5sim_resize(file, path, rank, shape) =
    ccall(at(h5sim_resize_entry), Int32, (Int64, Cstring, Int32, Ptr{Int64}), file, path, rank, shape)
const h5sim_layout_entry = Entry(:h5sim_layout)
h5sim_layout(file, path, json) =
    ccall(at(h5sim_layout_entry), Int32, (Int64, Cstring, Ptr{Cstring}), file, path, json)
const h5sim_append_entry = Entry(:h5sim_append)
h5sim_append(file, path, dtype, rank, shape, data, options) =
    ccall(at(h5sim_append_entry), Int32,
          (Int64, Cstring, Int32, Int32, Ptr{Int64}, Ptr{Cvoid}, Cstring),
          file, path, dtype, rank, shape, data, options)
const h5sim_append_f64_entry = Entry(:h5sim_append_f64)
h5sim_append_f64(file, path, rank, shape, data) =
    ccall(at(h5sim_append_f64_entry), Int32,
          (Int64, Cstring, Int32, Ptr{Int64}, Ptr{Float64}),
          file, path, rank, shape, data)
const h5sim_append_from_entry = Entry(:h5sim_append_from)
h5sim_append_from(file, path, dtype, rank, shape, strides, data, options) =
    ccall(at(h5sim_append_from_entry), Int32,
          (Int64, Cstring, Int32, Int32, Ptr{Int64}, Ptr{Int64}, Ptr{Cvoid}, Cstring),
          file, path, dtype, rank, shape, strides, data, options)
const h5sim_write_block_entry = Entry(:h5sim_write_block)
h5sim_write_block(file, path, dtype, rank, global_shape, start, shape, strides, data, options) =
    ccall(at(h5sim_write_block_entry), Int32,
          (Int64, Cstring, Int32, Int32, Ptr{Int64}, Ptr{Int64}, Ptr{Int64}, Ptr{Int64}, Ptr{Cvoid}, Cstring),
          file, path, dtype, rank, global_shape, start, shape, strides, data, options)
const h5sim_append_block_entry = Entry(:h5sim_append_block)
h5sim_append_block(file, path, dtype, rank, global_shape, start, shape, strides, data, options) =
    ccall(at(h5sim_append_block_entry), Int32,
          (Int64, Cstring, Int32, Int32, Ptr{Int64}, Ptr{Int64}, Ptr{Int64}, Ptr{Int64}, Ptr{Cvoid}, Cstring),
          file, path, dtype, rank, global_shape, start, shape, strides, data, options)
const h5sim_read_block_entry = Entry(:h5sim_read_block)
h5sim_read_block(file, path, dtype, rank, start, shape, strides, data) =
    ccall(at(h5sim_read_block_entry), Int32,
          (Int64, Cstring, Int32, Int32, Ptr{Int64}, Ptr{Int64}, Ptr{Int64}, Ptr{Cvoid}),
          file, path, dtype, rank, start, shape, strides, data)
const h5sim_open_ranks_entry = Entry(:h5sim_open_ranks)
h5sim_open_ranks(path, mode, options, rank, ranks, allgather, context, file) =
    ccall(at(h5sim_open_ranks_entry), Int32,
          (Cstring, Cstring, Cstring, Int32, Int32, Ptr{Cvoid}, Ptr{Cvoid}, Ptr{Int64}),
          path, mode, options, rank, ranks, allgather, context, file)
const h5sim_set_dims_entry = Entry(:h5sim_set_dims)
h5sim_set_dims(file, path, json_array) =
    ccall(at(h5sim_set_dims_entry), Int32, (Int64, Cstring, Cstring), file, path, json_array)
const h5sim_dims_entry = Entry(:h5sim_dims)
h5sim_dims(file, path, json_array) =
    ccall(at(h5sim_dims_entry), Int32, (Int64, Cstring, Ptr{Cstring}), file, path, json_array)
const h5sim_truncate_entry = Entry(:h5sim_truncate)
h5sim_truncate(file, path, records) =
    ccall(at(h5sim_truncate_entry), Int32, (Int64, Cstring, Int64), file, path, records)
const h5sim_rewind_entry = Entry(:h5sim_rewind)
h5sim_rewind(file, axis, value) =
    ccall(at(h5sim_rewind_entry), Int32, (Int64, Cstring, Float64), file, axis, value)
const h5sim_vtkhdf_entry = Entry(:h5sim_vtkhdf)
h5sim_vtkhdf(file, options) =
    ccall(at(h5sim_vtkhdf_entry), Int32, (Int64, Cstring), file, options)
const h5sim_write_text_entry = Entry(:h5sim_write_text)
h5sim_write_text(file, path, text) =
    ccall(at(h5sim_write_text_entry), Int32, (Int64, Cstring, Cstring), file, path, text)
const h5sim_write_text_with_entry = Entry(:h5sim_write_text_with)
h5sim_write_text_with(file, path, text, options) =
    ccall(at(h5sim_write_text_with_entry), Int32, (Int64, Cstring, Cstring, Cstring), file, path, text, options)
const h5sim_append_text_entry = Entry(:h5sim_append_text)
h5sim_append_text(file, path, text) =
    ccall(at(h5sim_append_text_entry), Int32, (Int64, Cstring, Cstring), file, path, text)
const h5sim_read_text_entry = Entry(:h5sim_read_text)
h5sim_read_text(file, path, text) =
    ccall(at(h5sim_read_text_entry), Int32, (Int64, Cstring, Ptr{Cstring}), file, path, text)
const h5sim_write_texts_entry = Entry(:h5sim_write_texts)
h5sim_write_texts(file, path, rank, shape, texts) =
    ccall(at(h5sim_write_texts_entry), Int32,
          (Int64, Cstring, Int32, Ptr{Int64}, Ptr{Cstring}),
          file, path, rank, shape, texts)
const h5sim_write_texts_with_entry = Entry(:h5sim_write_texts_with)
h5sim_write_texts_with(file, path, rank, shape, texts, options) =
    ccall(at(h5sim_write_texts_with_entry), Int32,
          (Int64, Cstring, Int32, Ptr{Int64}, Ptr{Cstring}, Cstring),
          file, path, rank, shape, texts, options)
const h5sim_read_texts_entry = Entry(:h5sim_read_texts)
h5sim_read_texts(file, path, json_array) =
    ccall(at(h5sim_read_texts_entry), Int32, (Int64, Cstring, Ptr{Cstring}), file, path, json_array)
const h5sim_write_json_entry = Entry(:h5sim_write_json)
h5sim_write_json(file, path, json) =
    ccall(at(h5sim_write_json_entry), Int32, (Int64, Cstring, Cstring), file, path, json)
const h5sim_write_json_with_entry = Entry(:h5sim_write_json_with)
h5sim_write_json_with(file, path, json, options) =
    ccall(at(h5sim_write_json_with_entry), Int32, (Int64, Cstring, Cstring, Cstring), file, path, json, options)
const h5sim_read_json_entry = Entry(:h5sim_read_json)
h5sim_read_json(file, path, json) =
    ccall(at(h5sim_read_json_entry), Int32, (Int64, Cstring, Ptr{Cstring}), file, path, json)
const h5sim_set_attr_entry = Entry(:h5sim_set_attr)
h5sim_set_attr(file, object, name, dtype, rank, shape, data) =
    ccall(at(h5sim_set_attr_entry), Int32,
          (Int64, Cstring, Cstring, Int32, Int32, Ptr{Int64}, Ptr{Cvoid}),
          file, object, name, dtype, rank, shape, data)
const h5sim_get_attr_entry = Entry(:h5sim_get_attr)
h5sim_get_attr(file, object, name, dtype, capacity, data) =
    ccall(at(h5sim_get_attr_entry), Int32,
          (Int64, Cstring, Cstring, Int32, Int64, Ptr{Cvoid}),
          file, object, name, dtype, capacity, data)
const h5sim_set_attr_text_entry = Entry(:h5sim_set_attr_text)
h5sim_set_attr_text(file, object, name, text) =
    ccall(at(h5sim_set_attr_text_entry), Int32, (Int64, Cstring, Cstring, Cstring), file, object, name, text)
const h5sim_get_attr_text_entry = Entry(:h5sim_get_attr_text)
h5sim_get_attr_text(file, object, name, text) =
    ccall(at(h5sim_get_attr_text_entry), Int32, (Int64, Cstring, Cstring, Ptr{Cstring}), file, object, name, text)
const h5sim_set_attr_texts_entry = Entry(:h5sim_set_attr_texts)
h5sim_set_attr_texts(file, object, name, rank, shape, texts, options) =
    ccall(at(h5sim_set_attr_texts_entry), Int32,
          (Int64, Cstring, Cstring, Int32, Ptr{Int64}, Ptr{Cstring}, Cstring),
          file, object, name, rank, shape, texts, options)
const h5sim_get_attr_texts_entry = Entry(:h5sim_get_attr_texts)
h5sim_get_attr_texts(file, object, name, json_array) =
    ccall(at(h5sim_get_attr_texts_entry), Int32,
          (Int64, Cstring, Cstring, Ptr{Cstring}),
          file, object, name, json_array)
const h5sim_attr_info_entry = Entry(:h5sim_attr_info)
h5sim_attr_info(file, object, name, dtype, rank, shape) =
    ccall(at(h5sim_attr_info_entry), Int32,
          (Int64, Cstring, Cstring, Ptr{Int32}, Ptr{Int32}, Ptr{Int64}),
          file, object, name, dtype, rank, shape)
const h5sim_attr_keys_entry = Entry(:h5sim_attr_keys)
h5sim_attr_keys(file, object, json_array) =
    ccall(at(h5sim_attr_keys_entry), Int32, (Int64, Cstring, Ptr{Cstring}), file, object, json_array)
const h5sim_delete_attr_entry = Entry(:h5sim_delete_attr)
h5sim_delete_attr(file, object, name) =
    ccall(at(h5sim_delete_attr_entry), Int32, (Int64, Cstring, Cstring), file, object, name)
const h5sim_json_new_entry = Entry(:h5sim_json_new)
h5sim_json_new(document) =
    ccall(at(h5sim_json_new_entry), Int32, (Ptr{Int64},), document)
const h5sim_json_parse_entry = Entry(:h5sim_json_parse)
h5sim_json_parse(json, document) =
    ccall(at(h5sim_json_parse_entry), Int32, (Cstring, Ptr{Int64}), json, document)
const h5sim_json_parse_yaml_entry = Entry(:h5sim_json_parse_yaml)
h5sim_json_parse_yaml(yaml, document) =
    ccall(at(h5sim_json_parse_yaml_entry), Int32, (Cstring, Ptr{Int64}), yaml, document)
const h5sim_json_set_f64_entry = Entry(:h5sim_json_set_f64)
h5sim_json_set_f64(document, pointer, value) =
    ccall(at(h5sim_json_set_f64_entry), Int32, (Int64, Cstring, Float64), document, pointer, value)
const h5sim_json_set_i64_entry = Entry(:h5sim_json_set_i64)
h5sim_json_set_i64(document, pointer, value) =
    ccall(at(h5sim_json_set_i64_entry), Int32, (Int64, Cstring, Int64), document, pointer, value)
const h5sim_json_set_bool_entry = Entry(:h5sim_json_set_bool)
h5sim_json_set_bool(document, pointer, value) =
    ccall(at(h5sim_json_set_bool_entry), Int32, (Int64, Cstring, Int32), document, pointer, value)
const h5sim_json_set_text_entry = Entry(:h5sim_json_set_text)
h5sim_json_set_text(document, pointer, value) =
    ccall(at(h5sim_json_set_text_entry), Int32, (Int64, Cstring, Cstring), document, pointer, value)
const h5sim_json_set_null_entry = Entry(:h5sim_json_set_null)
h5sim_json_set_null(document, pointer) =
    ccall(at(h5sim_json_set_null_entry), Int32, (Int64, Cstring), document, pointer)
const h5sim_json_set_json_entry = Entry(:h5sim_json_set_json)
h5sim_json_set_json(document, pointer, value) =
    ccall(at(h5sim_json_set_json_entry), Int32, (Int64, Cstring, Cstring), document, pointer, value)
const h5sim_json_remove_entry = Entry(:h5sim_json_remove)
h5sim_json_remove(document, pointer) =
    ccall(at(h5sim_json_remove_entry), Int32, (Int64, Cstring), document, pointer)
const h5sim_json_get_f64_entry = Entry(:h5sim_json_get_f64)
h5sim_json_get_f64(document, pointer, value) =
    ccall(at(h5sim_json_get_f64_entry), Int32, (Int64, Cstring, Ptr{Float64}), document, pointer, value)
const h5sim_json_get_i64_entry = Entry(:h5sim_json_get_i64)
h5sim_json_get_i64(document, pointer, value) =
    ccall(at(h5sim_json_get_i64_entry), Int32, (Int64, Cstring, Ptr{Int64}), document, pointer, value)
const h5sim_json_get_bool_entry = Entry(:h5sim_json_get_bool)
h5sim_json_get_bool(document, pointer, value) =
    ccall(at(h5sim_json_get_bool_entry), Int32, (Int64, Cstring, Ptr{Int32}), document, pointer, value)
const h5sim_json_get_text_entry = Entry(:h5sim_json_get_text)
h5sim_json_get_text(document, pointer, value) =
    ccall(at(h5sim_json_get_text_entry), Int32, (Int64, Cstring, Ptr{Cstring}), document, pointer, value)
const h5sim_json_get_json_entry = Entry(:h5sim_json_get_json)
h5sim_json_get_json(document, pointer, value) =
    ccall(at(h5sim_json_get_json_entry), Int32, (Int64, Cstring, Ptr{Cstring}), document, pointer, value)
const h5sim_json_type_entry = Entry(:h5sim_json_type)
h5sim_json_type(document, pointer, type) =
    ccall(at(h5sim_json_type_entry), Int32, (Int64, Cstring, Ptr{Int32}), document, pointer, type)
const h5sim_json_length_entry = Entry(:h5sim_json_length)
h5sim_json_length(document, pointer, length) =
    ccall(at(h5sim_json_length_entry), Int32, (Int64, Cstring, Ptr{Int64}), document, pointer, length)
const h5sim_json_keys_entry = Entry(:h5sim_json_keys)
h5sim_json_keys(document, pointer, json_array) =
    ccall(at(h5sim_json_keys_entry), Int32, (Int64, Cstring, Ptr{Cstring}), document, pointer, json_array)
const h5sim_json_dump_entry = Entry(:h5sim_json_dump)
h5sim_json_dump(document, json) =
    ccall(at(h5sim_json_dump_entry), Int32, (Int64, Ptr{Cstring}), document, json)
const h5sim_json_dump_yaml_entry = Entry(:h5sim_json_dump_yaml)
h5sim_json_dump_yaml(document, yaml) =
    ccall(at(h5sim_json_dump_yaml_entry), Int32, (Int64, Ptr{Cstring}), document, yaml)
const h5sim_json_canonical_entry = Entry(:h5sim_json_canonical)
h5sim_json_canonical(document, text) =
    ccall(at(h5sim_json_canonical_entry), Int32, (Int64, Ptr{Cstring}), document, text)
const h5sim_json_hash_entry = Entry(:h5sim_json_hash)
h5sim_json_hash(document, digits, hex) =
    ccall(at(h5sim_json_hash_entry), Int32, (Int64, Int32, Ptr{Cstring}), document, digits, hex)
const h5sim_json_hash_name_entry = Entry(:h5sim_json_hash_name)
h5sim_json_hash_name(document, prefix, digits, suffix, name) =
    ccall(at(h5sim_json_hash_name_entry), Int32,
          (Int64, Cstring, Int32, Cstring, Ptr{Cstring}),
          document, prefix, digits, suffix, name)
const h5sim_json_free_entry = Entry(:h5sim_json_free)
h5sim_json_free(document) =
    ccall(at(h5sim_json_free_entry), Int32, (Int64,), document)
const h5sim_canonical_json_entry = Entry(:h5sim_canonical_json)
h5sim_canonical_json(json, text) =
    ccall(at(h5sim_canonical_json_entry), Int32, (Cstring, Ptr{Cstring}), json, text)
const h5sim_hash_entry = Entry(:h5sim_hash)
h5sim_hash(json, digits, hex) =
    ccall(at(h5sim_hash_entry), Int32, (Cstring, Int32, Ptr{Cstring}), json, digits, hex)
const h5sim_hash_name_entry = Entry(:h5sim_hash_name)
h5sim_hash_name(prefix, json, digits, suffix, name) =
    ccall(at(h5sim_hash_name_entry), Int32,
          (Cstring, Cstring, Int32, Cstring, Ptr{Cstring}),
          prefix, json, digits, suffix, name)
const h5sim_produce_entry = Entry(:h5sim_produce)
h5sim_produce(directory, prefix, json, digits, suffix, options, path, state) =
    ccall(at(h5sim_produce_entry), Int32,
          (Cstring, Cstring, Cstring, Int32, Cstring, Cstring, Ptr{Cstring}, Ptr{Int32}),
          directory, prefix, json, digits, suffix, options, path, state)
const h5sim_json_produce_entry = Entry(:h5sim_json_produce)
h5sim_json_produce(directory, prefix, document, digits, suffix, options, path, state) =
    ccall(at(h5sim_json_produce_entry), Int32,
          (Cstring, Cstring, Int64, Int32, Cstring, Cstring, Ptr{Cstring}, Ptr{Int32}),
          directory, prefix, document, digits, suffix, options, path, state)
const h5sim_is_claimed_entry = Entry(:h5sim_is_claimed)
h5sim_is_claimed(path, claimed) =
    ccall(at(h5sim_is_claimed_entry), Int32, (Cstring, Ptr{Int32}), path, claimed)
const h5sim_release_entry = Entry(:h5sim_release)
h5sim_release(path) =
    ccall(at(h5sim_release_entry), Int32, (Cstring,), path)
const h5sim_finish_entry = Entry(:h5sim_finish)
h5sim_finish(file) =
    ccall(at(h5sim_finish_entry), Int32, (Int64,), file)
const h5sim_find_entry = Entry(:h5sim_find)
h5sim_find(directory, query, options, json_array) =
    ccall(at(h5sim_find_entry), Int32, (Cstring, Cstring, Cstring, Ptr{Cstring}), directory, query, options, json_array)

# Here ends what is made from include/h5sim.h.

end # module C

"A failure: one of the library's statuses, `H5Sim.C.H5SIM_ERR_…`, and the sentence that says what was wrong."
struct H5SimError <: Exception
    status::Int32
    message::String
end

Base.showerror(io::IO, e::H5SimError) = print(io, unsafe_string(C.h5sim_status_name(e.status)), ": ", e.message)

check(status::Int32) =
    status == C.H5SIM_OK ? nothing : throw(H5SimError(status, unsafe_string(C.h5sim_last_error())))

# Calls a function whose last output is a text, and takes the text over.
function text_of(call, arguments...)
    text = Ref(Cstring(C_NULL))
    check(call(arguments..., text))
    result = unsafe_string(text[])
    C.h5sim_free(text[])
    return result
end

"The version of the library."
version() = VersionNumber(unsafe_string(C.h5sim_version()))

"The version of the HDF5 that is built into the library."
hdf5_version() = VersionNumber(unsafe_string(C.h5sim_hdf5_version()))

"Tell whether the library has a feature: \"journal\", \"mpi\", \"gzip\"."
has_feature(name) = C.h5sim_has_feature(name) == 1

"Close all open files."
finalize() = check(C.h5sim_finalize())

# ------------------------------------------------------------------------------------------------------------------- JSON

"Print metadata as JSON text: dictionaries, named tuples, vectors, tuples, numbers, texts, `nothing`. A text is taken as JSON."
json(text::AbstractString) = String(text)
json(value) = sprint(print_json, value)

print_json(io::IO, value::Union{AbstractString, Symbol, AbstractChar}) = print_quoted(io, string(value))
print_json(io::IO, value::Bool) = print(io, value)
print_json(io::IO, value::Integer) = print(io, BigInt(value))
print_json(io::IO, ::Union{Nothing, Missing}) = print(io, "null")
print_json(io::IO, value::Real) = print_json(io, Float64(value))
print_json(io::IO, value::Float64) =
    print(io, isfinite(value) ? value : isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity")
print_json(io::IO, value::Union{AbstractDict, NamedTuple}) =
    print_items(io, '{', '}', pairs(value)) do pair
        print_quoted(io, string(first(pair)))
        print(io, ": ")
        print_json(io, last(pair))
    end
print_json(io::IO, value::Union{AbstractVector, Tuple, AbstractSet}) = print_items(x -> print_json(io, x), io, '[', ']', value)
print_json(io::IO, value) = throw(ArgumentError("a value of type $(typeof(value)) cannot be written as JSON"))

function print_items(print_item, io, opening, closing, items)
    print(io, opening)
    for (i, item) in enumerate(items)
        i > 1 && print(io, ", ")
        print_item(item)
    end
    print(io, closing)
end

function print_quoted(io, text)
    print(io, '"')
    for c in text
        if c == '"' || c == '\\'
            print(io, '\\', c)
        elseif c < ' '
            print(io, "\\u", string(UInt16(c); base = 16, pad = 4))
        else
            print(io, c)
        end
    end
    print(io, '"')
end

# Reads the JSON that the library gives. It has parsed the text already, so that only what JSON can be is expected here.
mutable struct JSONText
    text::String
    place::Int
end

"Read a JSON text into dictionaries, vectors, numbers, texts, Bool and nothing."
parse_json(text::AbstractString) = value!(JSONText(text_of_document(C.h5sim_json_parse, text, C.h5sim_json_dump), 1))

"Read a YAML text, such as an input file, into dictionaries, vectors, numbers, texts, Bool and nothing."
parse_yaml(text::AbstractString) = value!(JSONText(text_of_document(C.h5sim_json_parse_yaml, text, C.h5sim_json_dump), 1))

"Print metadata as YAML text, as PyYAML's yaml.dump does."
yaml(metadata) = text_of_document(C.h5sim_json_parse, json(metadata), C.h5sim_json_dump_yaml)

text_of_document(parse, text, call, arguments...) = with_document(document -> text_of(call, document, arguments...), parse, text)

function with_document(use, parse, text)
    document = Ref(Int64(0))
    check(parse(text, document))
    try
        return use(document[])
    finally
        C.h5sim_json_free(document[])
    end
end

"""
    YAMLText(text)

Metadata as YAML text, such as an input file, for whatever takes metadata. It gets the name that Python gives it also where keys are
numbers, which Python sorts as numbers; in the dictionaries of `parse_yaml`, as in JSON, all keys are texts.
"""
struct YAMLText
    text::String
end

json(metadata::YAMLText) = text_of_document(C.h5sim_json_parse_yaml, metadata.text, C.h5sim_json_dump)

peek_character(t::JSONText) = t.text[t.place]

function next_character!(t::JSONText)
    c = t.text[t.place]
    t.place = nextind(t.text, t.place)
    return c
end

function skip_blanks!(t::JSONText)
    while t.place <= ncodeunits(t.text) && peek_character(t) in " \t\r\n"
        t.place += 1
    end
end

function value!(t::JSONText)
    skip_blanks!(t)
    c = peek_character(t)
    c == '{' && return object!(t)
    c == '[' && return array!(t)
    c == '"' && return string!(t)
    first = t.place
    while t.place <= ncodeunits(t.text) && !(peek_character(t) in ",]} \t\r\n")
        t.place = nextind(t.text, t.place)
    end
    return word(SubString(t.text, first, prevind(t.text, t.place)))
end

function word(text)
    for (name, value) in (("null", nothing), ("true", true), ("false", false),
                          ("NaN", NaN), ("Infinity", Inf), ("-Infinity", -Inf))
        text == name && return value
    end
    if any(c -> c in ".eE", text)
        return parse(Float64, text)
    end
    small = tryparse(Int64, text)
    return small === nothing ? parse(BigInt, text) : small
end

function object!(t::JSONText)
    result = Dict{String, Any}()
    members!(t, '}') do
        name = string!(t)
        skip_blanks!(t)
        next_character!(t) # the colon
        result[name] = value!(t)
    end
    return result
end

function array!(t::JSONText)
    result = Any[]
    members!(() -> push!(result, value!(t)), t, ']')
    return result
end

function members!(take_one, t, closing)
    next_character!(t)
    skip_blanks!(t)
    if peek_character(t) == closing
        next_character!(t)
        return
    end
    while true
        skip_blanks!(t)
        take_one()
        skip_blanks!(t)
        next_character!(t) == closing && return
    end
end

function string!(t::JSONText)
    next_character!(t)
    out = IOBuffer()
    while true
        c = next_character!(t)
        c == '"' && return String(take!(out))
        print(out, c == '\\' ? escaped!(t) : c)
    end
end

function escaped!(t::JSONText)
    c = next_character!(t)
    c == 'u' || return get(Dict('b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t'), c, c)
    code = hex!(t)
    if 0xd800 <= code < 0xdc00
        t.place += 2 # the \u of the other half
        code = 0x10000 + (code - 0xd800) << 10 + (hex!(t) - 0xdc00)
    end
    return Char(code)
end

function hex!(t::JSONText)
    digits = SubString(t.text, t.place, t.place + 3)
    t.place += 4
    return parse(UInt32, digits; base = 16)
end

"""
    canonical_json(metadata)

Give the canonical form of metadata: what Python's json.dumps(metadata, ensure_ascii=True, sort_keys=True) prints of a dict whose keys
are texts, as those of a dictionary here become. Python sorts numbers as numbers: `YAMLText` has such keys, too.
"""
canonical_json(metadata) = text_of(C.h5sim_canonical_json, json(metadata))
canonical_json(metadata::YAMLText) = text_of_document(C.h5sim_json_parse_yaml, metadata.text, C.h5sim_json_canonical)

"Give the first digits of the SHA-1 of the canonical form of metadata."
hash(metadata; digits = 10) = text_of(C.h5sim_hash, json(metadata), digits)
hash(metadata::YAMLText; digits = 10) = text_of_document(C.h5sim_json_parse_yaml, metadata.text, C.h5sim_json_hash, digits)

"""
    hash_name(prefix, metadata; digits = 10, suffix = "")

Give a file name made from the hash of metadata: prefix, digits, suffix.
"""
hash_name(prefix, metadata; digits = 10, suffix = "") = text_of(C.h5sim_hash_name, prefix, json(metadata), digits, suffix)
hash_name(prefix, metadata::YAMLText; digits = 10, suffix = "") =
    text_of_document(C.h5sim_json_parse_yaml, metadata.text, C.h5sim_json_hash_name, prefix, digits, suffix)

"""
    produce(directory, prefix, metadata; digits = 10, suffix = "", options...)

Find the file of the run with these parameters, and claim the run unless it is finished. Gives the path, the state (`:absent`,
`:unfinished` or `:finished`), and whether this process has claimed the run and is to produce it. Of many processes that ask
for a run at once one has it; `wait = seconds` waits for it.
"""
produce(directory, prefix, metadata; options...) = produced(C.h5sim_produce, directory, prefix, json(metadata); options...)
produce(directory, prefix, metadata::YAMLText; options...) =
    with_document(document -> produced(C.h5sim_json_produce, directory, prefix, document; options...),
                  C.h5sim_json_parse_yaml, metadata.text)

function produced(call, directory, prefix, parameters; digits = 10, suffix = "", options...)
    state = Ref(Int32(0))
    text = options_text(options)
    path = text_of((arguments...) -> call(arguments..., state), directory, prefix, parameters, digits, suffix, text)
    return (path = path, state = (:absent, :unfinished, :finished)[state[] + 1], claimed = is_claimed(path))
end

"Tell whether this process has claimed a run by `produce`, and is to produce it."
function is_claimed(path)
    claimed = Ref(Int32(0))
    check(C.h5sim_is_claimed(path, claimed))
    return claimed[] == 1
end

"Give back a run that was claimed and is not finished, so that another process can go on with it."
release(path) = check(C.h5sim_release(path))

"""
    find(directory, query = ""; options...)

Find the runs in a directory whose metadata match a query: an example such as `(model = (k0 = 1.2,),)`, with operators as in
`Dict("model.k0" => Dict("\$gt" => 1))`, or an expression such as `"model.k0 > 1 and run.status == 'finished'"`. Gives a vector of
dictionaries with `"path"`, `"status"` and `"meta"`. Options: `sort`, `limit`, `project` and others of h5sim_find.
"""
find(directory, query = ""; options...) =
    parse_json(text_of(C.h5sim_find, directory, query isa AbstractString ? query : json(query), options_text(options)))

# ------------------------------------------------------------------------------------------------------------------ files

"An open file. Closing it is up to the program (or use the form with `do`); what is open when Julia exits is closed then."
mutable struct File
    handle::Int64
    path::String
end

"A group of a file; indexes like a file."
struct Group
    file::File
    path::String
end

"A dataset of a file. `d[]` or `read(d)` is all of it, `d[1:2, :]` a part, `d[1:2, :] = A` writes into a part."
struct Dataset
    file::File
    path::String
end

const Parent = Union{File, Group}

file_of(f::File) = f
file_of(object::Union{Group, Dataset}) = object.file
handle_of(object) = file_of(object).handle
path_of(::File, path = "") = String(path)
path_of(group::Group, path = "") = startswith(path, "/") ? String(path) : rstrip(group.path, '/') * "/" * path
path_of(dataset::Dataset) = dataset.path

"""
    set_dims(f, path, names)

Names the axes of a dataset, in Julia's order; `nothing` takes their names.
"""
function set_dims(parent::Parent, path, names)
    text = names === nothing ? "null" : json(reverse(collect(Any, names)))
    check(C.h5sim_set_dims(handle_of(parent), path_of(parent, path), text))
end

"""
    dims(f, path)

The names of a dataset's axes in Julia's order, `nothing` for an axis without one.
"""
dims(parent::Parent, path) = reverse(parse_json(text_of(C.h5sim_dims, handle_of(parent), path_of(parent, path))))

"""
    truncate_series(f, path, records)

Cuts a series to its first records.
"""
truncate_series(parent::Parent, path, records) =
    check(C.h5sim_truncate(handle_of(parent), path_of(parent, path), records))

"""
    rewind(f, axis, value)

Cuts every series along an axis to the records whose coordinate is up to a value, in one commit.
"""
rewind(parent::Parent, axis, value) = check(C.h5sim_rewind(handle_of(parent), path_of(parent, axis), value))

"""
    vtkhdf(f; options...)

Adds to a file what ParaView needs to open it; the options are those of `h5sim_vtkhdf`, such as `point_data = ["u"]`.
"""
vtkhdf(parent::Parent; options...) = check(C.h5sim_vtkhdf(handle_of(parent), options_text(options)))

"""
    H5Sim.open(path, mode = "r"; options...)
    H5Sim.open(path, mode = "r"; options...) do f … end

The form with `do` closes the file at its end, and commits; when it throws, the file stays at its latest commit.

Open or create a file: "r", "r+", "w", "w-" (or "x"), "a", as in h5py. Options: `libver`, `durability`, `autocommit`, `locking`, `wait`
(see h5sim_open in h5sim.h).
"""
function open(path::AbstractString, mode::AbstractString = "r"; options...)
    handle = Ref(Int64(0))
    check(C.h5sim_open(path, mode, options_text(options), handle))
    return File(handle[], path)
end

# The means by which the ranks of a file talk, which the library holds as long as the file is open.
mutable struct Means
    allgather::Any
    ranks::Int
end
const MEANS = Dict{Int64, Means}()

# Called by the library; what goes wrong here must not leave it by an exception.
function gather(context::Ptr{Cvoid}, mine::Ptr{Cvoid}, bytes::Int64, all::Ptr{Cvoid})
    means = unsafe_pointer_to_objref(context)::Means
    try
        means.allgather(unsafe_wrap(Array, Ptr{UInt8}(mine), bytes), unsafe_wrap(Array, Ptr{UInt8}(all), bytes * means.ranks))
        return Int32(0)
    catch
        return Int32(1)
    end
end

"""
    H5Sim.open_ranks(allgather, path, mode, rank, ranks; options...)

Open one file from many ranks, of which this one has the number `rank` (from 0): see h5sim_open_ranks in h5sim.h. `allgather(mine, all)`
gives the bytes `mine` to all ranks, and puts those of all to `all`. With MPI.jl, by a communicator of the file's own:

    comm = MPI.Comm_dup(MPI.COMM_WORLD)
    f = H5Sim.open_ranks("run.h5", "w", MPI.Comm_rank(comm), MPI.Comm_size(comm)) do mine, all
        MPI.Allgather!(mine, MPI.UBuffer(all, length(mine)), comm)
    end
    write_block(f, "u", view(u, 2:nx + 1, 2:ny + 1); global_size = (gx, gy), start = (ox + 1, oy + 1))
    close(f)
"""
function open_ranks(allgather, path::AbstractString, mode::AbstractString, rank::Integer, ranks::Integer; options...)
    means = Means(allgather, ranks)
    operation = @cfunction(gather, Int32, (Ptr{Cvoid}, Ptr{Cvoid}, Int64, Ptr{Cvoid}))
    handle = Ref(Int64(0))
    GC.@preserve means check(C.h5sim_open_ranks(path, mode, options_text(options), rank, ranks, operation,
                                                pointer_from_objref(means), handle))
    # Those of files that were closed go.
    filter!(open_one -> C.h5sim_is_open(first(open_one)) == 1, MEANS)
    MEANS[handle[]] = means
    return File(handle[], path)
end

"""
    H5Sim.open_mpi(path, mode, communicator; options...)

Open one file from many ranks, in a build with MPI: see h5sim_open_mpi in h5sim.h. The communicator is Fortran's integer.
"""
function open_mpi(path::AbstractString, mode::AbstractString, communicator::Integer; options...)
    handle = Ref(Int64(0))
    check(C.h5sim_open_mpi(path, mode, options_text(options), communicator, handle))
    return File(handle[], path)
end

function open(work, path::AbstractString, mode::AbstractString = "r"; options...)
    file = open(path, mode; options...)
    result = try
        work(file)
    catch
        # What went wrong first is what the user wants to know.
        isopen(file) && C.h5sim_discard(file.handle)
        file.handle = 0
        rethrow()
    end
    isopen(file) && close(file)
    return result
end

# Options as JSON; extents are turned into the file's order.
function options_text(options)
    isempty(options) && return ""
    is_extents(name, value) = name in (:chunks, :maxshape, :dims) && value isa Union{Tuple, AbstractVector}
    in_order(name, value) = is_extents(name, value) ? reverse(collect(Any, value)) : value
    return json(Dict(String(name) => in_order(name, value) for (name, value) in pairs(options)))
end

"The path by which a file was opened."
filename(f::File) = text_of(C.h5sim_file_path, f.handle)

"The mode of a file: \"r\" where it is only read, \"r+\" where it is also written."
mode(f::File) = text_of(C.h5sim_file_mode, f.handle)

Base.isopen(f::File) = C.h5sim_is_open(f.handle) == 1

function Base.close(f::File)
    handle = f.handle
    f.handle = 0
    check(C.h5sim_close(handle))
end

"Close a file at its latest commit: what was written since is dropped."
function discard(f::File)
    handle = f.handle
    f.handle = 0
    check(C.h5sim_discard(handle))
end

Base.show(io::IO, f::File) = print(io, "H5Sim.File(", repr(f.path), isopen(f) ? ")" : ", closed)")
Base.show(io::IO, g::Group) = print(io, "H5Sim.Group(", repr(g.path), " of ", repr(g.file.path), ")")
Base.show(io::IO, d::Dataset) = print(io, "H5Sim.Dataset(", repr(d.path), " of ", repr(d.file.path), ")")

"Make all that was written so far durable, as one step."
commit(f::File) = check(C.h5sim_commit(f.handle))

"Mark the run in a file as finished, and commit: all that was written and the mark become durable as one step."
finish(f::File) = check(C.h5sim_finish(f.handle))

"List the names in a file or group."
Base.keys(parent::Parent) = String.(parse_json(text_of(C.h5sim_keys, handle_of(parent), path_of(parent))))

function kind(parent::Parent, path)
    found = Ref(Int32(0))
    check(C.h5sim_exists(handle_of(parent), path_of(parent, path), found))
    return found[]
end

"Tell whether anything is at a path."
Base.haskey(parent::Parent, path::AbstractString) = kind(parent, path) != C.H5SIM_NONE

function Base.getindex(parent::Parent, path::AbstractString)
    found = kind(parent, path)
    found == C.H5SIM_GROUP && return Group(file_of(parent), path_of(parent, path))
    dataset = Dataset(file_of(parent), path_of(parent, path))
    found == C.H5SIM_DATASET || info(dataset) # throws what is wrong, such as that nothing is there
    return dataset
end

"Go through the objects of a file or group, as pairs of name and object."
function Base.iterate(parent::Parent, names = keys(parent))
    isempty(names) && return nothing
    return first(names) => parent[first(names)], names[2:end]
end

Base.length(parent::Parent) = length(keys(parent))
Base.eltype(::Type{<:Parent}) = Pair{String, Union{Group, Dataset}}

Base.setindex!(parent::Parent, value, path::AbstractString) = write(parent, path, value)

"Create a group, and the groups on the way to it."
function create_group(parent::Parent, path)
    check(C.h5sim_create_group(handle_of(parent), path_of(parent, path)))
    return Group(file_of(parent), path_of(parent, path))
end

"Delete a dataset, or a group with all that is in it, or a link."
function Base.delete!(parent::Parent, path::AbstractString)
    check(C.h5sim_delete(handle_of(parent), path_of(parent, path)))
    return parent
end

"""
    move(f, from, to)

Move an object or a link to another path of the file.
"""
function move(parent::Parent, from::AbstractString, to::AbstractString)
    check(C.h5sim_move(handle_of(parent), path_of(parent, from), path_of(parent, to)))
    return parent
end

"""
    copy_object(f, from, to; options...)
    copy_object(f, from, target, to; options...)

Copy an object, with all that is in it, to a path of the file, or of another file (or a group) that is open for writing. Options:
`shallow`, `expand_soft`, `without_attrs`, as in h5py.
"""
copy_object(parent::Parent, from::AbstractString, to::AbstractString; options...) = copy_object(parent, from, parent, to; options...)

function copy_object(parent::Parent, from::AbstractString, target::Parent, to::AbstractString; options...)
    check(C.h5sim_copy(handle_of(parent), path_of(parent, from), handle_of(target), path_of(target, to), options_text(options)))
    return target
end

"""
    link(f, path, target; type = "soft")
    link(f, path, target; file)

Make a link at a path: `type = "soft"` holds a path of the file, counted from its root; `"hard"` is another name of an object; with
`file` it leads to a path of another file.
"""
function link(parent::Parent, path::AbstractString, target::AbstractString; options...)
    check(C.h5sim_link(handle_of(parent), path_of(parent, path), target, options_text(options)))
    return parent
end

"Describe every object below a file's root or a group. Shapes are in the file's (C) order."
tree(parent::Parent) = parse_json(text_of(C.h5sim_tree, handle_of(parent), path_of(parent)))

# ----------------------------------------------------------------------------------------------------------------- arrays

const ELEMENT_TYPES = Dict{Int32, DataType}(
    C.H5SIM_F64 => Float64, C.H5SIM_F32 => Float32, C.H5SIM_I64 => Int64, C.H5SIM_I32 => Int32,
    C.H5SIM_I16 => Int16, C.H5SIM_I8 => Int8, C.H5SIM_U64 => UInt64, C.H5SIM_U32 => UInt32,
    C.H5SIM_U16 => UInt16, C.H5SIM_U8 => UInt8, C.H5SIM_BOOL => Bool,
    C.H5SIM_C128 => ComplexF64, C.H5SIM_C64 => ComplexF32)

const Element = Union{Float64, Float32, Int64, Int32, Int16, Int8, UInt64, UInt32, UInt16, UInt8, Bool, ComplexF64, ComplexF32}

# The library's constant of an element type, known when a call is compiled.
for (constant, type) in ELEMENT_TYPES
    @eval element_constant(::Type{$type}) = $constant
end
element_constant(T) =
    throw(ArgumentError("elements of type $T cannot be kept; these can: $(join(sort!(string.(values(ELEMENT_TYPES))), ", "))"))

# Extents that the library reads where they are, without a vector being made of them.
mutable struct Extents{N}
    values::NTuple{N, Int64}
end

Base.unsafe_convert(::Type{Ptr{Int64}}, extents::Extents) = Ptr{Int64}(pointer_from_objref(extents))

# Sizes in the file's order.
reversed(extents::NTuple{N, Integer}) where {N} = Extents{N}(reverse(map(Int64, extents)))
reversed(extents) = Int64[extents[i] for i in length(extents):-1:1]

# An array whose elements the library can reach by strides; any other is copied.
reachable(A::Array{<:Element}) = A
reachable(A::SubArray{<:Element, N, <:Array}) where {N} = A isa StridedArray ? A : Array(A)
reachable(A::AbstractArray) = Array(A)

# An array whose elements lie side by side.
side_by_side(A::Array{<:Element}) = A
side_by_side(A::Base.FastContiguousSubArray{<:Element, N, <:Array}) where {N} = A
side_by_side(A::AbstractArray) = Array(A)

# The strides of an array in the file's order; none where its elements lie side by side.
steps_of(A::Union{Array, Base.FastContiguousSubArray{<:Element, N, <:Array}}) where {N} = C_NULL
steps_of(A::AbstractArray) = reversed(strides(A))

# A scalar as an array of no axes.
as_array(value::AbstractArray) = value
as_array(value::Number) = fill(value)

# Element type and shape of a dataset; the shape is in the file's order.
function info(object)
    dtype, rank, shape = Ref(Int32(0)), Ref(Int32(0)), zeros(Int64, C.H5SIM_MAX_RANK)
    check(C.h5sim_info(handle_of(object), path_of(object), dtype, rank, shape))
    return dtype[], shape[1:rank[]]
end

function slice_shape(object, slice)
    rank, shape = Ref(Int32(0)), zeros(Int64, C.H5SIM_MAX_RANK)
    check(C.h5sim_slice_shape(handle_of(object), path_of(object), slice, rank, shape))
    return shape[1:rank[]]
end

Base.size(d::Dataset) = Tuple(Int.(reverse(last(info(d)))))
Base.size(d::Dataset, axis::Integer) = axis <= ndims(d) ? size(d)[axis] : 1
Base.ndims(d::Dataset) = length(last(info(d)))
Base.length(d::Dataset) = prod(size(d))
Base.lastindex(d::Dataset) = length(d)
Base.lastindex(d::Dataset, axis::Integer) = size(d, axis)
Base.firstindex(d::Dataset, axis::Integer = 1) = 1

"Give a dataset another size, within the largest that it may have."
function resize(d::Dataset, size::Integer...)
    check(C.h5sim_resize(handle_of(d), d.path, length(size), reversed(size)))
    return d
end

"""
    layout(d)

Tell how a dataset is stored: a dictionary with `"chunks"`, `"compression"`, `"filters"`, `"stored"` (bytes in the file) and others of
h5sim_layout; extents are in Julia's order.
"""
function layout(d::Dataset)
    about = parse_json(text_of(C.h5sim_layout, handle_of(d), d.path))
    for name in ("shape", "maxshape", "chunks")
        about[name] === nothing || reverse!(about[name])
    end
    return about
end

"The type that the elements of a dataset have in Julia: String for texts, Any for what the library does not read."
function Base.eltype(d::Dataset)
    dtype = first(info(d))
    return dtype == C.H5SIM_TEXT ? String : get(ELEMENT_TYPES, dtype, Any)
end

"""
    write(f, path, value; options...)

Write an array, a number, a text, an array of texts, or metadata (a dictionary or named tuple, kept as JSON) to a new dataset.
Options, for arrays and numbers: `overwrite`, `dtype`, `chunks`, `maxshape`, `compression`, `compression_opts`, `shuffle`,
`fletcher32`, `fillvalue`, as in h5py; for texts and metadata: `overwrite`, and `fixed = false` for texts of any length.
"""
function Base.write(parent::Parent, path::AbstractString, value::Union{Number, AbstractArray}; options...)
    A = reachable(as_array(value))
    dtype = element_constant(eltype(A))
    GC.@preserve A check(C.h5sim_write(handle_of(parent), path_of(parent, path), dtype, ndims(A), reversed(size(A)),
                                       reversed(strides(A)), pointer(A), options_text(options)))
end

Base.write(parent::Parent, path::AbstractString, text::AbstractString; options...) =
    check(C.h5sim_write_text_with(handle_of(parent), path_of(parent, path), text, options_text(options)))

function Base.write(parent::Parent, path::AbstractString, texts::AbstractArray{<:AbstractString}; options...)
    check(C.h5sim_write_texts_with(handle_of(parent), path_of(parent, path), ndims(texts), reversed(size(texts)),
                                   texts_of(texts), options_text(options)))
end

Base.write(parent::Parent, path::AbstractString, metadata::Union{AbstractDict, NamedTuple}; options...) =
    write_json(parent, path, metadata; options...)

texts_of(texts) = vec(String[String(text) for text in texts])

"Append a text to a series of texts, such as the lines of a log, which the first one creates."
function Base.append!(parent::Parent, path::AbstractString, text::AbstractString)
    check(C.h5sim_append_text(handle_of(parent), path_of(parent, path), text))
    return parent
end

"""
    append!(f, path, record; options...)

Append a record, a number or an array, to a dataset that grows: along its last axis in Julia's order, its first in the file's.
The first call creates the dataset, by the options `dtype`, `chunks`, `maxshape`, `compression` … of `write`.
"""
function Base.append!(parent::Parent, path::AbstractString, record::Union{Number, AbstractArray}; options...)
    haskey(options, :records) && throw(ArgumentError("several records are appended by H5Sim.append_records"))
    A = reachable(as_array(record))
    GC.@preserve A check(C.h5sim_append_from(handle_of(parent), path_of(parent, path), element_constant(eltype(A)), ndims(A),
                                             reversed(size(A)), steps_of(A), pointer(A), options_text(options)))
    return parent
end

"Append as many records as the last axis of A has elements."
function append_records(parent::Parent, path::AbstractString, A::AbstractArray; options...)
    haskey(options, :records) && throw(ArgumentError("the number of records is that of the last axis's elements"))
    B = side_by_side(A)
    GC.@preserve B check(C.h5sim_append(handle_of(parent), path_of(parent, path), element_constant(eltype(B)), ndims(B) - 1,
                                        reversed(size(B)[1:end - 1]), pointer(B),
                                        options_text((; options..., records = size(B)[end]))))
    return parent
end

"""
    write_block(f, path, A; global_size, start, options...)

Write a block of a larger array of `global_size`: its part from `start` (from 1) on. The first block creates the dataset by the options of
`write`, the others are written into it. Views such as `view(A, 2:99, 2:99)` are written from where they lie; blocks may be empty.
"""
write_block(parent::Parent, path::AbstractString, value::Union{Number, AbstractArray}; global_size, start, options...) =
    put_block(C.h5sim_write_block, parent, path, value, global_size, start, options)

"""
    append_block(f, path, A; global_size, start, options...)

Append one record of `global_size`, of which this process has the part from `start` (from 1) on. Options as for `append!`.
"""
append_block(parent::Parent, path::AbstractString, value::Union{Number, AbstractArray}; global_size, start, options...) =
    put_block(C.h5sim_append_block, parent, path, value, global_size, start, options)

function put_block(call, parent, path, value, global_size, start, options)
    A = reachable(as_array(value))
    check_axes(A, :global_size, global_size)
    check_axes(A, :start, start)
    GC.@preserve A check(call(handle_of(parent), path_of(parent, path), element_constant(eltype(A)), ndims(A),
                              reversed(Tuple(global_size)), reversed(Tuple(start) .- 1), reversed(size(A)), steps_of(A), pointer(A),
                              options_text(options)))
end

check_axes(A, name, values) =
    length(values) == ndims(A) || throw(DimensionMismatch("$name is $(Tuple(values)), but the array has size $(size(A))"))

"""
    read_block!(f, path, A; start)

Read the part of a dataset from `start` (from 1) on into an array, which has its size; views too.
"""
function read_block!(parent::Parent, path::AbstractString, A::AbstractArray; start)
    B = reachable(A)
    check_axes(B, :start, start)
    GC.@preserve B check(C.h5sim_read_block(handle_of(parent), path_of(parent, path), element_constant(eltype(B)), ndims(B),
                                            reversed(Tuple(start) .- 1), reversed(size(B)), steps_of(B), pointer(B)))
    return B === A ? A : copyto!(A, B)
end

"""
    create(f, path, T, size; options...)

Create a dataset without data, to be filled by `f[path][1:2, :] = A`. Options as for `write`.
"""
function create(parent::Parent, path, T::Type, size = (); options...)
    check(C.h5sim_create(handle_of(parent), path_of(parent, path), element_constant(T), length(size), reversed(size),
                         options_text(options)))
    return Dataset(file_of(parent), path_of(parent, path))
end

"""
    read(f, path; slice = "")
    read(f, path, T; slice = "")

Read a dataset, or a part of it, as what it is or with elements of type T. A slice is NumPy's, in the file's (C) order of
axes: Julia's first axis is its last.
"""
Base.read(parent::Parent, path::AbstractString; slice = "") = read_dataset(Dataset(file_of(parent), path_of(parent, path)), slice)
Base.read(parent::Parent, path::AbstractString, ::Type{T}; slice = "") where {T <: Element} =
    read_array(Dataset(file_of(parent), path_of(parent, path)), T, slice)
Base.read(d::Dataset; slice = "") = read_dataset(d, slice)
Base.getindex(d::Dataset) = read_dataset(d, "")

function read_dataset(d::Dataset, slice)
    dtype, shape = info(d)
    if dtype == C.H5SIM_TEXT
        isempty(shape) && return text_of(C.h5sim_read_text, handle_of(d), d.path)
        texts = read_texts(d, shape)
        return slice == "" ? texts : throw(ArgumentError("a slice of texts cannot be read: read all, and index"))
    end
    # Of any other type the library says that it does not read it.
    return read_array(d, get(ELEMENT_TYPES, dtype, Float64), slice)
end

function read_array(d::Dataset, ::Type{T}, slice) where {T}
    shape = slice_shape(d, slice)
    A = Array{T}(undef, reverse(shape)...)
    # Elements of Bool are bytes of 0 and 1 on both sides.
    GC.@preserve A check(C.h5sim_read(handle_of(d), d.path, slice, element_constant(T), length(A), pointer(A)))
    return isempty(shape) ? A[] : A
end

function read_texts(d::Dataset, shape)
    found = parse_json(text_of(C.h5sim_read_texts, handle_of(d), d.path))
    flat = String[]
    flatten!(flat, found)
    return reshape(flat, reverse(shape)...)
end

flatten!(flat, text::AbstractString) = push!(flat, text)
function flatten!(flat, list::AbstractVector)
    foreach(item -> flatten!(flat, item), list)
    return flat
end

"""
    read!(f, path, A; slice = "")

Read a dataset, or a part of it, into an array of its size; views such as `view(A, 2:99, 2:99)` too.
"""
function Base.read!(parent::Parent, path::AbstractString, A::AbstractArray; slice = "")
    B = reachable(A)
    GC.@preserve B check(C.h5sim_read_into(handle_of(parent), path_of(parent, path), slice, element_constant(eltype(B)), ndims(B),
                                           reversed(size(B)), reversed(strides(B)), pointer(B)))
    return B === A ? A : copyto!(A, B)
end

const Index = Union{Integer, AbstractRange{<:Integer}, Colon}

# The slice that indices within the bounds mean, in the file's order.
function slice_text(indices)
    texts = map(indices) do index
        index isa Colon && return ":"
        index isa Integer && return string(index - 1)
        isempty(index) && return "0:0"
        stop = last(index) - 1 + sign(step(index))
        return string(first(index) - 1, ":", stop < 0 ? "" : stop, ":", step(index))
    end
    return join(reverse(texts), ", ")
end

"Go through the elements of a dataset, which is read whole, in the order of memory."
function Base.iterate(d::Dataset, state = (read(d),))
    next = iterate(state...)
    return next === nothing ? nothing : (first(next), (first(state), last(next)))
end

function Base.getindex(d::Dataset, indices::Index...)
    dtype, shape = info(d)
    dtype == C.H5SIM_TEXT && return read_dataset(d, "")[indices...]
    # What most datasets are is called without a look at what a type is.
    dtype == C.H5SIM_F64 && return read_part(d, Float64, shape, indices)
    return read_part(d, get(ELEMENT_TYPES, dtype, Float64), shape, indices)
end

function read_part(d, ::Type{T}, shape, indices) where {T}
    counts_through(shape, indices) && return read_part(d, T, shape, counted_through(d, shape, indices))
    extents = extents_within(d, shape, indices)
    selection = hyperslab(extents, indices)
    selection === nothing && return read_array(d, T, slice_text(indices))
    start, stride, count = selection
    A = Array{T}(undef, kept_size(extents, indices))
    GC.@preserve A check(C.h5sim_read_hyperslab(handle_of(d), d.path, element_constant(T), length(extents), reversed(start),
                                                reversed(stride), reversed(count), C_NULL, length(A), pointer(A)))
    return ndims(A) == 0 ? A[] : A
end

# A single integer counts through the elements of several axes in the order of memory.
counts_through(shape, indices) = length(indices) == 1 && first(indices) isa Integer && length(shape) > 1

function counted_through(d, shape, indices)
    checkbounds(Bool, Base.OneTo(prod(shape)), first(indices)) || throw(BoundsError(d, indices))
    return Tuple(CartesianIndices(Tuple(reverse(shape)))[first(indices)])
end

# The extents of a dataset in Julia's order, of which there is one for each index, within which that is. The shape is in the
# file's order.
function extents_within(d, shape, indices::NTuple{N, Index}) where {N}
    length(shape) == N ||
        throw(DimensionMismatch("$(repr(d.path)) has $(length(shape)) axes, but $N indices were given"))
    extents = ntuple(axis -> shape[N + 1 - axis], Val(N))
    all(map((index, extent) -> index isa Colon || checkbounds(Bool, Base.OneTo(extent), index), indices, extents)) ||
        throw(BoundsError(d, indices))
    return extents
end

# Where along each axis, from 0, by what steps and how many; nothing where an index goes backwards or is empty.
function hyperslab(extents, indices)
    any(map(index -> index isa AbstractRange && (isempty(index) || step(index) < 1), indices)) && return nothing
    start = map(index -> index isa Colon ? 0 : Int64(first(index)) - 1, indices)
    stride = map(index -> index isa AbstractRange ? Int64(step(index)) : 1, indices)
    count = map((index, extent) -> index isa Colon ? Int64(extent) : Int64(length(index)), indices, extents)
    return start, stride, count
end

# The size of what indices select: an integer drops its axis.
kept_size(::Tuple{}, ::Tuple{}) = ()
kept_size(extents, indices) =
    (kept(first(extents), first(indices))..., kept_size(Base.tail(extents), Base.tail(indices))...)
kept(extent, ::Integer) = ()
kept(extent, ::Colon) = (Int(extent),)
kept(extent, index) = (length(index),)

function Base.setindex!(d::Dataset, value::Union{Number, AbstractArray}, indices::Index...)
    _, of_dataset = info(d)
    counts_through(of_dataset, indices) && return setindex!(d, value, counted_through(d, of_dataset, indices)...)
    shape = kept_size(extents_within(d, of_dataset, indices), indices)
    A = value isa Number ? fill(value, shape) : reachable(value)
    size(A) == shape ||
        throw(DimensionMismatch("the part of $(repr(d.path)) has size $shape, but the array has size $(size(A))"))
    GC.@preserve A check(C.h5sim_write_from(handle_of(d), d.path, slice_text(indices), element_constant(eltype(A)), ndims(A),
                                            reversed(size(A)), steps_of(A), pointer(A)))
end

Base.setindex!(d::Dataset, value::Union{Number, AbstractArray}) =
    setindex!(d, value, ntuple(_ -> Colon(), ndims(d))...)

# --------------------------------------------------------------------------------------------------- metadata, attributes

"Write metadata (a dictionary, a named tuple, or JSON text) to a scalar dataset, as JSON text. Options: `overwrite`, `fixed`."
write_json(parent::Parent, path, metadata; options...) =
    check(C.h5sim_write_json_with(handle_of(parent), path_of(parent, path), json(metadata), options_text(options)))

"""
    read_json(f, path)
    read_json(f, path, String)

Read metadata that is kept as JSON text: as dictionaries and vectors, or as the text itself.
"""
read_json(parent::Parent, path) = parse_json(read_json(parent, path, String))
read_json(parent::Parent, path, ::Type{String}) = text_of(C.h5sim_read_json, handle_of(parent), path_of(parent, path))

"The attributes of a file's root, a group or a dataset, which index like a dictionary."
struct Attributes
    file::File
    path::String
end

attributes(object::Union{File, Group, Dataset}) = Attributes(file_of(object), path_of(object))

Base.keys(a::Attributes) = String.(parse_json(text_of(C.h5sim_attr_keys, a.file.handle, a.path)))
Base.haskey(a::Attributes, name::AbstractString) = name in keys(a)
Base.length(a::Attributes) = length(keys(a))
function Base.iterate(a::Attributes, names = keys(a))
    isempty(names) && return nothing
    return first(names) => a[first(names)], names[2:end]
end

Base.show(io::IO, a::Attributes) = print(io, "H5Sim.Attributes(", repr(a.path), " of ", repr(a.file.path), ")")

function Base.getindex(a::Attributes, name::AbstractString)
    dtype, rank, shape = Ref(Int32(0)), Ref(Int32(0)), zeros(Int64, C.H5SIM_MAX_RANK)
    check(C.h5sim_attr_info(a.file.handle, a.path, name, dtype, rank, shape))
    if dtype[] == C.H5SIM_TEXT
        rank[] == 0 && return text_of(C.h5sim_get_attr_text, a.file.handle, a.path, name)
        found = parse_json(text_of(C.h5sim_get_attr_texts, a.file.handle, a.path, name))
        return reshape(flatten!(String[], found), reverse(shape[1:rank[]])...)
    end
    T = get(ELEMENT_TYPES, dtype[], Float64)
    A = Array{T}(undef, reverse(shape[1:rank[]])...)
    GC.@preserve A check(C.h5sim_get_attr(a.file.handle, a.path, name, element_constant(T), length(A), pointer(A)))
    return rank[] == 0 ? A[] : A
end

function Base.setindex!(a::Attributes, value::Union{Number, AbstractArray}, name::AbstractString)
    A = side_by_side(as_array(value))
    GC.@preserve A check(C.h5sim_set_attr(a.file.handle, a.path, name, element_constant(eltype(A)), ndims(A), reversed(size(A)),
                                          pointer(A)))
end

Base.setindex!(a::Attributes, text::AbstractString, name::AbstractString) =
    check(C.h5sim_set_attr_text(a.file.handle, a.path, name, text))

Base.setindex!(a::Attributes, texts::AbstractArray{<:AbstractString}, name::AbstractString) = set_texts(a, name, texts)

"Set an attribute to texts; with `fixed = true` they have the fixed length of the longest, which some readers need."
set_texts(a::Attributes, name, texts::AbstractString; options...) = set_texts(a, name, fill(texts); options...)
set_texts(a::Attributes, name, texts::AbstractArray{<:AbstractString}; options...) =
    check(C.h5sim_set_attr_texts(a.file.handle, a.path, name, ndims(texts), reversed(size(texts)), texts_of(texts),
                                 options_text(options)))

function Base.delete!(a::Attributes, name::AbstractString)
    check(C.h5sim_delete_attr(a.file.handle, a.path, name))
    return a
end

end # module H5Sim
