"""Datasets in the chunks of the newer format against NumPy and h5py: new_indexes.py SEED ROUNDS FOLDER

h5py makes a dataset of each kind of index; h5sim reads, writes, lengthens and appends to it in files that it opens again and again, and h5py
reads what it left, and goes on with it.
"""

import os
import sys

import h5py
import numpy as np

import h5sim_ctypes as h5sim

seed, rounds, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
random = np.random.default_rng(seed)
path = os.path.join(folder, "new.h5")
log = []

FILTERS = [{}, {}, dict(compression="gzip"), dict(compression="gzip", shuffle=True), dict(fletcher32=True), dict(shuffle=True)]


def values(shape, dtype):
    return random.integers(0, 100, shape).astype(dtype)


def chosen():
    """A dataset with one kind of index, now and then with many chunks: shape, largest shape, chunks."""
    kind = random.choice(["single", "implicit", "fixed", "fixed large", "extensible", "extensible behind", "extensible large", "tree"])
    rank = int(random.integers(1, 4))
    shape = [int(random.integers(1, 12)) for _ in range(rank)]
    chunk = [int(random.integers(1, extent + 1)) for extent in shape]
    most = list(shape)
    if kind == "single":
        chunk = list(shape)
    elif kind == "fixed large":
        shape, most, chunk = [2500, 2], [2500, 2], [1, 1]
    elif kind in ["fixed", "implicit"]:
        most = [extent + int(random.integers(0, 9)) for extent in shape]
    elif kind == "extensible":
        most = [None] + [extent + int(random.integers(0, 5)) for extent in shape[1:]]
    elif kind == "extensible behind":
        shape, chunk = shape + [5], chunk + [2]
        most = shape[:-1] + [None]
    elif kind == "extensible large":
        shape, chunk, most = [int(random.choice([10, 3000, 70000]))], [1], [None]
    elif kind == "tree":
        shape, chunk = shape + [6], chunk + [2]
        most = [None] + shape[1:-1] + [None]
    return kind, shape, most, chunk


def make(version):
    kind, shape, most, chunk = chosen()
    dtype = str(random.choice(["f8", ">f4", "i2", "u1", "c16", "?"]))
    options = dict(FILTERS[random.integers(0, len(FILTERS))])
    if dtype != "?" and dtype != "c16" and random.integers(0, 2):
        options["fillvalue"] = 7
    if dtype == "c16":
        options.pop("fletcher32", None)
    if kind == "implicit":
        for name in ["compression", "shuffle", "fletcher32"]:
            options.pop(name, None)
    model = np.full(shape, options.get("fillvalue", 0), dtype)
    log.append(f"{kind} {shape} {most} {chunk} {dtype} {options}")
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_chunk(tuple(chunk))
    if kind == "implicit":
        creation.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    with h5py.File(path, "w", libver=version) as file:
        group = file.create_group("group")
        if kind == "implicit":
            if "fillvalue" in options:
                creation.set_fill_value(np.array(7, dtype))
            space = h5py.h5s.create_simple(tuple(shape), tuple(most))
            h5py.h5d.create(group.id, b"data", h5py.h5t.py_create(np.dtype(dtype), logical=True), space, creation)
        else:
            options["track_order"] = bool(random.integers(0, 4) == 0)
            group.create_dataset("data", tuple(shape), dtype, maxshape=tuple(most), chunks=tuple(chunk), **options)
        dataset = group["data"]
        if random.integers(0, 3):
            part = random_part(model.shape)
            new = values(model[part].shape, dtype)
            dataset[part] = new
            model[part] = new
        for number in range(int(random.choice([0, 2, 10]))):
            dataset.attrs[f"number {number}"] = number
        file["other"] = np.arange(5.0)
    return model, most, options.get("fillvalue", 0)


def random_part(shape):
    def along(extent):
        start = int(random.integers(0, extent))
        return slice(start, int(random.integers(start + 1, extent + 1)), int(random.choice([1, 1, 2])))
    return tuple(along(extent) for extent in shape)


def text_of(part):
    return ",".join(f"{axis.start}:{axis.stop}:{axis.step}" for axis in part)


def longer(model, most, fill):
    """The array with larger extents, within the largest."""
    shape = [extent + (int(random.integers(0, 5)) if bound is None else int(random.integers(0, bound - extent + 1)))
             for extent, bound in zip(model.shape, most)]
    if model.ndim == 1 and random.integers(0, 4) == 0 and most[0] is None:
        shape[0] += int(random.choice([200, 3000]))
    grown = np.full(shape, fill, model.dtype)
    grown[tuple(slice(0, extent) for extent in model.shape)] = model
    return grown


def change(file, model, most, fill):
    """One change or question by h5sim; gives the array as it is then."""
    what = random.choice(["write", "write", "all", "read", "resize", "append", "attribute", "commit", "hdf5"])
    log.append(what)
    native = model.dtype.newbyteorder("=")
    if what == "write":
        part = random_part(model.shape)
        new = values(model[part].shape, native)
        file.write_slice("group/data", text_of(part), new)
        model[part] = new
    elif what == "all":
        new = values(model.shape, native)
        file.write_slice("group/data", None, new)
        model[...] = new
    elif what == "read":
        part = random_part(model.shape)
        assert np.array_equal(file.read("group/data", text_of(part), native), model[part]), part
    elif what == "resize":
        model = longer(model, most, fill)
        file.resize("group/data", model.shape)
    elif what == "append" and most[0] is None:
        for _ in range(int(random.choice([1, 3, 40, 2000 if model.ndim == 1 else 50]))):
            new = values(model.shape[1:], native)
            file.append("group/data", new)
            model = np.concatenate([model, new[None].astype(model.dtype)])
    elif what == "attribute":
        file.set_attr("group/data", f"ours {random.integers(0, 20)}", np.arange(float(random.integers(1, 30))))
    elif what == "commit":
        file.commit()
    elif what == "hdf5":
        # HDF5 sees the dataset, and has it from then on.
        file.layout("group/data")
    return model


def check(model):
    with h5py.File(path) as file:
        dataset = file["group/data"]
        assert dataset.shape == model.shape
        assert np.array_equal(dataset[...], model)
        dataset.id.get_num_chunks()
        for name in dataset.attrs:
            dataset.attrs[name]


for number in range(rounds):
    log.clear()
    version = [("latest", "latest"), ("v110", "v110"), ("v108", "latest"), ("earliest", "latest"), ("v112", "v114")][random.integers(0, 5)]
    log.append(f"seed {seed} round {number} {version}")
    try:
        model, most, fill = make(version)
        for _ in range(int(random.integers(1, 5))):
            with h5sim.File(path) as file:
                native = model.dtype.newbyteorder("=")
                assert np.array_equal(file.read("group/data", None, native), model), "r"
                part = random_part(model.shape)
                assert np.array_equal(file.read("group/data", text_of(part), native), model[part]), part
            log.append("r+")
            with h5sim.File(path, "r+") as file:
                for _ in range(int(random.integers(1, 7))):
                    model = change(file, model, most, fill)
                assert np.array_equal(file.read("group/data", None, native), model), "r+"
            check(model)
            if random.integers(0, 2):
                log.append("h5py")
                with h5py.File(path, "r+") as file:
                    model = longer(model, most, fill)
                    file["group/data"].resize(model.shape)
                    part = random_part(model.shape)
                    new = values(model[part].shape, model.dtype)
                    file["group/data"][part] = new
                    model[part] = new
                check(model)
    except BaseException:
        print("\n".join(log), file=sys.stderr)
        raise
