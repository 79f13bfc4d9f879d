"""Compressed datasets against NumPy and h5py: compressed.py SEED ROUNDS FOLDER

Random parts are written over and over, by several threads; NumPy does the same.
"""

import os
import sys

import h5py
import hdf5plugin  # noqa: F401  (lets h5py read Zstandard)
import numpy as np

import h5sim_ctypes as h5sim

seed, rounds, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
random = np.random.default_rng(seed)
path = os.path.join(folder, "compressed.h5")
log = []

FILTERS = [
    dict(compression="gzip"),
    dict(compression="gzip", compression_opts=0),
    dict(compression="gzip", compression_opts=9, shuffle=True),
    dict(compression="gzip", shuffle=True, fletcher32=True),
    dict(compression="zstd", shuffle=True),
    dict(compression="zstd", compression_opts=7, fletcher32=True),
    dict(fletcher32=True),
    dict(shuffle=True),
]


def values(shape, dtype):
    kind = np.dtype(dtype).kind
    if kind == "b":
        return random.integers(0, 2, shape).astype(bool)
    if kind in "iu":
        return random.integers(0, 100, shape).astype(dtype)
    noise = random.standard_normal(shape)
    return (np.round(noise, 2) if random.integers(0, 2) else noise).astype(dtype)


def random_range(extent):
    start = int(random.integers(0, extent))
    stop = int(random.integers(start + 1, extent + 1))
    step = int(random.choice([1, 1, 1, 2, 3]))
    return slice(start, stop, step)


def random_dataset():
    shape = [(50,), (2000,), (30, 40), (128, 65), (9, 10, 11), (300, 300), (64, 64, 64)][random.integers(0, 7)]
    stored, memory = [("f8", "f8"), ("f4", "f8"), (">f8", "f8"), ("i4", "i2"), ("u1", "u1"), ("?", "?"), ("c8", "c16"),
                      ("f4", "i4")][random.integers(0, 8)]
    options = dict(FILTERS[random.integers(0, len(FILTERS))])
    if random.integers(0, 2):
        options["chunks"] = [int(random.integers(max(1, n // 8), n + 1)) for n in shape]
    if np.dtype(stored).kind not in "bc" and random.integers(0, 2):
        options["fillvalue"] = 7
    if memory != stored:
        options["dtype"] = stored
    options["threads"] = int(random.integers(0, 4))
    log[:] = [(shape, stored, memory, options)]
    expected = np.full(shape, options.get("fillvalue", 0), stored)
    with h5sim.File(path, "w", threads=3) as file:
        if random.integers(0, 2):
            options.pop("dtype", None)
            expected = expected.astype(expected.dtype.newbyteorder("="))
            file.create("d", expected.dtype, shape, **options)
        else:
            data = values(shape, memory)
            strided = bool(random.integers(0, 2)) and len(shape) > 1
            file.write("d", np.asfortranarray(data) if strided else data, strided=strided, **options)
            expected[...] = data
        for _ in range(random.integers(0, 6)):
            part = tuple(random_range(n) for n in shape)
            if random.integers(0, 4) == 0:
                part = (slice(None),) * len(shape)
            text = ",".join(f"{s.start or ''}:{s.stop or ''}:{s.step or 1}" for s in part)
            log.append(text)
            data = values(expected[part].shape, memory)
            if random.integers(0, 3) == 0 and part[0].start is not None:
                start = [s.start for s in part]
                file.write_hyperslab("d", data, start, list(data.shape), stride=[s.step for s in part])
            else:
                file.write_slice("d", text, data)
            expected[part] = data
            if random.integers(0, 3) == 0:
                np.testing.assert_array_equal(file.read("d"), expected)
    with h5py.File(path) as file:
        found = file["d"][...]
        assert found.tobytes() == expected.tobytes()
        info = file["d"].id
        for index in range(info.get_num_chunks()):
            assert info.get_chunk_info(index).filter_mask == 0
    with h5sim.File(path) as file:
        for _ in range(2):
            np.testing.assert_array_equal(file.read("d"), expected)
    # And what h5py writes into it afterwards is right too.
    if options.get("compression") != "zstd":
        with h5py.File(path, "r+") as file:
            part = tuple(random_range(n) for n in shape)
            data = values(expected[part].shape, memory)
            file["d"][part] = data
            expected[part] = data
        with h5py.File(path) as file:
            assert file["d"][...].tobytes() == expected.tobytes()


def large():
    """Many chunks, many threads, and a file no larger than HDF5's own."""
    x, y = np.meshgrid(np.linspace(0, 8, 1500), np.linspace(0, 5, 1200))
    for noise in [0, 1e-9, 1e-4]:
        data = np.sin(x) * np.cos(y) + noise * random.standard_normal(x.shape)
        sizes = {}
        for threads in [1, 4]:
            with h5sim.File(path, "w") as file:
                file.write("d", data, compression="gzip", shuffle=True, chunks=[128, 256], threads=threads)
            with h5py.File(path) as file:
                assert (file["d"][...] == data).all()
            sizes[threads] = os.path.getsize(path)
        with h5py.File(path, "w") as file:
            file.create_dataset("d", data=data, compression="gzip", shuffle=True, chunks=(128, 256))
        assert sizes[1] == sizes[4] <= os.path.getsize(path), (sizes, os.path.getsize(path))


def damaged():
    """Whatever is wrong with a chunk: an error, and after a read of up to 1 MiB the caller's memory as it was."""
    data = values((800, 500), "f8").round(3)
    for options in FILTERS[:6] + [{}]:
        with h5sim.File(path, "w") as file:
            file.write("d", data, chunks=[50, 100], **options)
        with h5py.File(path) as file:
            chunks = [file["d"].id.get_chunk_info(index) for index in range(file["d"].id.get_num_chunks())]
        content = bytearray(open(path, "rb").read())
        chunk = chunks[random.integers(0, len(chunks))]
        # Zstandard alone has no checksum: it may not see that other bytes are there.
        checked = options.get("compression") == "gzip" or "fletcher32" in options
        cut = bool(random.integers(0, 2)) if checked else True
        if cut:
            # The file ends in the middle of a chunk.
            chunk = max(chunks, key=lambda chunk: chunk.byte_offset)
            content = content[: chunk.byte_offset + chunk.size // 2]
        else:
            middle = chunk.byte_offset + chunk.size // 2
            content[middle: middle + 9] = bytes(9) if any(content[middle: middle + 9]) else b"damaged!!"
        open(path, "wb").write(content)
        try:
            file = h5sim.File(path)
        except h5sim.H5simError as error:
            # HDF5 itself sees that the end is missing.
            assert cut and error.status == "H5SIM_ERR_FORMAT", error
            continue
        with file:
            # Reads of all, and of little that has the damaged chunk in it.
            start = ",".join(f"{n // 50 * 50}:{n + 1}" for n in chunk.chunk_offset)
            for part in [None, None, start, start]:
                text = part and part.encode()
                room = np.full(data.shape, 3.5)
                status = h5sim.LIB.h5sim_read_f64(file.handle, b"d", text, room.size, room.ctypes.data)
                assert h5sim.STATUS[status] == "H5SIM_ERR_FORMAT", (options, h5sim.LIB.h5sim_last_error())
                assert part is None or (room == 3.5).all(), options


for _ in range(rounds):
    try:
        random_dataset()
    except BaseException:
        print(log)
        raise
large()
for _ in range(5):
    damaged()
