"""Arrays of every type and shape between h5sim and h5py, both ways: SEED CASES FOLDER."""

import os
import sys
import warnings

import h5py
import numpy as np

import random_cases as cases
from h5sim_ctypes import DTYPES, File

warnings.simplefilter("ignore", RuntimeWarning)
seed, count, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
rng = np.random.default_rng(seed)


def ours_read_by_h5py():
    path = os.path.join(folder, "ours.hdf5")
    written = {}
    with File(path, "w", libver=str(rng.choice(["earliest", "latest"]))) as file:
        for case in range(count):
            dtype = cases.TYPES[case % len(cases.TYPES)]
            shape = cases.shape(rng)
            options = cases.filters(rng, shape, dtype)
            name = f"group{case % 7}/{case}"
            if rng.random() < 0.5:
                _, array = cases.strided(rng, dtype, shape)
                file.write(name, array, strided=True, **options)
            else:
                array = cases.array(rng, dtype, shape)
                file.write(name, array, **options)
            written[name] = (array, options)
            assert cases.same(file.read(name), array), (name, dtype, shape, options)
    with h5py.File(path, "r") as file:
        for name, (array, options) in written.items():
            dataset = file[name]
            assert cases.same(dataset[()], array), (name, array.dtype, array.shape, options)
            assert dataset.chunks == (tuple(options["chunks"]) if options else None)
            assert dataset.compression == options.get("compression")
            assert dataset.compression_opts == options.get("compression_opts")
            assert dataset.shuffle == options.get("shuffle", False)
            assert dataset.fletcher32 == options.get("fletcher32", False)
            assert list(dataset.maxshape) == list(options.get("maxshape", array.shape))


def h5pys_read_by_ours():
    path = os.path.join(folder, "h5py.hdf5")
    written = {}
    with h5py.File(path, "w", libver=str(rng.choice(["earliest", "latest"]))) as file:
        for case in range(count):
            dtype = np.dtype(cases.TYPES[case % len(cases.TYPES)])
            shape = cases.shape(rng)
            array = cases.array(rng, dtype, shape)
            # Half of them big-endian in the file.
            stored = dtype.newbyteorder(">") if rng.random() < 0.5 else dtype
            options = cases.filters(rng, shape, dtype)
            options = {key: tuple(value) if isinstance(value, list) else value for key, value in options.items()}
            file.create_dataset(f"{case}", data=array.astype(stored), **options)
            written[f"{case}"] = array
    with File(path, "r") as file:
        for name, array in written.items():
            assert file.info(name) == (DTYPES[next(n for n in DTYPES if np.dtype(n) == array.dtype)], array.shape)
            assert cases.same(file.read(name), array), (name, array.dtype, array.shape)
            whole, target = cases.strided(rng, array.dtype, array.shape)
            expected = whole.copy(order="K")
            file.read_into(name, target)
            assert cases.same(target, array), (name, array.dtype, array.shape, target.strides)
            # Nothing around the target was touched.
            if array.size > 0:
                offset = target.ctypes.data - whole.ctypes.data
                np.ndarray(target.shape, target.dtype, memory_of(expected), offset, target.strides)[...] = target
            assert cases.same(whole, expected), (name, array.dtype, array.shape)


def memory_of(array):
    """The bytes of an array whose axes may be in any order."""
    return array.transpose(np.argsort([-step for step in array.strides], kind="stable")).data


def nothing_around_a_strided_target_is_touched():
    path = os.path.join(folder, "ghosts.hdf5")
    field = cases.array(rng, "f8", (7, 5))
    with File(path, "w") as file:
        file.write("field", field)
        for order in "CF":
            memory = np.full((11, 9), 7.5, order=order)
            file.read_into("field", memory[2:9, 2:7])
            assert cases.same(memory[2:9, 2:7], field)
            memory[2:9, 2:7] = 7.5
            assert (memory == 7.5).all()


def conversions():
    """What HDF5 converts is converted as h5py does it."""
    path = os.path.join(folder, "convert.hdf5")
    numbers = [name for name in cases.TYPES if np.dtype(name).kind in "fiu"]
    values = {
        "f": np.array([0.0, -0.5, 1.75, 100.0, -3.0]),
        "i": np.array([0, -1, 1, 100, -3]),
        "u": np.array([0, 1, 2, 100, 3]),
    }
    with File(path, "w") as file:
        for name in numbers:
            file.write(name, values[np.dtype(name).kind].astype(name))
        for name in numbers:
            # Stored as another type than it has in memory.
            file.write(f"stored/{name}", np.array([1, 2, 100], "f8"), dtype=name)
            file.create(f"sliced/{name}", name, [3])
            file.write_slice(f"sliced/{name}", None, np.array([1, 2, 100], "i4"))
        for narrow in ["c8", "c16"]:
            file.write(narrow, np.array([1 + 2j, -0.5 - 0.25j]).astype(narrow))
    with h5py.File(path, "r") as theirs, File(path, "r") as file:
        for name in numbers:
            assert theirs[f"stored/{name}"].dtype == np.dtype(name)
            assert theirs[f"stored/{name}"][()].tolist() == [1, 2, 100]
            assert theirs[f"sliced/{name}"][()].tolist() == [1, 2, 100]
            for wanted in numbers:
                found = file.read(name, dtype=wanted)
                expected = np.empty(5, wanted)
                theirs[name].read_direct(expected)
                assert cases.same(found, expected), (name, wanted, found, expected)
        for name in ["c8", "c16"]:
            for wanted in ["c8", "c16"]:
                assert file.read(name, dtype=wanted).tolist() == [1 + 2j, -0.5 - 0.25j]


def layouts():
    """Scalars, empty axes, rank 32, and fill values."""
    path = os.path.join(folder, "layouts.hdf5")
    with File(path, "w") as file:
        file.write("scalar", np.float64(3.5))
        file.write("empty", np.zeros((0, 3)))
        file.write("deep", np.arange(4.0).reshape((1,) * 30 + (2, 2)))
        file.create("filled", "i4", [2, 2], fillvalue=7)
        file.create("zeros", "f8", [2])
        file.create("nan", "f8", [2], fillvalue=float("nan"))
        file.create("growing", "f4", [0, 2], maxshape=[None, 2], chunks=[4, 2])
    with h5py.File(path, "r") as file:
        assert file["scalar"].shape == () and file["scalar"][()] == 3.5
        assert file["empty"].shape == (0, 3)
        assert file["deep"].shape == (1,) * 30 + (2, 2) and file["deep"][()].ravel().tolist() == [0, 1, 2, 3]
        assert file["filled"][()].tolist() == [[7, 7], [7, 7]] and file["filled"].fillvalue == 7
        assert file["zeros"][()].tolist() == [0, 0]
        assert np.isnan(file["nan"][()]).all()
        assert file["growing"].maxshape == (None, 2) and file["growing"].chunks == (4, 2)
    with File(path, "r") as file:
        assert file.read("deep").shape == (1,) * 30 + (2, 2)
        assert file.read("empty").shape == (0, 3)
        assert file.read("scalar")[()] == 3.5 and file.slice_shape("scalar") == ()


ours_read_by_h5py()
h5pys_read_by_ours()
nothing_around_a_strided_target_is_touched()
conversions()
layouts()
