"""Series against NumPy and h5py: series.py SEED ROUNDS FOLDER"""

import ctypes
import os
import sys

import h5py
import numpy as np

import h5sim_ctypes as h5sim

seed, rounds, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
random = np.random.default_rng(seed)


def append(file, path, records, **options):
    """Appends all of `records`, whose first axis counts them, in one call."""
    records = np.asarray(records, order="C")
    options["records"] = len(records)
    shape = records.shape[1:]
    h5sim.check(h5sim.LIB.h5sim_append(
        file.handle, path.encode(), h5sim.CODES[records.dtype], len(shape), h5sim.longs(shape),
        h5sim.address(records), h5sim.options_argument(options)))


# What was done to the series at hand.
log = []


def values(count, record, dtype):
    shape = (count, *record)
    if np.dtype(dtype).kind == "b":
        return random.integers(0, 2, shape).astype(bool)
    if np.dtype(dtype).kind in "iu":
        return random.integers(0, 100, shape).astype(dtype)
    smooth = np.sin(np.arange(int(np.prod(shape))) / 100).reshape(shape) + 1e-6 * random.standard_normal(shape)
    return smooth.astype(dtype)


CREATIONS = [
    {},
    dict(compression="gzip"),
    dict(compression="gzip", shuffle=True, compression_opts=1),
    dict(compression="gzip", shuffle=True, fletcher32=True),
    dict(fletcher32=True),
    dict(shuffle=True),
    dict(dtype=">f4"),
    dict(dtype="f4", compression="gzip"),
    dict(compression="gzip", fillvalue=7, threads=3),
]


def random_series():
    """Appends, commits, reads, overwrites, closes and opens at random; NumPy does the same."""
    record = [(), (8,), (1,), (3, 5), (0,), (40, 40), (2, 3, 4)][random.integers(0, 7)]
    dtype = ["f8", "f8", "f4", "i4", "u2", "c16", "?"][random.integers(0, 7)]
    creation = dict(CREATIONS[random.integers(0, len(CREATIONS))])
    if np.dtype(dtype).kind in "b":
        creation.pop("fillvalue", None)
    if np.dtype(dtype).kind in "bc":
        creation.pop("dtype", None)
    path = os.path.join(folder, "random.h5")
    stored = np.dtype(creation.get("dtype", dtype))
    expected = np.zeros((0, *record), stored)
    log.clear()
    log.append((record, dtype, creation))
    how = random.integers(0, 3)
    if how == 0 and 0 not in record:
        # Begun by h5py.
        with h5py.File(path, "w") as file:
            chunks = tuple(int(random.integers(1, n + 3)) for n in (20, *record))
            chunks = tuple(min(c, n) if n else 1 for c, n in zip(chunks, (chunks[0], *record)))
            filters = {key: creation[key] for key in ["compression", "shuffle", "fletcher32"] if key in creation}
            if random.integers(0, 4) == 0 and stored.kind in "iu":
                filters = dict(scaleoffset=0)
            expected = values(random.integers(0, 50), record, stored)
            log.append((chunks, filters))
            file.create_dataset("g/s", data=expected, maxshape=(None, *record), chunks=chunks, **filters)
        creation = {}
        file = h5sim.File(path, "r+")
    else:
        if how == 1 and 0 not in record:
            creation["chunks"] = [int(random.integers(1, n + 1)) for n in (30, *record)]
        log.append(creation)
        file = h5sim.File(path, "w", durability=["none", "kill"][random.integers(0, 2)])
    for _ in range(random.integers(1, 40)):
        what = random.integers(0, 12)
        log.append((what, len(expected)))
        if what < 7:
            count = int(random.choice([0, 1, 1, 1, 2, 7, 31, 500]))
            new = values(count, record, dtype)
            if count == 1 and random.integers(0, 2):
                file.append("g/s", new[0], **creation)
            else:
                append(file, ["g/s", "/g//s"][random.integers(0, 2)], new, **creation)
            expected = np.concatenate([expected, new.astype(stored)])
        elif what == 7:
            file.commit()
        elif what == 8 and file.exists("g/s"):
            start = int(random.integers(0, len(expected) + 1))
            found = file.read("g/s", f"{start}:")
            np.testing.assert_array_equal(found, expected[start:])
        elif what == 9:
            file.close()
            if file_exists(path, "g/s"):
                check(path, "g/s", expected)
            file = h5sim.File(path, "r+")
        elif what == 10 and len(expected) and 0 not in record:
            start = int(random.integers(0, len(expected)))
            new = values(len(expected) - start, record, dtype)
            file.write_slice("g/s", f"{start}:", new)
            expected[start:] = new.astype(stored)
        elif what == 11 and file.exists("g/s"):
            if random.integers(0, 6) == 0:
                file.delete("g/s")
                stored = np.dtype(creation.get("dtype", dtype))
                expected = np.zeros((0, *record), stored)
            else:
                file.set_attr("g/s", "a", np.float64(1))
    exists = file.exists("g/s")
    file.close()
    if exists:
        check(path, "g/s", expected)


def file_exists(path, name):
    with h5py.File(path) as file:
        return name in file


def check(path, name, expected):
    with h5py.File(path) as file:
        found = file[name][...]
        assert found.shape == expected.shape, (found.shape, expected.shape)
        # Bit for bit.
        assert found.astype(found.dtype.newbyteorder("=")).tobytes() == expected.astype(
            expected.dtype.newbyteorder("=")
        ).tobytes()


def commits_do_not_grow_the_file():
    """10,000 commits of one record of 8 doubles against one of all."""
    data = values(10_000, (8,), "f8")
    sizes = {}
    for name, creation in [("gzip", dict(compression="gzip", shuffle=True)), ("plain", {})]:
        for often in [False, True]:
            path = os.path.join(folder, "commits.h5")
            with h5sim.File(path, "w") as file:
                for record in data:
                    file.append("s", record, **creation)
                    if often:
                        file.commit()
            check(path, "s", data)
            sizes[name, often] = os.path.getsize(path)
    print(sizes)
    for name in ["gzip", "plain"]:
        assert sizes[name, True] <= 1.2 * sizes[name, False], sizes


def thousands_of_series():
    data = values(30, (2000,), "f8")
    path = os.path.join(folder, "many.h5")
    with h5sim.File(path, "w") as file:
        for row in data:
            for index, value in enumerate(row):
                file.append(f"s/{index}", value)
        file.commit()
    with h5py.File(path) as file:
        for index in range(0, 2000, 37):
            np.testing.assert_array_equal(file[f"s/{index}"][...], data[:, index])
    size = os.path.getsize(path)
    assert size < 100 << 20, size


def large_records_are_split():
    data = values(3, (300, 1000), "f8")
    path = os.path.join(folder, "large.h5")
    with h5sim.File(path, "w") as file:
        for record in data:
            file.append("s", record, compression="gzip")
    with h5py.File(path) as file:
        assert file["s"].chunks == (1, 75, 1000), file["s"].chunks
    check(path, "s", data)


def refuse(status, words, call):
    try:
        call()
    except h5sim.H5simError as error:
        assert error.status == status, error
        for word in words:
            assert word in error.message, error
    else:
        raise AssertionError(f"expected {status}")


def errors():
    path = os.path.join(folder, "errors.h5")
    with h5py.File(path, "w") as file:
        file["contiguous"] = np.zeros((4, 3))
        file.create_dataset("limited", (2, 3), "f8", maxshape=(10, 3), chunks=(1, 3))
        file["group/x"] = 1
        file.create_dataset("text", (0,), h5py.string_dtype(), maxshape=(None,))
    with h5sim.File(path, "r+") as file:
        three = np.zeros(3)
        for name in ["contiguous", "limited"]:
            refuse("H5SIM_ERR_SHAPE", [name, "cannot grow"], lambda: file.append(name, three))
        refuse("H5SIM_ERR_TYPE", ["'group' is a group"], lambda: file.append("group", three))
        refuse("H5SIM_ERR_TYPE", ["text"], lambda: file.append("text", np.float64(1)))
        file.append("s", three)
        refuse("H5SIM_ERR_SHAPE", ["'s'", "(4,)", "(3,)"], lambda: file.append("s", np.zeros(4)))
        refuse("H5SIM_ERR_SHAPE", ["()", "(3,)"], lambda: file.append("s", np.float64(1)))
        refuse("H5SIM_ERR_TYPE", ["'s'", "c16", "f8"], lambda: file.append("s", three.astype("c16")))
        file.append("s", three.astype("i2"))
        for options in [dict(overwrite=True), dict(records=-1), dict(records=1.5), dict(maxshape=[9, 3]),
                        dict(quantize=0), dict(quantize=16), dict(chunks=[1]), dict(threads="x")]:
            try:
                file.append("t", three, **options)
            except h5sim.H5simError as error:
                assert error.status in ("H5SIM_ERR_ARGUMENT", "H5SIM_ERR_SHAPE"), error
                assert file.exists("t") is None
            else:
                raise AssertionError(options)
        status = h5sim.LIB.h5sim_append_f64(file.handle, b"s", 1, h5sim.longs([3]), None)
        assert h5sim.STATUS[status] == "H5SIM_ERR_ARGUMENT"
        status = h5sim.LIB.h5sim_append_f64(file.handle, b"s", 1, h5sim.longs([-3]), three.ctypes.data)
        assert h5sim.STATUS[status] == "H5SIM_ERR_SHAPE"
        assert file.info("s")[1] == (2, 3)
    with h5sim.File(path, "r") as file:
        refuse("H5SIM_ERR_READ_ONLY", [], lambda: file.append("s", np.zeros(3)))


def quantized():
    data = values(1000, (50,), "f8")
    path = os.path.join(folder, "quantized.h5")
    with h5sim.File(path, "w") as file:
        append(file, "s", data[:600], quantize=4)
    with h5sim.File(path, "r+") as file:
        append(file, "s", data[600:])
        file.write("w", data, quantize=4)
        file.create("c", "f4", (1000, 50), quantize=3)
        file.write_slice("c", "", data)
    with h5py.File(path) as file:
        assert file["s"].compression == "gzip" and file["s"].shuffle
        for name, digits in [("s", 4), ("w", 4), ("c", 3)]:
            found = file[name][...].astype("f8")
            assert file[name].attrs["_QuantizeGranularBitRoundNumberOfSignificantDigits"] == digits
            assert not np.array_equal(found, data)
            unit = 10.0 ** (np.floor(np.log10(np.abs(data))) - digits + 1)
            assert (np.abs(found - data) <= 0.5 * unit * (1 + 1e-6)).all()
        assert np.array_equal(file["s"][...], file["w"][...])
        assert file["w"].id.get_storage_size() < data.nbytes / 3


for _ in range(rounds):
    try:
        random_series()
    except BaseException:
        print(log)
        raise
commits_do_not_grow_the_file()
thousands_of_series()
large_records_are_split()
errors()
quantized()
