"""The peers of the chunk filters: h5py's own HDF5, and hdf5plugin for Zstandard.

write DIR   writes chunks as h5py stores them: N.stored (the raw chunk), N.chunk (its
            decoded bytes), and an index of lines
            "N mask chunk_bytes filter:values[;filter...]".
check DIR   puts each N.encoded into a new dataset of the same
            filters as a raw chunk, and compares what h5py reads with N.chunk.
"""

import pathlib
import sys

import h5py
import hdf5plugin
import numpy as np

random = np.random.default_rng(20240917)

FILTERS = {
    "none": {},
    "gzip": dict(compression="gzip", compression_opts=4),
    "gzip9": dict(compression="gzip", compression_opts=9),
    "shuffle": dict(shuffle=True),
    "fletcher": dict(fletcher32=True),
    "shuffle+gzip": dict(shuffle=True, compression="gzip", compression_opts=6),
    "all": dict(shuffle=True, compression="gzip", compression_opts=1, fletcher32=True),
    "zstd": dict(shuffle=True, **hdf5plugin.Zstd(clevel=5)),
    "zstd+fletcher": dict(fletcher32=True, **hdf5plugin.Zstd()),
}


def arrays():
    for code in ["u1", "i2", "<f4", ">f4", "<f8", ">f8", "<c16", ">i8", "V3", "V12"]:
        for count in [1, 7, 100, 1000, 40_000]:
            kind = np.dtype(code)
            if kind.kind in "fc":
                values = np.sin(np.arange(count) / 50) + 1e-5 * random.standard_normal(count)
                yield values.astype(kind)
            elif kind.kind == "V":
                yield np.frombuffer(random.bytes(kind.itemsize * count), kind)
            else:
                yield (np.arange(count) // 3 % 100).astype(kind)


def cases():
    for array in arrays():
        for options in FILTERS.values():
            yield array, options


def create(file, name, array, options):
    return file.create_dataset(name, array.shape, array.dtype, chunks=array.shape, **options)


def filters(dataset):
    properties = dataset.id.get_create_plist()
    parts = []
    for index in range(properties.get_nfilters()):
        code, _, values, _ = properties.get_filter(index)
        parts.append(f"{code}:{','.join(map(str, values))}")
    return ";".join(parts)


def write(folder):
    lines = []
    with h5py.File(folder / "peers.h5", "w") as file:
        for number, (array, options) in enumerate(cases()):
            dataset = create(file, str(number), array, options)
            dataset[...] = array
            file.flush()
            mask, stored = dataset.id.read_direct_chunk((0,))
            (folder / f"{number}.stored").write_bytes(stored)
            (folder / f"{number}.chunk").write_bytes(array.tobytes())
            lines.append(f"{number} {mask} {array.nbytes} {filters(dataset)}\n")
    (folder / "index").write_text("".join(lines))


def check(folder):
    count = 0
    with h5py.File(folder / "encoded.h5", "w") as file:
        for number, (array, options) in enumerate(cases()):
            dataset = create(file, str(number), array, options)
            encoded = (folder / f"{number}.encoded").read_bytes()
            dataset.id.write_direct_chunk((0,), encoded)
    with h5py.File(folder / "encoded.h5", "r") as file:
        for number, (array, _) in enumerate(cases()):
            read = file[str(number)][...]
            expected = (folder / f"{number}.chunk").read_bytes()
            assert read.tobytes() == expected, f"case {number}: {array.dtype} {array.shape}"
            count += 1
    print(count)


if __name__ == "__main__":
    {"write": write, "check": check}[sys.argv[1]](pathlib.Path(sys.argv[2]))
