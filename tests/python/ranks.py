"""One file of many ranks, which are forked processes: against NumPy, h5py and the file of one process. SEED CASES FOLDER."""

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import h5py
import numpy as np

import forked
from forked import run, start
from h5sim_ctypes import LIB, File, H5simError, fails

seed, count, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
rng = np.random.default_rng(seed)
path = os.path.join(folder, "run.h5")
RANKS = [1, 2, 3, 4, 7]
# The most parts that the ranks of a test write: with fewer than ranks they share some.
parts = 64


def RankFile(communicator, name, mode="r", **options):
    return forked.RankFile(communicator, name, mode, **{"parts": parts, **options})


def draw_parts():
    global parts
    parts = int(rng.choice([1, 2, 64]))


def clean():
    shutil.rmtree(path + "-ranks", ignore_errors=True)
    for name in (path, path + "-journal"):
        if os.path.exists(name):
            os.unlink(name)


def split(shape, ranks):
    """A block for each rank, which together are an array of that shape: cut along a random axis, some of them empty."""
    axis = int(rng.integers(0, len(shape)))
    cuts = np.sort(rng.integers(0, shape[axis] + 1, ranks - 1))
    ends = [0, *map(int, cuts), shape[axis]]
    blocks = []
    for first, last in itertools.pairwise(ends):
        start, extents = [0] * len(shape), list(shape)
        start[axis], extents[axis] = first, last - first
        blocks.append((start, extents))
    return [blocks[number] for number in rng.permutation(ranks)]


def part(array, block):
    return np.array(array[tuple(slice(s, s + n) for s, n in zip(*block))])


def filled(blocks):
    return any(0 not in extents for _, extents in blocks)


def random_blocks():
    """Arrays and series in random blocks equal NumPy's, in h5py, by h5sim, and after a restart on another number of ranks."""
    for case in range(count):
        clean()
        ranks = int(rng.choice(RANKS))
        draw_parts()
        rank = int(rng.integers(1, 5))
        shape = [int(extent) for extent in rng.integers(1, 7, rank)]
        if case % 8 == 0:
            # Blocks so large that ranks write them into a part that they share.
            shape[-1] *= 100000 // int(np.prod(shape)) + 1
        dtype = str(rng.choice(["f8", "f4", "i4", "u2", "c16", "?"]))
        whole = (rng.normal(size=shape) * 50).astype("f8" if dtype != "c16" else "c16").astype(dtype)
        series = [(rng.normal(size=shape) * 50).astype("f8") for _ in range(int(rng.integers(1, 6)))]
        blocks, later = split(shape, ranks), split(shape, ranks)
        options = [{}, {"compression": "gzip", "shuffle": True}, {"dtype": "f4"} if dtype == "f8" else {}][int(rng.integers(0, 3))]
        commit_at = int(rng.integers(0, len(series)))

        def write(communicator, number):
            with RankFile(communicator, path, "w") as file:
                file.write_block("g/u", part(whole, blocks[number]), shape, blocks[number][0], attrs={"units": "m"}, **options)
                for step, record in enumerate(series):
                    used = later if step == commit_at + 1 else blocks
                    file.append_block("s", part(record, used[number]), shape, used[number][0])
                    file.append("time", np.float64(step))
                    if step == commit_at:
                        file.commit()
                check_reads(file)

        def check_reads(file):
            assert file.info("s")[1] == (len(series), *shape)
            assert np.array_equal(file.read("g/u").astype(dtype), stored(whole)), "an array read by all ranks"
            array = np.full(shape, 9).astype(dtype)
            file.read_block("g/u", array, [0] * len(shape))
            assert np.array_equal(array, stored(whole))
            assert np.array_equal(file.read("s", "::-1"), np.array(series)[::-1])
            step = int(len(series) // 2)
            assert np.array_equal(file.read("s", f"{step}"), series[step])
            assert file.tree()["s"]["shape"] == [len(series), *shape], file.tree()

        def stored(array):
            return array.astype(options.get("dtype", dtype)).astype(dtype)

        if not (filled(blocks) and filled(later)):
            continue
        run(ranks, write)
        with h5py.File(path) as file:
            assert np.array_equal(file["g/u"][...].astype(dtype), stored(whole)), (case, ranks, shape)
            assert np.array_equal(file["s"][...], np.array(series)), (case, ranks, shape, blocks)
            assert file["g/u"].attrs["units"] == "m"
            assert list(file["time"]) == list(range(len(series)))
        with File(path) as file:
            check_reads(file)
        # Another number of ranks reads it, and goes on.
        others = int(rng.choice(RANKS))
        again, more = split(shape, others), split(shape, others)
        if not (filled(again) and filled(more)):
            continue

        def read(communicator, number):
            with RankFile(communicator, path, "r") as file:
                block = np.zeros(again[number][1], dtype)
                file.read_block("g/u", block, again[number][0])
                assert np.array_equal(block, part(stored(whole), again[number]))
                check_reads(file)

        def go_on(communicator, number):
            with RankFile(communicator, path, "r+") as file:
                block = np.zeros(again[number][1], dtype)
                file.read_block("g/u", block, again[number][0])
                assert np.array_equal(block, part(stored(whole), again[number])), "a restart reads what was written"
                check_reads(file)
                file.append_block("s", part(series[0] + 1, more[number]), shape, more[number][0])
                file.write_block("g/u", part(whole, again[number]), shape, again[number][0])
                file.commit()
                file.append_block("s", part(series[0] + 2, more[number]), shape, more[number][0])

        draw_parts()
        run(others, read)
        run(others, go_on)
        with h5py.File(path) as file:
            expected = np.array([*series, series[0] + 1, series[0] + 2])
            assert np.array_equal(file["s"][...], expected), (case, ranks, others)
            assert np.array_equal(file["g/u"][...].astype(dtype), stored(whole))
            assert file["g/u"].attrs["units"] == "m"


def everything_else():
    """What is no block is in the master, and all ranks get its answers."""
    clean()

    def body(communicator, rank):
        with RankFile(communicator, path, "w") as file:
            file.write_json("meta", '{"k": 1}')
            file.create_group("g/h")
            file.write("g/x", np.arange(6.0).reshape(2, 3), attrs={"units": "K"})
            file.set_attr("g", "a", np.array([1, 2, 3]))
            file.write_texts("names", [["a", "bc"]])
            assert file.keys("g") == ["h", "x"] and file.exists("g/h") == "group" and file.exists("nothing") is None
            assert list(file.get_attr("g", "a")) == [1, 2, 3] and file.get_attr_text("g/x", "units") == "K"
            assert file.attr_keys("g") == ["a"] and file.read_texts("names") == [["a", "bc"]]
            assert json.loads(file.read_json("meta")) == {"k": 1}
            assert np.array_equal(file.read("g/x", "1, ::2"), [3, 5])
            block = np.zeros((1, 3))
            file.read_block("g/x", block, (rank % 2, 0))
            assert np.array_equal(block[0], np.arange(6.0).reshape(2, 3)[rank % 2])
            assert np.array_equal(file.read_hyperslab("g/x", [0, 1], [2, 1]), [[1], [4]])
            file.write_block("u", np.full((1, 4), float(rank)), (3, 4), (rank, 0), fillvalue=-1, dims=["y", "x"])
            file.append_block("s", np.full((1, 4), float(rank)), (3, 4), (rank, 0), dims=["time", "y", "x"], attrs={"n": 3})
            file.append_block("s", np.full((1, 4), rank + 1.0), (3, 4), (rank, 0))
            file.append("time", np.float64(0.5))
            file.append("time", np.float64(1.5))
            assert np.array_equal(file.read_hyperslab("s", [0, 1, 0], [2, 1, 2], stride=[1, 1, 2])[:, 0, 0], [1, 2])
            file.commit()
            file.truncate("s", 1)
            assert file.info("s")[1] == (1, 3, 4)
            file.append_block("s", np.full((1, 4), rank + 7.0), (3, 4), (rank, 0))
            file.delete("g/h")
            file.write_block("gone", np.zeros((1, 1)), (3, 1), (rank, 0))
            file.delete("gone")
            assert file.exists("gone") is None
            # The records of a series are counted by the link that it was appended by, which leads nowhere when the series has gone.
            file.write_block("away/there/x", np.zeros((1, 1)), (3, 1), (rank, 0))
            file.append_block("away/series/s", np.zeros((1, 1)), (3, 1), (rank, 0))
            file.link("led", "/away/series/s")
            file.append_block("led", np.zeros((1, 1)), (3, 1), (rank, 0))
            file.delete("away/series")
            file.commit()
            file.delete("away")
            file.delete("led")
            # What is written in place of a link is not where that led.
            file.append_block("led/s", np.full((1,), rank, "i4"), (3,), (rank,))
            file.link("link", "led/s")
            assert file.info("link")[0] == file.info("led/s")[0]
            file.write("link", np.full((1, 3), 0.5), overwrite=True)
            assert np.array_equal(file.read("link"), np.full((1, 3), 0.5)) and np.array_equal(file.read("led/s"), [[0, 1, 2]])
            file.delete("led")
            file.delete("link")
            # A group with one dataset in blocks is no dataset in blocks.
            file.write_block("one/in_blocks", np.zeros((1, 1)), (3, 1), (rank, 0))
            assert "group" in fails("EXISTS", file.create, "one", "f8", [2], overwrite=True)
            file.delete("one")
            file.write_block("w", np.full((1, 2), float(rank)), (3, 2), (rank, 0))
            file.write("w", np.float64(4), overwrite=True)
            # The same block again, and a part of it.
            file.write_block("u", np.full((1, 2), rank + 10.0), (3, 4), (rank, 1))

    run(3, body)
    with h5py.File(path) as file:
        assert sorted(file) == ["g", "meta", "names", "s", "time", "u", "w", "x", "y"], sorted(file)
        assert np.array_equal(file["u"][...], [[r, r + 10, r + 10, r] for r in range(3)])
        assert np.array_equal(file["s"][:, :, 0], [[0, 1, 2], [7, 8, 9]])
        assert [dim.label or dim[0].name for dim in file["s"].dims] == ["/time", "/y", "/x"] and file["s"].attrs["n"] == 3
        assert file["w"][()] == 4
    shown = subprocess.run(["h5dump", "-d", "/s", "-y", "-w", "0", path], capture_output=True, text=True, check=True).stdout
    assert "7, 7, 7, 7" in shown and "2, 2, 2, 2" in shown, shown


def described():
    """Arrays that other ranks write anew keep their attributes, and get new ones, before and after."""
    clean()
    names = [f"arrays/{number}" for number in range(12)]

    def write(communicator, rank):
        with RankFile(communicator, path, "w") as file:
            for name in names:
                file.write_block(name, np.full((1, 3), rank), (3, 3), (rank, 0), attrs={"units": "K", "n": 1})
                file.set_attr(name, "first", np.float64(1))

    def anew(communicator, rank):
        with RankFile(communicator, path, "r+") as file:
            for number, name in enumerate(names):
                if number % 3 == 0:
                    file.set_attr(name, "second", np.float64(2))
                first, last = (0, 2) if rank == 0 else (2, 3)
                file.write_block(name, np.full((last - first, 3), 10 + rank), (3, 3), (first, 0), attrs={"n": 2, "late": "yes"}, overwrite=True)
                if number % 3 == 1:
                    file.set_attr(name, "third", np.float64(3))
            file.commit()
            for name in names:
                file.set_attr(name, "fourth", np.float64(4))

    run(3, write)
    run(2, anew)
    more = [{"second": 2}, {"third": 3}, {}]
    with h5py.File(path) as file:
        for number, name in enumerate(names):
            found = {key: value if isinstance(value, str) else float(value) for key, value in file[name].attrs.items()}
            assert found == {"units": "K", "n": 2, "late": "yes", "first": 1, "fourth": 4, **more[number % 3]}, found
            assert (file[name][()] == [[10] * 3, [10] * 3, [11] * 3]).all()


def quantized():
    """New pieces of a dataset whose values are rounded are rounded too, and the whole says so, as in a file of one process."""
    rows = 6
    values = np.random.default_rng(seed).normal(size=(rows, 8))
    name = "_QuantizeGranularBitRoundNumberOfSignificantDigits"
    serial = os.path.join(folder, "quantized.h5")
    with File(serial, "w") as file:
        file.write("u", values, quantize=3, attrs={"n": 1})
        for step in range(4):
            file.append("s", values + step, quantize=3)

    def part_of(rank, ranks, scale=1.0):
        return scale * values[rank * rows // ranks:(rank + 1) * rows // ranks], (rows, 8), (rank * rows // ranks, 0)

    def body(communicator, rank):
        with RankFile(communicator, path, "w") as file:
            block, shape, start = part_of(rank, 3)
            # Half of it, the other half is new to the next opening.
            file.write_block("u", block[:, :4], shape, start, quantize=3, attrs={"n": 1})
            for step in range(2):
                file.append_block("s", block + step, shape, start, quantize=3)

    def later(communicator, rank):
        with RankFile(communicator, path, "r+") as file:
            block, shape, start = part_of(rank, 2)
            file.write_block("u", block[:, 4:], shape, (start[0], 4))
            file.append_block("s", block + 2, shape, start)
            file.append("s", values + 3)

    clean()
    run(3, body)
    run(2, later)
    out = os.path.join(folder, "quantized_joined.h5")
    if os.path.exists(out):
        os.unlink(out)
    subprocess.run([os.environ["H5SIM_PROGRAM"], "join", path, out], capture_output=True, check=True)
    with h5py.File(serial) as wanted:
        for found in (path, out):
            with h5py.File(found) as file:
                for dataset in "us":
                    assert np.array_equal(file[dataset][...], wanted[dataset][...]), (found, dataset)
                    assert dict(file[dataset].attrs) == dict(wanted[dataset].attrs) and name in file[dataset].attrs, (found, dataset)
    with File(out, "r+") as file, File(serial, "r+") as wanted:
        for each in (file, wanted):
            each.append("s", values + 4)
        assert np.array_equal(file.read("s"), wanted.read("s"))


def joined():
    """`h5sim join` makes one plain file, in which everything is as in the run."""
    clean()
    out = os.path.join(folder, "joined.h5")
    if os.path.exists(out):
        os.unlink(out)
    rows = 5

    def part_of(rank, ranks):
        return (2 * rank, 0), (min(2, rows - 2 * rank), 4)

    def body(communicator, rank):
        with RankFile(communicator, path, "a") as file:
            start, shape = part_of(rank, 3)
            for step in range(3):
                file.append_block("s", np.arange(rows * 4.0).reshape(rows, 4)[start[0]:start[0] + shape[0]] + step, (rows, 4), start,
                                  compression="gzip", shuffle=True, dims=["time", "y", "x"], attrs={"units": "K"})
                file.append("time", np.float64(step))
            if not file.exists("u"):
                file.write_block("u", np.full(shape, rank, "i2"), (rows + 1, 4), start, fillvalue=-7, attrs={"n": 1})
                file.write_block("g/v", np.full((1, 4), rank + 0.5, "f4"), (3, 4), (rank, 0), chunks=[2, 2])
                file.write_json("meta", "{}")

    def later(communicator, rank):
        with RankFile(communicator, path, "r+") as file:
            values = np.arange(rows * 4.0).reshape(rows, 4)
            mine = values if rank == 0 else values[:0]
            file.append_block("s", mine + 3, (rows, 4), (0, 0))
            file.append("time", np.float64(3))

    run(3, body)
    run(2, later)
    program = os.environ["H5SIM_PROGRAM"]
    before = {name: open(os.path.join(path + "-ranks", name), "rb").read() for name in os.listdir(path + "-ranks")}
    done = subprocess.run([program, "join", path, out], capture_output=True, text=True)
    assert done.returncode == 0 and "3 datasets in blocks" in done.stdout, done
    assert before == {name: open(os.path.join(path + "-ranks", name), "rb").read() for name in os.listdir(path + "-ranks")}
    again = subprocess.run([program, "join", path, out], capture_output=True, text=True)
    assert again.returncode == 4 and "already" in again.stderr, again
    plain = subprocess.run([program, "join", out, out + "2"], capture_output=True, text=True)
    assert plain.returncode == 3 and "not the master" in plain.stderr, plain
    assert not os.path.exists(out + "2") and not os.path.exists(out + "2.joining")
    with h5py.File(path) as master, h5py.File(out) as whole:
        names = []
        master.visit(names.append)
        found = []
        whole.visit(found.append)
        assert names == found, (names, found)
        for name in names:
            if isinstance(whole[name], h5py.Dataset):
                assert not whole[name].is_virtual
                assert np.array_equal(whole[name][()], master[name][()]), name
                mine = {key for key in master[name].attrs if key not in ("DIMENSION_LIST", "REFERENCE_LIST")}
                assert all(np.array_equal(whole[name].attrs[key], master[name].attrs[key]) for key in mine), name
        assert whole["s"].shape == (4, rows, 4) and whole["s"].maxshape == (None, rows, 4)
        assert whole["s"].compression == "gzip" and whole["s"].shuffle
        assert [dim[0].name for dim in whole["s"].dims] == ["/time", "/y", "/x"]
        assert whole["u"].fillvalue == -7 and whole["u"].dtype == "i2" and (whole["u"][5] == -7).all()
        assert whole["g/v"].chunks == (1, 2) or whole["g/v"].chunks == (2, 2), whole["g/v"].chunks
    os.rename(path + "-ranks", path + "-away")
    with File(out, "r+") as file:
        file.append("s", np.zeros((rows, 4)))
    os.rename(path + "-away", path + "-ranks")
    with h5py.File(out) as whole:
        assert whole["s"].shape == (5, rows, 4) and (whole["s"][3] == np.arange(rows * 4.0).reshape(rows, 4) + 3).all()


def misuse():
    """Whatever one rank does wrong is the same error on all, which names the rank; and the file goes on."""
    ranks = 3

    def attempts(file, rank):
        one = np.zeros((1, 2))
        odd = rank == 1

        def block(target="u", shape=(3, 2), start=None, array=one, **options):
            file.write_block(target, array, shape, (rank, 0) if start is None else start, **options)

        yield "ARGUMENT", "do not make the same call", lambda: block("v" if odd else "u")
        yield "ARGUMENT", "do not make the same call", lambda: block(shape=(3, 3 if odd else 2))
        yield "ARGUMENT", "do not make the same call", lambda: file.commit() if odd else block()
        yield "ARGUMENT", "do not make the same call", lambda: file.write_text("t", f"{odd}")
        yield "ARGUMENT", "do not make the same call", lambda: file.append("e", np.float32(1) if odd else np.float64(1))
        yield "ARGUMENT", "do not make the same call", lambda: block(compression="gzip") if odd else block()
        yield "SHAPE", "rank 1 of 3", lambda: block(start=(9, 0)) if odd else block()
        yield "SHAPE", "overlap", lambda: block(start=(0, 0)) if odd else block()
        yield "ARGUMENT", "rank 1 of 3", lambda: block(nonsense=1) if odd else block()
        yield "ARGUMENT", "rank 1 of 3", lambda: null(file) if odd else file.write_text("t", "x")
        yield "SHAPE", "(3, 3)", lambda: block("there", (3, 3), array=np.zeros((1, 3)))
        yield "UNSUPPORTED", "one name", lambda: file.link("second", "there", type="hard")
        yield "SHAPE", "3 elements", lambda: file.write_slice("there", "0", np.zeros(3))
        yield "ARGUMENT", "do not make the same call", lambda: file.write_slice("there", "0", np.zeros(3 if odd else 2))
        yield "SHAPE", "(2,)", lambda: file.write_from("there", np.zeros(3), "0")
        yield "SHAPE", "axis 1", lambda: file.write_hyperslab("there", np.zeros((1, 3)), [0, 0], [1, 3])
        yield "SHAPE", "only the number of records", lambda: file.resize("there", (3, 3))
        yield "SHAPE", "record", lambda: file.append("series", np.zeros((2, 2)))
        yield "SHAPE", "cannot be cut", lambda: file.truncate("there", 1)
        yield "SHAPE", "cannot be cut to 5", lambda: file.truncate("series", 5)
        yield "EXISTS", "series", lambda: file.copy("there", "series")
        yield "SHAPE", "record", lambda: file.append_block("series", np.zeros((1, 1)), (3, 1), (rank, 0))
        yield "SHAPE", "scalar", lambda: file.write_block("scalar", np.array(1.0), (), ())
        yield "SHAPE", "no rank", lambda: file.write_block("none", np.zeros((0, 2)), (3, 2), (0, 0))
        yield "NOT_FOUND", "nothing", lambda: file.read("nothing", dtype="f8")
        yield "SHAPE", "rank 1", lambda: file.read_block("there", one, (9 if odd else rank, 0))
        yield "NOT_FOUND", "time", lambda: file.rewind("time", 1.0)
        yield "ARGUMENT", "NaN", lambda: file.rewind("time", float("nan"))
        yield "EXISTS", "there", lambda: file.write("there", np.zeros(3))

    def null(file):
        from h5sim_ctypes import check
        check(LIB.h5sim_write_text(file.handle, b"t", None))

    def body(communicator, rank):
        with RankFile(communicator, path, "w") as file:
            file.write_block("there", np.full((1, 2), float(rank)), (3, 2), (rank, 0))
            file.append_block("series", np.full((1, 2), float(rank)), (3, 2), (rank, 0))
            for number, (status, words, attempt) in enumerate(attempts(file, rank)):
                before = communicator.calls
                sentence = fails(status, attempt)
                assert words in sentence and path in sentence, (number, sentence)
                sentences = os.path.join(folder, f"sentence-{rank}")
                with open(sentences, "a") as written:
                    written.write(f"{number} {communicator.calls - before} {sentence}\n")
            file.commit()
        opened = [
            ("ARGUMENT", "rank 1", {"mode": "rw" if rank == 1 else "w"}),
            ("ARGUMENT", "do not make the same call", {"mode": "r+" if rank == 1 else "r"}),
            ("ARGUMENT", "rank", {"mode": "r", "rank": 0 if rank == 1 else rank}),
            ("ARGUMENT", "ranks is 2", {"mode": "r", "ranks": 2 if rank == 1 else 3}),
            ("ARGUMENT", "rank 1", {"mode": "r", "nonsense": 1} if rank == 1 else {"mode": "r"}),
            ("UNSUPPORTED", "autocommit", {"mode": "r+", "autocommit": 5}),
            ("EXISTS", "exists", {"mode": "w-"}),
            ("ARGUMENT", "do not make the same call", {"mode": "r+", "parts": 2 if rank == 1 else 3}),
            ("ARGUMENT", "from 1 to 64", {"mode": "r+", "parts": 0 if rank == 1 else 65}),
            ("ARGUMENT", "from 1 to 64", {"mode": "r+", "parts": "2"}),
        ]
        for status, words, options in opened:
            sentence = fails(status, RankFile, communicator, path, **options)
            assert words in sentence, (options, sentence)
        fails("ARGUMENT", RankFile, communicator, None if rank == 1 else path, "r")
        fails("NOT_FOUND", RankFile, communicator, os.path.join(folder, "absent", "x.h5"), "w")
        with RankFile(communicator, path, "r+", agree=False) as file:
            fails("SHAPE", lambda: file.write_block("v", np.zeros((1, 2)), (3, 2), (9 if rank == 1 else rank, 0)))
            file.write_block("v", np.ones((1, 2)), (3, 2), (rank, 0))

    clean()
    for rank in range(ranks):
        if os.path.exists(os.path.join(folder, f"sentence-{rank}")):
            os.unlink(os.path.join(folder, f"sentence-{rank}"))
    run(ranks, body)
    sentences = [open(os.path.join(folder, f"sentence-{rank}")).read() for rank in range(ranks)]
    assert sentences[0] == sentences[1] == sentences[2], "the same sentence and as many rounds on all ranks"
    with h5py.File(path) as file:
        assert sorted(file) == ["series", "there", "v"], sorted(file)
        assert np.array_equal(file["there"][:, 0], [0, 1, 2]) and file["series"].shape == (1, 3, 2)


def lost_callback():
    """An allgather that fails is an error on that rank, and the file is left at its latest commit."""
    clean()

    def body(communicator, rank):
        file = RankFile(communicator, path, "w")
        file.append_block("s", np.full((1, 2), float(rank)), (2, 2), (rank, 0))
        file.commit()
        file.append_block("s", np.full((1, 2), float(rank)), (2, 2), (rank, 0))
        communicator.fail_at = communicator.calls + 1
        assert "-3" in fails("IO", file.commit)
        fails("IO", file.commit)
        fails("IO", file.append_block, "s", np.zeros((1, 2)), (2, 2), (rank, 0))
        fails("IO", file.close)

    run(2, body)
    with File(path) as file:
        assert file.info("s")[1] == (1, 2, 2)


def full_disk():
    """A file that may not grow on one rank is one error on all, and the record is on none."""
    global parts
    # A rank by itself, one that writes a part for another one too, and one that writes into another one's part.
    for ranks, parts, full in [(2, 64, 1), (4, 2, 2), (4, 2, 3)]:
        clean()

        def body(communicator, rank):
            import resource
            with RankFile(communicator, path, "w") as file:
                file.append_block("s", np.full((1, 1000), float(rank)), (ranks, 1000), (rank, 0), chunks=[1, 1, 1000])
                big = np.full((1, 100000), float(rank))
                file.append_block("long", big, (ranks, 100000), (rank, 0))
                file.commit()
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                # What a refused call gives back has room for a small one, which the commit is to write.
                record = np.full((1, 1000), float(rank))
                if full < 3:
                    if rank == full:
                        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
                    sentence = fails("IO", file.append_block, "t", record, (ranks, 1000), (rank, 0), chunks=[1, 1, 1000])
                    assert f"rank {full} of {ranks}" in sentence, sentence
                if rank == full:
                    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, resource.RLIM_INFINITY))
                for write, name in [(file.write_block, "big"), (file.append_block, "large"), (file.append_block, "long")]:
                    sentence = fails("IO", write, name, big, (ranks, 100000), (rank, 0))
                    assert f"rank {full} of {ranks}" in sentence, sentence
                if rank == full:
                    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
                assert file.exists("big") is None and file.exists("t") is None and file.exists("large") is None
                assert file.info("long")[1] == (1, ranks, 100000)
                file.write_block("big", big, (ranks, 100000), (rank, 0))
                file.append_block("large", big, (ranks, 100000), (rank, 0))
                file.append_block("long", big + 1, (ranks, 100000), (rank, 0))
                file.append_block("s", record, (ranks, 1000), (rank, 0))

        run(ranks, body)
        with h5py.File(path) as file:
            assert np.array_equal(file["big"][:, 99999], range(ranks)) and file["s"].shape == (2, ranks, 1000)
            assert np.array_equal(file["large"][:, :, 99999], [range(ranks)])
            assert np.array_equal(file["long"][:, :, 99999], [range(ranks), range(1, ranks + 1)])


def exits():
    """A program that exits without closing leaves the latest commit of all ranks; h5sim_finalize says so."""
    for finalizes in (False, True):
        clean()
        script = f"""
import sys
sys.path.insert(0, {os.path.dirname(os.path.abspath(__file__))!r})
import os
import numpy as np
from forked import RankFile, Communicator
from h5sim_ctypes import LIB
communicator = Communicator(2)
child = os.fork()
communicator.rank = rank = 0 if child else 1
file = RankFile(communicator, {path!r}, "w", parts={parts})
file.append_block("s", np.full((1, 2), float(rank)), (2, 2), (rank, 0))
file.commit()
file.append_block("s", np.full((1, 2), float(rank)), (2, 2), (rank, 0))
if {finalizes}:
    status = LIB.h5sim_finalize()
    assert LIB.h5sim_status_name(status) == b"H5SIM_ERR_IO" and b"last commit of all ranks" in LIB.h5sim_last_error()
if child:
    os.waitpid(child, 0)
"""
        subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
        assert not [name for name in os.listdir(path + "-ranks") if name.endswith("-journal")]
        with h5py.File(path) as file:
            assert file["s"].shape == (1, 2, 2)


def kills():
    """Ranks killed at random instants, one or all: the next opening finds a commit that all ranks have, whole."""
    for case in range(max(6, count // 4)):
        clean()
        ranks = int(rng.choice([2, 3, 4]))
        draw_parts()
        notes = [os.path.join(folder, f"note-{rank}") for rank in range(ranks)]
        for note in notes:
            open(note, "w").close()
        limit = float(rng.random() * 0.25)

        def body(communicator, rank):
            file = RankFile(communicator, path, "w")
            file.write_block("u", np.zeros((1, 50)), (ranks, 50), (rank, 0))
            with open(notes[rank], "w") as note:
                for step in range(1, 100000):
                    file.append_block("s", np.full((1, 50), float(step)), (ranks, 50), (rank, 0))
                    file.append("time", np.float64(step))
                    file.write_block("u", np.full((1, 50), float(step)), (ranks, 50), (rank, 0))
                    file.commit()
                    note.write(f"{step}\n")
                    note.flush()

        children = start(ranks, body, limit=100)
        time.sleep(0.1 + limit)
        victims = list(rng.permutation(children))
        if rng.random() < 0.5:
            os.kill(int(victims.pop()), signal.SIGKILL)
            time.sleep(0.02)
        for child in victims:
            os.kill(int(child), signal.SIGKILL)
        for child in children:
            os.waitpid(child, 0)
        said = [[int(line) for line in open(note).read().split("\n")[:-1] if line] for note in notes]
        last = max((steps[-1] for steps in said if steps), default=0)
        alone = rng.random() < 0.5
        if last == 0 and not os.path.exists(path):
            continue
        if alone:
            # One rank's file by itself first.
            number = int(rng.integers(0, min(ranks, parts)))
            name = os.path.join(path + "-ranks", f"{number:04}.h5")
            try:
                with File(name, "r+" if rng.random() < 0.5 else "r") as file:
                    one = file.info("0/s")[1][0]
                assert last <= one <= last + 1, (case, last, one)
            except H5simError as error:
                assert last == 0, error
        try:
            file = File(path)
        except H5simError as error:
            assert last == 0, (case, last, error)
            continue
        found = file.info("s")[1][0] if file.exists("s") else 0
        assert last <= found <= last + 1, (case, last, found)
        if found:
            whole = file.read("s")
            assert (whole == np.arange(1.0, found + 1)[:, None, None]).all(), case
            assert (file.read("u") == found).all(), (case, found, file.read("u")[:, 0])
            assert list(file.read("time")) == list(range(1, found + 1))
        file.close()

        def go_on(communicator, rank):
            with RankFile(communicator, path, "a") as file:
                if file.exists("s"):
                    assert file.info("s")[1][0] == found
                file.append_block("s", np.full((1, 50), -1.0), (ranks, 50), (rank, 0))

        draw_parts()
        run(ranks, go_on)
        with h5py.File(path) as file:
            assert file["s"].shape[0] == found + 1 and (file["s"][found] == -1).all(), (case, found)
            assert found == 0 or (file["u"][...] == found).all()


def readers():
    """h5sim reads the master of a run that is being written: each call sees one commit of all ranks."""
    clean()
    ranks = 3
    done = os.path.join(folder, "done")
    if os.path.exists(done):
        os.unlink(done)

    def body(communicator, rank):
        file = RankFile(communicator, path, "w")
        for step in range(200):
            file.write_block("u", np.full((1, 400), float(step)), (ranks, 400), (rank, 0))
            file.append_block("s", np.full((1, 400), float(step)), (ranks, 400), (rank, 0))
            file.commit()
        file.close()
        if rank == 0:
            open(done, "w").close()

    children = start(ranks, body, limit=100)
    seen = set()
    while not os.path.exists(done):
        try:
            with File(path) as file:
                for _ in range(20):
                    values = file.read("u")
                    assert len(set(values.ravel())) == 1, "a mixture of two commits"
                    seen.add(values[0, 0])
                    records = file.read("s", "-1")
                    assert len(set(records.ravel())) == 1
        except H5simError as error:
            assert error.status in ("H5SIM_ERR_FORMAT", "H5SIM_ERR_NOT_FOUND", "H5SIM_ERR_LOCKED"), error
            assert not seen or error.status == "H5SIM_ERR_LOCKED", error
            time.sleep(0.005)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * ranks
    print(f"readers saw {len(seen)} commits")
    assert seen


def locked():
    """The sentence of a lock names the function for many ranks, under a launcher and without."""
    clean()

    def body(communicator, rank):
        file = RankFile(communicator, path, "w")
        file.commit()
        if rank == 1:
            assert "h5sim_open_ranks" in fails("LOCKED", File, path, "r+")
            os.environ["PMI_RANK"] = "1"
            assert "PMI_RANK" in fails("LOCKED", File, path, "r+")
        file.close()

    run(2, body)


def lent():
    """Large blocks that are new are written by the ranks themselves that share a part; others go through the allgather."""
    global parts
    parts = 2
    ranks, rows, columns = 4, 40, 5000
    shape = (ranks * rows, columns)
    values = rng.normal(size=shape)
    block_bytes = rows * columns * 8

    def part_of(array, rank, order="C"):
        # Inside ghost cells.
        around = np.zeros((rows + 2, columns + 2), array.dtype, order)
        around[1:-1, 1:-1] = array[rank * rows:(rank + 1) * rows]
        return around[1:-1, 1:-1]

    for durability in ("kill", "power", "none"):
        clean()

        def body(communicator, rank):
            def told(call):
                before = communicator.bytes
                call()
                return communicator.bytes - before

            start = (rank * rows, 0)
            with RankFile(communicator, path, "w", durability=durability) as file:
                packed = np.ascontiguousarray(part_of(values, rank))
                for name, array in [("u", packed), ("g/v", part_of(values, rank)), ("w", part_of(values, rank, "F"))]:
                    said = told(lambda: file.write_block(name, array, shape, start, attrs={"units": "K"}))
                    assert said < block_bytes / 10, (name, said)
                file.commit()
                single = (values * 2).astype("f4")
                assert told(lambda: file.write_block("single", part_of(single, rank), shape, start)) < block_bytes / 10
                for step in range(3):
                    said = told(lambda: file.append_block("s", packed + step, shape, start))
                    assert said < block_bytes / 10, ("a record", said)
                    file.commit()
                said = told(lambda: file.append_block("s", part_of(values, rank, "F"), shape, start))
                assert said < block_bytes / 10, ("a record with strides", said)
                file.truncate("s", 3)
                file.append_block("s", packed, shape, start)
                assert np.array_equal(file.read("s", "-1"), values)
                sent = {
                    "over another": lambda: file.write_block("u", packed * 3, shape, start),
                    "converted": lambda: file.write_block("half", packed, shape, start, dtype="f4"),
                    "rounded": lambda: file.write_block("rounded", packed, shape, start, quantize=3),
                    "compressed": lambda: file.write_block("small", packed, shape, start, compression="gzip", compression_opts=1),
                    "a compressed record": lambda: file.append_block("small_series", packed, shape, start, compression="gzip", compression_opts=1),
                    "a converted record": lambda: file.append_block("s", packed.astype("f4"), shape, start),
                }
                for what, call in sent.items():
                    assert told(call) >= block_bytes / 2, what
                # Its room is there for the next one, which is not lent where the last commit has had something.
                file.delete("g/v")
                file.commit()
                file.write_block("g/v", packed + 1, shape, start)
                whole = np.zeros(shape)
                file.read_block("g/v", whole, (0, 0))
                assert np.array_equal(whole, values + 1)

        run(ranks, body)
        with h5py.File(path) as file:
            assert np.array_equal(file["u"][...], values * 3) and file["u"].attrs["units"] == "K"
            assert np.array_equal(file["g/v"][...], values + 1) and np.array_equal(file["w"][...], values)
            assert np.array_equal(file["single"][...], (values * 2).astype("f4"))
            for step, expected in enumerate([values, values + 1, values + 2, values, values.astype("f4")]):
                assert np.array_equal(file["s"][step], expected), step
            assert np.array_equal(file["small_series"][0], values)
            assert np.array_equal(file["half"][...], values.astype("f4")) and np.array_equal(file["small"][...], values)
            assert np.abs(file["rounded"][...] / values - 1).max() < 1e-2 and not np.array_equal(file["rounded"][...], values)


def borrowers():
    """As long as a rank lives that may write into the part of another one, which is dead, nobody else opens that for writing."""
    global parts
    clean()
    parts = 1
    note = os.path.join(folder, "opened")
    if os.path.exists(note):
        os.unlink(note)

    def body(communicator, rank):
        file = RankFile(communicator, path, "w")
        file.append_block("s", np.full((1, 2), float(rank)), (2, 2), (rank, 0))
        file.commit()
        if rank == 0:
            open(note, "w").close()
        time.sleep(60)

    children = start(2, body, limit=100)
    while not os.path.exists(note):
        time.sleep(0.01)
    os.kill(children[0], signal.SIGKILL)
    os.waitpid(children[0], 0)
    one = os.path.join(path + "-ranks", "0000.h5")
    fails("LOCKED", File, one, "r+")
    fails("LOCKED", run_alone, "r+")
    fails("LOCKED", run_alone, "w")
    with File(path) as file:
        assert file.info("s")[1] == (1, 2, 2)
    os.kill(children[1], signal.SIGKILL)
    os.waitpid(children[1], 0)
    run_alone("r+")
    with File(one, "r+") as file:
        assert file.info("0/s")[1] == (1, 1, 2)


def run_alone(mode):
    """Opens the file as the only rank, and closes it."""
    communicator = forked.Communicator(1)
    communicator.rank = 0
    RankFile(communicator, path, mode).close()


def many():
    """More ranks than parts: neighbours share them, and a run goes on with few ranks and with many."""
    global parts
    clean()
    parts = 64
    ranks, few = 70, 3
    shape = (2 * ranks, 6)
    values = rng.normal(size=shape)
    records = [rng.normal(size=shape) for _ in range(6)]

    def rows(array, rank, count):
        first, last = (shape[0] * number // count for number in (rank, rank + 1))
        return array[first:last], shape, (first, 0)

    def check_reads(file, rank, count, steps):
        array = np.zeros((shape[0] // 2, 2))
        file.read_block("u", array, (rank % 3, 4))
        assert np.array_equal(array, values[rank % 3:rank % 3 + len(array), 4:])
        assert np.array_equal(file.read("s", "::-1, ::7"), np.array(records[:steps])[::-1, ::7])
        assert file.info("s")[1] == (steps, *shape)

    def write(communicator, rank):
        with RankFile(communicator, path, "w") as file:
            file.write_block("u", *rows(values, rank, ranks), attrs={"units": "K"})
            file.write_block("packed", *rows(values, rank, ranks), compression="gzip", chunks=[1, 6])
            for record in records[:2]:
                file.append_block("s", *rows(record, rank, ranks))
            file.commit()
            file.append_block("s", *rows(records[2], rank, ranks))
            # Another rank's rows, of which one is in another part.
            file.write_block("u", *rows(values, ranks - 1 - rank, ranks))
            check_reads(file, rank, ranks, 3)

    def go_on(communicator, rank):
        with RankFile(communicator, path, "r+") as file:
            check_reads(file, rank, few, 3)
            file.append_block("s", *rows(records[3], rank, few))
            values[5] = 7
            file.write_slice("u", "5", values[5])

    def again(communicator, rank):
        values[5] = 7
        with RankFile(communicator, path, "r+") as file:
            check_reads(file, rank, ranks, 4)
            for record in records[4:]:
                file.append_block("s", *rows(record, rank, ranks))
            check_reads(file, rank, ranks, 6)
            file.write_block("u", *rows(values, rank, ranks))

    room = 1 << 20
    run(ranks, write, room=room)
    assert len(os.listdir(path + "-ranks")) == 64 + 1, "parts, and what is decided"
    run(few, go_on)
    values[5] = 7
    run(ranks, again, limit=120, room=room)
    out = os.path.join(folder, "joined.h5")
    if os.path.exists(out):
        os.unlink(out)
    subprocess.run([os.environ["H5SIM_PROGRAM"], "join", path, out], check=True, capture_output=True)
    for name in (path, out):
        with h5py.File(name) as file:
            assert np.array_equal(file["u"][...], values) and file["u"].attrs["units"] == "K"
            assert np.array_equal(file["s"][...], np.array(records))
            assert file["packed"].is_virtual == (name == path) and (name == path or file["packed"].compression == "gzip")
    with File(path) as file:
        check_reads(file, 0, 1, 6)


# Each with these numbers of parts; some draw their own.
TESTS = {random_blocks: [64], everything_else: [64, 2, 1], described: [64, 2, 1], quantized: [64, 2, 1], joined: [64, 2, 1], misuse: [64, 2, 1], lost_callback: [64, 1],
         full_disk: [64], exits: [64, 1], kills: [64], readers: [64, 2], locked: [64], lent: [64], borrowers: [64], many: [64]}
wanted = sys.argv[4:]
for test, numbers in TESTS.items():
    for most in numbers:
        if wanted and test.__name__ not in wanted:
            continue
        begun, parts = time.monotonic(), most
        test()
        print(f"{test.__name__}{'' if most == 64 else f' with {most} parts'}: {time.monotonic() - begun:.1f} s", flush=True)
