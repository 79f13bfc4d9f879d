"""Blocks of arrays, written, appended and read in one process, against NumPy and h5py: SEED CASES FOLDER."""

import itertools
import os
import sys

import h5py
import numpy as np

import random_cases as cases
from h5sim_ctypes import LIB, CODES, File, H5simError, fails, longs

seed, count, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
rng = np.random.default_rng(seed)
path = os.path.join(folder, "blocks.hdf5")


def decomposition(shape):
    """Blocks that together are an array of that shape, as pairs of start and shape, in any order: some axes are cut in up to four
    parts, some of them empty."""
    axes = []
    for extent in shape:
        cuts = np.sort(rng.integers(0, extent + 1, int(rng.integers(0, 4))))
        ends = [0, *map(int, cuts), extent]
        axes.append([(start, end - start) for start, end in zip(ends, ends[1:])])
    blocks = [tuple(zip(*block)) or ((), ()) for block in itertools.product(*axes)]
    return [blocks[number] for number in rng.permutation(len(blocks))]


def index_of(start, shape):
    return (*(slice(s, s + n) for s, n in zip(start, shape)), ...)


def in_memory(values):
    """An array as some code has it: in C order, in Fortran's, or inside other cells; and the memory that it lies in."""
    chosen = rng.random()
    if chosen < 0.25:
        return values, values.copy(order="C")
    if chosen < 0.5:
        return values, values.copy(order="F")
    whole, view = cases.strided(rng, values.dtype, values.shape)
    view[...] = values
    return whole, view


def values_of(dtype, shape):
    """Values of a type that convert to any narrower one of its kind."""
    values = rng.integers(0, 2 if dtype == "?" else 100, shape) if dtype[0] in "?iu" else rng.normal(size=shape)
    return np.asarray(values * (1 + 2j) if dtype[0] == "c" else values).astype(dtype)


def stored_options(dtype, shape):
    """Options for a new dataset, the type that it has then, and its fill value."""
    options = cases.filters(rng, shape, dtype)
    stored = dtype
    if dtype == "f8" and rng.random() < 0.4:
        stored = options["dtype"] = "f4"
    fill = 0
    if dtype[0] in "fiu" and rng.random() < 0.3:
        fill = options["fillvalue"] = 7
    return options, stored, fill


def writes():
    expected = {}
    file = File(path, "w")
    for case in range(count):
        name = f"{case % 10}/{case}"
        dtype = str(rng.choice(cases.TYPES))
        shape = cases.shape(rng, int(rng.integers(0, 5)), 9)
        if rng.random() < 0.05:
            # Larger than what waits in memory, and than what is packed at once.
            shape = (3, int(rng.integers(200, 400)), int(rng.integers(200, 400)))
        options, stored, fill = stored_options(dtype, shape)
        whole = values_of(dtype, shape)
        kept = np.full(shape, fill, stored)
        for start, extents in decomposition(shape):
            if rng.random() < 0.1 and np.prod(extents) > 0:
                continue
            _, block = in_memory(whole[index_of(start, extents)])
            file.write_block(name, block, shape, start, **options)
            kept[index_of(start, extents)] = block.astype(stored)
            if rng.random() < 0.1:
                assert cases.same(file.read(name), kept), (name, dtype, shape, options)
            if rng.random() < 0.05:
                file.commit()
            if rng.random() < 0.02:
                file.close()
                file = File(path, "r+")
        if file.exists(name) is None:
            continue
        expected[name] = kept
        assert cases.same(file.read(name), kept), (name, dtype, shape, options)
        for start, extents in decomposition(shape):
            around, block = in_memory(np.zeros(extents, kept.dtype))
            outside = np.array(around)
            file.read_block(name, block, start)
            assert cases.same(block, kept[index_of(start, extents)]), (name, dtype, shape, start, extents)
            # What is around it is as before.
            block[...] = 0
            assert cases.same(np.array(around), outside), (name, dtype, shape, start, extents)
    file.close()
    with h5py.File(path, "r") as file:
        for name, array in expected.items():
            assert cases.same(file[name][()], array), name


def ghost_cells():
    """What lies between the elements of a block is neither written nor touched."""
    field = rng.normal(size=(12, 9))
    kept = field.copy()
    with File(path, "w") as file:
        file.write_block("u", field[1:-1, 1:-1], (20, 7), (0, 0))
        file.write_block("u", field[1:-1, 1:-1][::-1], (20, 7), (10, 0))
        assert cases.same(field, kept)
        expected = np.concatenate([field[1:-1, 1:-1], field[-2:0:-1, 1:-1]])
        assert cases.same(file.read("u"), expected)
        back = field.copy()
        file.read_block("u", back[1:-1, 1:-1], (10, 0))
        kept[1:-1, 1:-1] = expected[10:]
        assert cases.same(back, kept)
        # Column by column.
        columns = np.asfortranarray(rng.normal(size=(5, 4)))
        file.write_block("columns", columns, (5, 8), (0, 4), chunks=[2, 3], compression="gzip")
        assert cases.same(file.read("columns", ":, 4:"), columns)
        assert not file.read("columns", ":, :4").any()


def series():
    """Records of which blocks are appended, among such as are whole, or have nothing."""
    expected = {}
    file = File(path, "w")
    for case in range(count // 4):
        name = f"{case}"
        dtype = str(rng.choice(cases.TYPES))
        shape = cases.shape(rng, int(rng.integers(0, 4)), 7)
        options, stored, fill = stored_options(dtype, shape)
        options.pop("maxshape", None)
        if "chunks" in options:
            chunks = options["chunks"] if rng.random() < 0.5 else list(shape)
            options["chunks"] = [int(rng.integers(1, 4)), *chunks]
        kept = []
        for _ in range(int(rng.integers(1, 9))):
            record = np.full(shape, fill, stored)
            chosen = rng.random()
            if chosen < 0.3:
                record = values_of(dtype, shape)
                file.append(name, record, **options)
            elif chosen < 0.5:
                _, record = in_memory(values_of(dtype, shape))
                file.append_block(name, record, shape, (0,) * len(shape), **options)
            else:
                blocks = decomposition(shape)
                start, extents = blocks[0]
                _, block = in_memory(values_of(dtype, extents))
                file.append_block(name, block, shape, start, **options)
                record[index_of(start, extents)] = block.astype(stored)
                for start, extents in blocks[1:]:
                    if rng.random() < 0.5:
                        continue
                    _, block = in_memory(values_of(dtype, extents))
                    text = ",".join(["-1", *(f"{s}:{s + n}" for s, n in zip(start, extents))])
                    file.write_from(name, block, text)
                    record[index_of(start, extents)] = block.astype(stored)
            kept.append(np.array(record.astype(stored)))
            if rng.random() < 0.2:
                file.commit()
            if rng.random() < 0.2:
                records = int(rng.integers(0, len(kept) + 1))
                file.truncate(name, records)
                kept = kept[:records]
            if rng.random() < 0.05:
                file.close()
                file = File(path, "r+")
            if rng.random() < 0.4:
                whole = np.array(kept, stored).reshape(len(kept), *shape)
                assert cases.same(file.read(name), whole), (name, dtype, shape, options)
        expected[name] = np.array(kept, stored).reshape(len(kept), *shape)
        assert cases.same(file.read(name), expected[name]), (name, dtype, shape, options)
        for step in range(len(kept)):
            for start, extents in decomposition(shape):
                back = np.empty((1, *extents), stored)
                file.read_block(name, back, (step, *start))
                assert cases.same(back[0], kept[step][index_of(start, extents)]), (name, step, start)
    file.close()
    with h5py.File(path, "r") as file:
        for name, array in expected.items():
            assert cases.same(file[name][()], array), name


def what_is_there():
    """A dataset that is there takes blocks of its shape, whatever its type, and is replaced only when that is asked for."""
    u = rng.normal(size=(4, 6))
    with File(path, "w") as file:
        file.write("narrow", u.astype("f4"), attrs={"unit": "m"})
        file.write_block("narrow", u[:2] * 2, (4, 6), (0, 0), dtype="i2", chunks=[1, 1])
        assert file.info("narrow") == ("F32", (4, 6)) and file.get_attr_text("narrow", "unit") == "m"
        assert cases.same(file.read("narrow"), np.concatenate([u[:2] * 2, u[2:]]).astype("f4"))
        for shape in [(4, 7), (5, 6), (24,), (4, 6, 1), ()]:
            message = fails("SHAPE", file.write_block, "narrow", np.zeros((0,) * len(shape) or (), "f8"), shape, (0,) * len(shape))
            assert "(4, 6)" in message and str(shape) in message and "'narrow'" in message and path in message, message
        # One that waits in memory.
        for case, (shape, start) in enumerate([((2, 3), (0, 0)), ((2, 2), (0, 1))]):
            file.write(f"g/{case}", np.zeros((2, 3)))
            file.write_block(f"g/{case}", np.ones(shape), (2, 3), start)
            assert file.read(f"g/{case}").sum() == np.prod(shape)
        fails("SHAPE", file.write_block, "g/0", np.zeros((3, 2)), (3, 2), (0, 0))
        # Written over, in place or anew.
        file.write_block("narrow", u[:1], (4, 6), (3, 0), overwrite=True, dtype="f4", attrs={"unit": "km"})
        assert cases.same(file.read("narrow", ":2"), (u[:2] * 2).astype("f4")), "an equal one is kept"
        assert file.get_attr_text("narrow", "unit") == "km"
        file.write_block("narrow", u[:1], (4, 6), (3, 0), overwrite=True)
        file.write_block("narrow", u[2:3], (4, 6), (0, 0), overwrite=True)
        expected = np.zeros((4, 6))
        expected[3], expected[0] = u[0], u[2]
        assert file.info("narrow") == ("F64", (4, 6)) and cases.same(file.read("narrow"), expected)
        assert file.attr_keys("narrow") == [], "it was replaced"
        file.write_block("narrow", u, (8, 6), (4, 0), overwrite=True, fillvalue=-1)
        assert cases.same(file.read("narrow"), np.concatenate([np.full((4, 6), -1.0), u]))
        # Not a dataset.
        fails("TYPE", file.write_block, "g", u, (4, 6), (0, 0))
        fails("EXISTS", file.write_block, "g", u, (4, 6), (0, 0), overwrite=True)
        fails("TYPE", file.append_block, "g", u, (4, 6), (0, 0))
        fails("TYPE", file.read_block, "g", u, (0, 0))
        fails("NOT_FOUND", file.read_block, "nothing", u, (0, 0))
        file.write_text("text", "t")
        fails("TYPE", file.write_block, "text", np.ones(()), (), ())
        fails("TYPE", file.read_block, "text", np.zeros(()), ())
        file.write("complex", u + 1j)
        fails("TYPE", file.write_block, "complex", u[:1], (4, 6), (0, 0))
        fails("TYPE", file.write_block, "complex", u[:0], (4, 6), (0, 0))
        assert cases.same(file.read("complex"), u + 1j)
        # A scalar is one block.
        file.write_block("scalar", np.array(2.5), (), ())
        file.write_block("scalar", np.array(3, "i4"), (), ())
        back = np.zeros(())
        file.read_block("scalar", back, ())
        assert back == 3 and file.info("scalar") == ("F64", ())
        # A series takes blocks of all of it, and blocks of records.
        file.append("s", u)
        file.append("s", u)
        file.write_block("s", u[np.newaxis, :2] + 1, (2, 4, 6), (1, 0, 0))
        assert cases.same(file.read("s", "1, :2"), u[:2] + 1) and cases.same(file.read("s", "1, 2:"), u[2:])
        fails("SHAPE", file.append_block, "s", u[:2], (4, 7), (0, 0))
        fails("SHAPE", file.append_block, "narrow", u[:2], (4, 6), (0, 0))
        assert file.info("s")[1] == (2, 4, 6)
        # A coordinate comes in the place of an axis that had none.
        file.write("v", u, dims=["row", "column"])
        file.commit()
        file.write_block("row", np.arange(2.0), (4,), (2,))
        assert file.dims("v") == ["row", "column"] and list(file.read("row")) == [0, 0, 0, 1]
        fails("SHAPE", file.write_block, "column", np.arange(2.0), (4,), (2,))
        # As many of them as one likes, and one that was read before.
        assert not file.read("column").any()
        file.write_block("column", np.arange(6.0), (6,), (0,), attrs={"units": "m"})
        assert list(file.read("column")) == list(range(6))
    with h5py.File(path, "r") as file:
        assert [scale.keys()[0] for scale in file["v"].dims] == ["row", "column"] and file["column"].attrs["units"] == "m"


def described():
    """The first block says what the dataset is."""
    with File(path, "w") as file:
        options = dict(dims=["y", "x"], attrs={"units": "K"}, chunks=[2, 2], compression="gzip", shuffle=True)
        for start in [(0, 0), (2, 0), (0, 2), (2, 2)]:
            file.write_block("t", np.full((2, 2), start[0] + start[1] + 1.0), (4, 4), start, **options)
        for step in range(2):
            file.append_block("s", np.full((2, 4), step), (4, 4), (0, 0), dims=["time", "y", "x"], attrs={"units": "m"})
        file.write_block("nothing", np.zeros((0, 4)), (4, 4), (2, 0), **options)
        file.append_block("none", np.zeros((4, 0)), (4, 4), (0, 9), fillvalue=-1)
    with h5py.File(path, "r") as file:
        t = file["t"]
        assert t.chunks == (2, 2) and t.compression == "gzip" and t.shuffle and t.attrs["units"] == "K"
        assert [label[0].name for label in t.dims] == ["/y", "/x"]
        assert t[3, 3] == 5 and t[0, 0] == 1 and t[0, 3] == 3
        assert file["s"].shape == (2, 4, 4) and file["s"].attrs["units"] == "m" and file["s"].dims[0][0].name == "/time"
        assert file["nothing"].shape == (4, 4) and file["nothing"].chunks == (2, 2) and not file["nothing"][()].any()
        assert file["none"].shape == (1, 4, 4) and (file["none"][()] == -1).all()


def errors():
    """What leaves the array is refused, and nothing is made."""
    u = np.zeros((2, 3))
    largest = 2**63 - 1
    with File(path, "w") as file:
        file.write("a", np.ones((4, 6)))
        file.append("s", np.ones((4, 6)))
        bad = [((4, 6), (3, 0)), ((4, 6), (0, 4)), ((4, 6), (-1, 0)), ((4, 6), (0, -3)), ((4, 6), (largest, 0)), ((4, 6), (0, largest)),
               ((1, 6), (0, 0)), ((0, 6), (0, 0)), ((-4, 6), (0, 0)), ((4, -6), (0, 0)), ((largest, largest), (0, 0))]
        for name in ["a", "new/group/x", "s"]:
            for shape, start in bad:
                for call in [file.write_block, file.append_block]:
                    message = fails("SHAPE", call, name, u, shape, start)
                    assert f"'{name}'" in message and path in message, message
        for start in [(3, 0), (0, 4), (-1, 0), (largest, 0)]:
            assert "'a'" in fails("SHAPE", file.read_block, "a", u, start)
        assert "axis 1" in fails("SHAPE", file.write_block, "a", u, (4, 6), (0, 4))
        assert "start[1] is -3" in fails("SHAPE", file.write_block, "a", u, (4, 6), (0, -3))
        assert "global_shape[0] is -4" in fails("SHAPE", file.append_block, "s", u, (-4, 6), (0, 0))
        fails("SHAPE", file.read_block, "a", np.zeros(3), (0,))
        fails("SHAPE", file.read_block, "a", np.zeros((1, 2, 3)), (0, 0, 0))
        # Blocks without elements may be anywhere, but not at negative places.
        empty = np.zeros((0, 3))
        for call in [lambda *a: file.write_block("a", empty, (4, 6), *a), lambda *a: file.read_block("a", empty, *a)]:
            call((9, 9))
            fails("SHAPE", call, (-1, 0))
        # A negative extent of the block.
        for extents in [(-2, 3), (2, -3)]:
            status = LIB.h5sim_write_block(file.handle, b"new/x", CODES[np.dtype("f8")], 2, longs((4, 6)), longs((0, 0)),
                                           longs(extents), None, u.ctypes.data, None)
            assert status == -5, status
        for options, status in [({"chunks": [9]}, "SHAPE"), ({"nonsense": 1}, "ARGUMENT"), ({"compression": "nonsense"}, "ARGUMENT"),
                                ({"dims": ["y"]}, "SHAPE"), ({"dtype": "c16"}, "TYPE"), ({"records": 1}, "ARGUMENT")]:
            fails(status, file.write_block, "new/x", u, (4, 6), (0, 0), **options)
        for options, status in [({"chunks": [9]}, "SHAPE"), ({"records": 2}, "ARGUMENT"), ({"overwrite": True}, "ARGUMENT")]:
            fails(status, file.append_block, "new/x", u, (4, 6), (0, 0), **options)
            fails(status, file.append_block, "new/y", np.zeros((4, 6)), (4, 6), (0, 0), **options)
        file.append_block("new s", u, (4, 6), (0, 0), records=0)
        assert file.info("new s")[1] == (0, 4, 6)
        file.delete("new s")
        assert file.keys() == ["a", "s"] and (file.read("a") == 1).all() and file.info("s")[1] == (1, 4, 6)
    with File(path) as file:
        fails("READ_ONLY", file.write_block, "a", u, (4, 6), (0, 0))
        fails("READ_ONLY", file.append_block, "s", u, (4, 6), (0, 0))
        file.read_block("a", u, (2, 3))
        assert (u == 1).all()
    try:
        file.write_block("a", u, (4, 6), (0, 0))
    except H5simError as error:
        assert error.status == "H5SIM_ERR_HANDLE"
    else:
        raise AssertionError("a closed file was written")


def two_handles():
    """Two handles of one file write blocks of one array, and each sees the other's."""
    with File(path, "w") as one, File(path, "r+") as other:
        whole = rng.normal(size=(6, 8))
        for number, (start, extents) in enumerate(decomposition(whole.shape)):
            [one, other][number % 2].write_block("u", whole[index_of(start, extents)], whole.shape, start)
        assert cases.same(one.read("u"), whole) and cases.same(other.read("u"), whole)
        one.append_block("s", whole[:3], whole.shape, (0, 0))
        other.append_block("s", whole[3:], whole.shape, (3, 0))
        assert cases.same(one.read("s", "1, 3:"), whole[3:]) and not one.read("s", "1, :3").any()


writes()
ghost_cells()
series()
what_is_there()
described()
errors()
two_handles()
