"""Datasets of all kinds for the comparison of direct reads with HDF5's.

direct_cases.py FOLDER SEED   writes FOLDER/*.h5 and prints lines "file path".
"""

import pathlib
import sys

import h5py
import numpy as np

folder = pathlib.Path(sys.argv[1])
random = np.random.default_rng(int(sys.argv[2]))

NUMBERS = [
    order + code
    for code in ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8", "c8", "c16"]
    for order in "<>"
]
SHAPES = [(0,), (1,), (37,), (1000,), (12, 17), (64, 3), (5, 0, 4), (7, 11, 13), (3, 4, 5, 6)]
FILTERS = [
    {},
    dict(compression="gzip", compression_opts=1),
    dict(compression="gzip", compression_opts=9, shuffle=True),
    dict(shuffle=True),
    dict(fletcher32=True),
    dict(compression="gzip", shuffle=True, fletcher32=True),
    dict(scaleoffset=0),
]


def values(shape, kind):
    kind = np.dtype(kind)
    count = int(np.prod(shape))
    if kind.kind == "b":
        return random.integers(0, 2, count).astype(bool).reshape(shape)
    if kind.kind in "iu":
        # Of every magnitude, so that conversions clip.
        wide = random.integers(0, 2**64, count, dtype="u8") >> random.integers(0, 64, count, dtype="u8")
        return wide.astype(kind.newbyteorder("=")).astype(kind).reshape(shape)
    with np.errstate(over="ignore"):
        floats = random.standard_normal(count) * 10.0 ** random.integers(-45, 45, count)
        special = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e308, 5e-324, 3.4028235677973366e38, 3.402823669209385e38]
        for place in range(0, count, 7):
            floats[place] = special[place // 7 % len(special)]
        if kind.kind == "c":
            floats = floats + 1j * random.permutation(floats)
        return floats.astype(kind).reshape(shape)


def chunk_of(shape):
    return tuple(int(random.integers(1, extent + 1)) for extent in shape)


def fill(dataset, shape, kind):
    """Writes all, a part, or nothing."""
    how = random.integers(0, 4)
    if how == 0 or dataset.size == 0:
        return
    data = values(shape, kind)
    if how == 1:
        part = tuple(slice(int(random.integers(0, n)), int(random.integers(1, n + 1))) for n in shape)
        dataset[part] = data[part]
    else:
        dataset[...] = data


def numbers(file):
    for kind in NUMBERS + ["?"]:
        for shape in SHAPES:
            name = f"{kind.replace('<', 'little ').replace('>', 'big ')}/{'x'.join(map(str, shape))}"
            options = {}
            if random.integers(0, 2):
                options["fillvalue"] = values((), kind)[()] if shape else None
            fill(file.create_dataset(f"contiguous/{name}", shape, kind, **options), shape, kind)
            if 0 in shape:
                continue
            filters = FILTERS[random.integers(0, len(FILTERS))]
            if "scaleoffset" in filters and (np.dtype(kind).kind not in "iu" or "fillvalue" in options):
                filters = {}
            fill(
                file.create_dataset(f"chunked/{name}", shape, kind, chunks=chunk_of(shape), **filters, **options),
                shape,
                kind,
            )


def resized(file):
    for number in range(12):
        dataset = file.create_dataset(
            f"resized/{number}", (40, 9), "<f8", maxshape=(None, 9 if number % 2 else None), chunks=chunk_of((20, 9)),
            fillvalue=number, **FILTERS[number % 6],
        )
        dataset[...] = values((40, 9), "f8")
        dataset.resize((23, 9 if number % 2 else 5))
        if number % 3:
            dataset.resize((61, 9 if number % 2 else 14))
            dataset[50:60] = values((10, dataset.shape[1]), "f8")


def layouts(file):
    """Every kind of chunk index that there is, where the format has it, and early allocation."""
    for name, shape, maxshape, chunks in [
        ("single", (30, 20), None, (30, 20)),
        ("fixed", (30, 20), None, (7, 6)),
        ("extensible", (30, 20), (None, 20), (7, 6)),
        ("extensible inside", (30, 20), (30, None), (7, 6)),
        ("tree", (30, 20), (None, None), (7, 6)),
    ]:
        for number, filters in enumerate(FILTERS[:6]):
            for early in [False, True]:
                properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
                properties.set_chunk(chunks)
                if early:
                    properties.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
                if filters.get("shuffle"):
                    properties.set_shuffle()
                if "compression" in filters:
                    properties.set_deflate(3)
                if filters.get("fletcher32"):
                    properties.set_fletcher32()
                space = h5py.h5s.create_simple(shape, tuple(n or h5py.h5s.UNLIMITED for n in maxshape) if maxshape else None)
                created = h5py.h5d.create(file.id, f"{name}{number}{early}".encode(), h5py.h5t.IEEE_F32LE, space, properties)
                fill(h5py.Dataset(created), shape, "f4")


def unusual(file):
    file["scalar"] = np.float64(3.25)
    file["integer"] = np.int16(-77)
    file["half"] = values((50,), "f4").astype("f2")
    file["empty"] = h5py.Empty("f8")
    file.create_dataset("enum", data=[1, 2, 1], dtype=h5py.enum_dtype({"a": 1, "b": 2}, basetype="i1"))
    odd = h5py.h5t.STD_I32LE.copy()
    odd.set_precision(17)
    space = h5py.h5s.create_simple((30,))
    created = h5py.h5d.create(file.id, b"precision", odd, space)
    created.write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(-15, 15, dtype="i4"))
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_layout(h5py.h5d.COMPACT)
    created = h5py.h5d.create(file.id, b"compact", h5py.h5t.IEEE_F64LE, space, properties)
    created.write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(30.0))
    file.create_dataset("external", (20,), "f4", external=[(str(folder / "external.raw"), 0, 80)])[...] = np.arange(20)
    layout = h5py.VirtualLayout((2, 1000), "<f8")
    layout[0] = h5py.VirtualSource("numbers.h5", "contiguous/little f8/1000", (1000,))
    layout[1] = h5py.VirtualSource("numbers.h5", "chunked/little f8/1000", (1000,))
    file.create_virtual_dataset("virtual", layout)
    partial = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    partial.set_chunk((8,))
    partial.set_deflate(4)
    partial.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    created = h5py.h5d.create(file.id, b"nofill", h5py.h5t.IEEE_F64LE, space, partial)
    created.write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(30.0))
    # A chunk that some filters were left out of.
    dataset = file.create_dataset("masked", (10, 8), "<i4", chunks=(5, 8), shuffle=True, compression="gzip")
    dataset.id.write_direct_chunk((0, 0), np.arange(40, dtype="<i4").tobytes(), filter_mask=3)
    dataset[5:] = 9


def names(file):
    found = []
    file.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
    return found


for name, options, write in [
    ("numbers", {}, numbers),
    ("resized", dict(userblock_size=1024), resized),
    ("old", {}, layouts),
    ("latest", dict(libver="latest"), layouts),
    ("unusual", {}, unusual),
]:
    with h5py.File(folder / f"{name}.h5", "w", **options) as file:
        write(file)
        for path in names(file):
            print(name, path)
