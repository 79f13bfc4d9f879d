"""Many small chunks, written in any order, against NumPy and h5py: many_chunks.py SEED ROUNDS FOLDER

Whole chunks and parts of some, of numbers of several types, while the extents grow along all axes; files are committed, closed and opened again, and
h5py reads what is in them.
"""

import os
import sys

import h5py
import numpy as np

import h5sim_ctypes as h5sim

seed, rounds, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
print("seed", seed, flush=True)
random = np.random.default_rng(seed)
path = os.path.join(folder, "many.h5")


def values(shape, dtype):
    """Numbers that fit into any type, with fractions if they can have some."""
    numbers = random.integers(0, 120, shape).astype(dtype)
    return numbers + random.random(shape).astype(dtype) if np.dtype(dtype).kind == "f" else numbers


def part_of(shape, chunk):
    """A chunk, some chunks or any part, as slices."""
    how = random.integers(0, 3)

    def along(extent, length):
        if how == 2:
            start = int(random.integers(0, extent))
            return slice(start, int(random.integers(start + 1, extent + 1)), int(random.choice([1, 1, 3])))
        first = int(random.integers(0, -(-extent // length)))
        last = first if how == 0 else int(random.integers(first, min(first + 5, -(-extent // length))))
        return slice(first * length, min((last + 1) * length, extent), 1)

    return tuple(along(extent, length) for extent, length in zip(shape, chunk))


def text_of(part):
    return ", ".join(f"{axis.start}:{axis.stop}:{axis.step}" for axis in part)


def longer(model, most, fill):
    shape = [extent + (int(random.integers(0, 7)) if bound is None else 0) for extent, bound in zip(model.shape, most)]
    grown = np.full(shape, fill, model.dtype)
    grown[tuple(slice(0, extent) for extent in model.shape)] = model
    return grown


def program():
    rank = int(random.integers(1, 4))
    shape = [int(random.integers(1, [0, 2000, 50, 14][rank])) for _ in range(rank)]
    chunk = [int(random.integers(1, min(4, extent) + 1)) for extent in shape]
    most = [None if random.integers(0, 2) else extent for extent in shape]
    dtype = str(random.choice(["f8", "f4", "i4", "u1", "i8"]))
    fill = int(random.choice([0, 0, 7]))
    options = {"chunks": chunk, "maxshape": most, "fillvalue": fill}
    if random.integers(0, 4) == 0:
        options["compression"] = 1
    libver = str(random.choice(["earliest", "latest"]))
    said = (shape, chunk, most, dtype, options, libver)
    model = np.full(shape, fill, dtype)
    file = h5sim.File(path, "w", libver=libver)
    file.create("data", dtype, shape, **options)
    for _ in range(int(random.integers(1, 5))):
        for _ in range(int(random.choice([3, 40, 400]))):
            part = part_of(model.shape, chunk)
            new = values(model[part].shape, random.choice([dtype, "f8", "f4", "i4"]))
            file.write_slice("data", text_of(part), new)
            model[part] = new
            if random.integers(0, 12) == 0:
                model = longer(model, most, fill)
                file.resize("data", model.shape)
            if random.integers(0, 20) == 0:
                part = part_of(model.shape, chunk)
                assert np.array_equal(file.read("data", text_of(part)), model[part]), (said, part)
            if random.integers(0, 60) == 0:
                file.commit()
        assert np.array_equal(file.read("data"), model), said
        file.close()
        with h5py.File(path) as theirs:
            found = theirs["data"]
            assert found.shape == model.shape and np.array_equal(found[()], model), said
        file = h5sim.File(path, "r+")
    file.close()


for _ in range(rounds):
    program()
