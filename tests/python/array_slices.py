"""Slices and hyperslabs, read and written, against NumPy: SEED CASES FOLDER."""

import os
import sys

import h5py
import numpy as np

import random_cases as cases
from h5sim_ctypes import File, fails

seed, count, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
rng = np.random.default_rng(seed)
path = os.path.join(folder, "slices.hdf5")


def some_dataset(file, name):
    """A dataset of any type, shape and layout, and NumPy's copy of it."""
    array = cases.array(rng, rng.choice(cases.TYPES), cases.shape(rng))
    file.write(name, array, **cases.filters(rng, array.shape, array.dtype))
    return array


def slices():
    expected = {}
    with File(path, "w") as file:
        for case in range(count // 10):
            name = f"{case}"
            array = some_dataset(file, name)
            for _ in range(5):
                text, index = cases.slice_of(rng, array.shape)
                found = np.asarray(array[index])
                assert file.slice_shape(name, text) == found.shape, (name, array.shape, text)
                assert cases.same(file.read(name, text), found), (name, array.shape, text)
                whole, target = cases.strided(rng, array.dtype, found.shape)
                file.read_into(name, target, text)
                assert cases.same(target, found), (name, array.shape, text, target.strides)
            for _ in range(5):
                text, index = cases.slice_of(rng, array.shape)
                new = cases.array(rng, array.dtype, np.asarray(array[index]).shape)
                file.write_slice(name, text, new)
                array[index] = new
                assert cases.same(file.read(name), array), (name, array.shape, text)
                _, new = cases.strided(rng, array.dtype, new.shape)
                file.write_from(name, new, text)
                array[index] = new
                assert cases.same(file.read(name), array), (name, array.shape, text, new.strides)
            expected[name] = array
    with h5py.File(path, "r") as file:
        for name, array in expected.items():
            assert cases.same(file[name][()], array), name


def block_index(start, stride, count, block):
    """The indices along each axis that a hyperslab selects."""
    return np.ix_(*[
        [s + i * step + j for i in range(n) for j in range(width)]
        for s, step, n, width in zip(start, stride, count, block)
    ])


def hyperslabs():
    with File(path, "w") as file:
        for case in range(count // 10):
            name = f"{case}"
            array = cases.array(rng, rng.choice(cases.TYPES), cases.shape(rng, int(rng.integers(1, 5)), 9))
            file.write(name, array, **cases.filters(rng, array.shape, array.dtype))
            for _ in range(4):
                start, stride, number, block = [], [], [], []
                for length in array.shape:
                    width = int(rng.integers(1, 4))
                    step = width + int(rng.integers(0, 3))
                    room = max(0, (length - width) // step + 1) if length >= width else 0
                    blocks = int(rng.integers(0, room + 1))
                    last = (blocks - 1) * step + width if blocks > 0 else 0
                    start.append(int(rng.integers(0, length - last + 1)))
                    stride.append(step)
                    number.append(blocks)
                    block.append(width)
                index = block_index(start, stride, number, block)
                expected = array[index]
                found = file.read_hyperslab(name, start, number, stride, block, array.dtype)
                assert cases.same(found, expected), (name, array.shape, start, stride, number, block)
                new = cases.array(rng, array.dtype, expected.shape)
                file.write_hyperslab(name, new, start, number, stride, block)
                array[index] = new
                assert cases.same(file.read(name), array), (name, array.shape, start, stride, number, block)
            # Without stride and block: one cell after the other.
            simple = [int(rng.integers(0, n + 1)) for n in array.shape]
            extent = [int(rng.integers(0, n - s + 1)) for n, s in zip(array.shape, simple)]
            expected = array[tuple(slice(s, s + n) for s, n in zip(simple, extent))]
            assert cases.same(file.read_hyperslab(name, simple, extent, dtype=array.dtype), expected)
            # Past the end along one axis.
            axis = int(rng.integers(0, array.ndim))
            beyond, one = [0] * array.ndim, [1] * array.ndim
            beyond[axis] = array.shape[axis]
            fails("SHAPE", file.read_hyperslab, name, beyond, one, dtype=array.dtype)


def records():
    """Records out of memory with strides, large and small, as HDF5's Python reads them."""
    expected = {}
    with File(path, "w") as file:
        for case in range(count // 10):
            name = f"{case}"
            dtype = rng.choice(cases.TYPES)
            shape = cases.shape(rng, int(rng.integers(0, 4)), 9)
            if rng.random() < 0.2:
                # Larger than what is packed before it is appended.
                shape = (3, int(rng.integers(60, 90)), int(rng.integers(400, 500)))
            options = {}
            # Chunks cannot be larger than the data, nor empty.
            if 0 not in shape and rng.random() < 0.5:
                options["chunks"] = [int(rng.integers(1, 4)), *shape]
            if rng.random() < 0.3:
                options["compression"] = "gzip"
            kept = []
            for _ in range(int(rng.integers(1, 6))):
                if rng.random() < 0.7:
                    _, record = cases.strided(rng, dtype, shape)
                    file.append_from(name, record, **options)
                else:
                    record = cases.array(rng, dtype, shape)
                    file.append(name, record, **options)
                kept.append(np.array(record))
                if rng.random() < 0.2:
                    file.commit()
                if rng.random() < 0.3:
                    assert cases.same(file.read(name), np.stack(kept)), (name, dtype, shape, options)
            expected[name] = np.stack(kept)
        # None, and one, may be asked for by name; several have no distance from each other.
        field = np.arange(42.0).reshape(6, 7)
        file.append_from("field", field[1:-1, 1:-1], records=1)
        file.append_from("field", field[1:-1, 1:-1], records=0)
        for few in (field[1:-1, 1:-1], field):
            assert "records" in fails("ARGUMENT", file.append_from, f"several{few.size}", few, records=2)
            assert file.exists(f"several{few.size}") is None
        fails("SHAPE", file.append_from, "field", field)
        expected["field"] = field[np.newaxis, 1:-1, 1:-1]
    with h5py.File(path, "r") as file:
        for name, array in expected.items():
            assert cases.same(file[name][()], array), name


def errors():
    with File(path, "w") as file:
        file.write("a", np.zeros((4, 5)))
        file.write("scalar", np.float64(1))
        for text in ["4", "-5", "0,5", "0,0,0", "::0", "...,...", "a", "[1", "1]", "1;2", "0x1", "1 2", "1.0", ":::", "[[0]]"]:
            try:
                np.zeros((4, 5))[eval(f"np.s_[{text}]")]
                numpy_takes_it = True
            except Exception:
                numpy_takes_it = False
            assert not numpy_takes_it or text in ["0x1", "[[0]]"], text
            try:
                file.slice_shape("a", text)
            except Exception as error:
                assert error.status in ["H5SIM_ERR_SHAPE", "H5SIM_ERR_ARGUMENT"], (text, error)
                assert text in error.message, (text, error)
            else:
                raise AssertionError(f"{text} was accepted")
        assert file.slice_shape("scalar", "...") == () and file.read("scalar", "[...]")[()] == 1
        fails("SHAPE", file.slice_shape, "scalar", "0")
        # The wrong number of elements.
        fails("SHAPE", file.write_slice, "a", "0", np.zeros(4))
        fails("SHAPE", file.write_from, "a", np.zeros(4), "0")
        fails("SHAPE", file.write_from, "a", np.zeros((1, 5)), "0")
        fails("NOT_FOUND", file.write_from, "b", np.zeros(4))
        assert not file.read("a").any()


slices()
hyperslabs()
records()
errors()
