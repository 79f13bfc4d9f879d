"""The chunks of series grow with their records: growing.py SEED FOLDER

Few records cost little, many end in chunks of the usual size, and whoever refers to a series by its address keeps it.
"""

import os
import sys

import h5py
import numpy as np

import h5sim_ctypes as h5sim

seed, folder = int(sys.argv[1]), sys.argv[2]
random = np.random.default_rng(seed)
path = os.path.join(folder, "growing.h5")

# Of float64 scalars: what a series begins with, what it gets then, and what it has in the end.
SIZES = [512, 4096, 32768]


def chunk_of(records, sizes=SIZES):
    return max([sizes[0], *[size for size in sizes if size <= records]])


def new(**options):
    if os.path.exists(path):
        os.remove(path)
    # The one way in which time could tell.
    return h5sim.File(path, "w", autocommit=0, **options)


def grow(file, name, records, start=0, commit=0, **options):
    for number in range(start, start + records):
        file.append(name, np.float64(number), **options)
        if commit and number % commit == 0:
            file.commit()


def expect(found, expected, *words):
    assert found == expected, (*words, found, expected)


def check_records(dataset, count):
    assert np.array_equal(dataset[...], np.arange(count, dtype="f8")), (dataset, count)


def few_records_cost_little():
    for commit in [0, 1, 9]:
        for options in [{}, dict(compression="gzip", shuffle=True), dict(fletcher32=True)]:
            with new() as file:
                for number in range(100):
                    for series in range(100):
                        file.append(f"s{series}", np.float64(number), **options)
                    if commit and number % commit == 0:
                        file.commit()
            assert os.path.getsize(path) <= 1_200_000, (commit, options, os.path.getsize(path))
            with h5py.File(path) as file:
                for series in range(100):
                    check_records(file[f"s{series}"], 100)


def all_counts():
    around = [size * factor + step for size in SIZES[1:] for factor in (1, 2) for step in (-1, 0, 1)]
    for count in [0, 1, 2, 511, 512, 513, *around, int(random.integers(1, 70000))]:
        options = [{}, dict(compression="gzip"), dict(fletcher32=True)][random.integers(0, 3)]
        commit = [0, 50, 1000][random.integers(0, 3)]
        with new() as file:
            append_many(file, "s", np.empty(0), options)
            grow(file, "s", count, commit=commit, **options)
        case = count, options, commit
        with h5py.File(path) as file:
            check_records(file["s"], count)
            expect(file["s"].chunks, (chunk_of(count),), *case)
        if commit == 0:
            assert os.path.getsize(path) <= 12 * 1024 + 2 * 8 * count, (case, os.path.getsize(path))


def records_of_all_shapes():
    """Many records at a time, of many shapes and types, closed and opened again in between."""
    for _ in range(40):
        record = [(), (3,), (100,), (7, 11), (1000,), (40, 40)][random.integers(0, 6)]
        dtype = ["f8", "f4", "i2", "c16", "?"][random.integers(0, 5)]
        options = [{}, dict(compression="gzip"), dict(shuffle=True, compression="zstd")][random.integers(0, 3)]
        expected = np.empty((0, *record), dtype)
        file = new()
        while expected.nbytes < random.integers(1, 800_000):
            count = int(random.integers(1, 2 + 100_000 // max(1, np.dtype(dtype).itemsize * int(np.prod(record))) // 4))
            records = random.integers(0, 2, (count, *record)).astype(dtype)
            append_many(file, "g/s", records, options)
            expected = np.concatenate([expected, records])
            what = random.integers(0, 6)
            if what == 0:
                file.commit()
            elif what == 1:
                file.close()
                file = h5sim.File(path, "r+")
            elif what == 2:
                assert file.read("g/s", dtype=dtype).tobytes() == expected.tobytes()
            elif what == 3 and len(expected) > 1:
                kept = int(random.integers(0, len(expected)))
                file.truncate("g/s", kept)
                expected = expected[:kept]
        file.close()
        with h5sim.File(path) as file:
            assert file.read("g/s", dtype=dtype).tobytes() == expected.tobytes()
        if "zstd" not in options.values():
            with h5py.File(path) as file:
                assert file["g/s"][...].tobytes() == expected.tobytes()


def append_many(file, name, records, options):
    shape = records.shape[1:]
    h5sim.check(h5sim.LIB.h5sim_append(
        file.handle, name.encode(), h5sim.CODES[records.dtype], len(shape), h5sim.longs(shape), h5sim.address(records),
        h5sim.options_argument(dict(options, records=len(records)))))


def what_belongs_to_a_series_stays():
    with new() as file:
        file.link("groups", "g", type="soft")
        grow(file, "g/s", 10)
        grow(file, "groups/s", 5000, 10)
        grow(file, "s", 10, fillvalue=-7.0, attrs={"units": "J"})
        file.set_attr("s", "n", np.arange(5))
        file.set_attr_texts("s", "names", np.array(["x", "y"], object))
        file.link("soft", "s", type="soft")
        reader = h5sim.File(path, "r")
        grow(file, "s", 3000, 10)
        grow(file, "soft", 2000, 3010)
        file.set_attr_text("s", "late", "after it has grown")
        check_records(reader.read("s"), 5010)
        reader.close()
    with h5py.File(path) as file:
        series = file["s"]
        expect(series.chunks, (4096,))
        check_records(series, 5010)
        check_records(file["soft"], 5010)
        check_records(file["groups/s"], 5010)
        expect(file["g/s"].chunks, (4096,))
        expect(series.fillvalue, -7.0)
        expect(series.maxshape, (None,))
        expect(sorted(series.attrs), ["late", "n", "names", "units"])
        expect((series.attrs["units"], list(series.attrs["names"]), series.attrs["n"].tolist()), ("J", ["x", "y"], [0, 1, 2, 3, 4]))
    # A file that was closed, and one that h5py has changed.
    with h5sim.File(path, "r+") as file:
        grow(file, "s", 40_000, 5010)
    with h5py.File(path, "r+") as file:
        expect(file["s"].chunks, (32768,))
        check_records(file["s"], 45_010)
        del file["s"].attrs["n"]
    with h5sim.File(path, "r+") as file:
        grow(file, "s", 10, 45_010)
        check_records(file.read("s"), 45_020)


def what_refers_to_a_series_keeps_it():
    # A second name, given while it is small, and its coordinate and its fields.
    with new() as file:
        for number in range(300):
            for name in ["linked", "time", "labelled"]:
                file.append(name, np.float64(number))
            file.append("field", np.float64(number), dims=["step"])
        file.link("again", "linked", type="hard")
        file.set_dims("labelled", ["time"])
        for number in range(300, 9000):
            for name in ["linked" if number % 2 else "again", "time", "labelled", "field"]:
                file.append(name, np.float64(number))
    with h5py.File(path) as file:
        for name in ["linked", "again", "time", "labelled", "field"]:
            check_records(file[name], 9000)
            expect(file[name].chunks, (32768,), name)
        assert file["linked"] == file["again"]
        assert file["labelled"].dims[0][0] == file["time"]
        expect([scale.name for scale in file["field"].dims[0].values()], ["/step"])
    # What h5py links to stays where it is.
    with new() as file:
        grow(file, "s", 100)
        grow(file, "axis", 100)
    with h5py.File(path, "r+") as file:
        file["other"] = file["s"]
        file["axis"].make_scale("axis")
        file["field"] = np.zeros(100)
        file["field"].dims[0].attach_scale(file["axis"])
    with h5sim.File(path, "r+") as file:
        grow(file, "s", 9000, 100)
        grow(file, "axis", 9000, 100)
    with h5py.File(path) as file:
        check_records(file["other"], 9100)
        assert file["other"] == file["s"]
        check_records(file["field"].dims[0][0], 9100)
        assert file["field"].dims[0][0] == file["axis"]


def what_was_asked_for_stays():
    for options in [dict(chunks=[512]), dict(chunks=[10]), dict(chunks=[100], compression="gzip")]:
        with new() as file:
            grow(file, "s", 300, **options)
        with h5sim.File(path, "r+") as file:
            grow(file, "s", 9000, 300)
        with h5py.File(path) as file:
            expect(file["s"].chunks, tuple(options["chunks"]))
            check_records(file["s"], 9300)


def the_order_in_groups_stays():
    with new(track_order=True) as file:
        for name in ["z", "g/y", "g/b", "x"]:
            grow(file, name, 10)
        for name in ["x", "g/b", "z", "g/y"]:
            grow(file, name, 9000, 10)
    with h5py.File(path) as file:
        expect((list(file), list(file["g"])), (["z", "g", "x"], ["y", "b"]))
        for name in ["z", "g/y", "g/b", "x"]:
            check_records(file[name], 9010)
    os.remove(path)
    with h5py.File(path, "w") as file:
        file.create_group("ordered", track_order=True)
        file.create_group("plain")
    with h5sim.File(path, "r+") as file:
        for group in ["ordered", "plain"]:
            for name in "zyx":
                grow(file, f"{group}/{name}", 10)
        for group in ["ordered", "plain"]:
            for name in "xz":
                grow(file, f"{group}/{name}", 9000, 10)
    with h5py.File(path) as file:
        expect(list(file["ordered"]), ["z", "y", "x"])
        expect([file[f"{group}/{name}"].chunks for group in ["ordered", "plain"] for name in "xy"],
               [(32768,), (32768,), (4096,), (512,)])


def the_latest_format_too():
    with new(libver="latest") as file:
        grow(file, "s", 9000, commit=100)
        grow(file, "z", 9000, compression="gzip")
    with h5py.File(path) as file:
        for name in "sz":
            check_records(file[name], 9000)
            expect(file[name].chunks, (4096,))


few_records_cost_little()
all_counts()
records_of_all_shapes()
what_belongs_to_a_series_stays()
what_refers_to_a_series_keeps_it()
what_was_asked_for_stays()
the_order_in_groups_stays()
the_latest_format_too()
print("seed", seed)
