"""Random programs on a file of many ranks beside the same on a file of one process: SEED CASES FOLDER [CASE].

Each rank makes every call on both files and compares what they give: the same values, or the same status. Datasets are written in blocks, as a
whole, and in slices; they are moved, copied and cut; and another number of ranks goes on with them.
"""

import os
import shutil
import subprocess
import sys

import h5py
import numpy as np

from forked import RankFile, run
from h5sim_ctypes import File, H5simError

seed, count, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
only = int(sys.argv[4]) if len(sys.argv) > 4 else None
path = os.path.join(folder, "model.h5")
RANKS = [1, 2, 3, 4, 7]
# The most parts: with fewer than ranks, ranks share them.
PARTS = [1, 2, 64, 64]
ARRAYS = ["a", "b", "g/c", "g/h/d"]
SERIES = ["s", "g/t", "g/h/r"]
EVERYTHING = [*ARRAYS, *SERIES, "time", "g", "g/h", "new", "k/l"]
# What a file of many ranks says to what it cannot do, where a file of one process can.
UNLIKE = {"link": "UNSUPPORTED"}
calls = {}


def outcome(call):
    """What a call gives, or the status that it fails with."""
    try:
        return "gives", call()
    except H5simError as error:
        outcome.sentence = error.message
        return "fails", error.status.removeprefix("H5SIM_ERR_")


def equal(one, other):
    if isinstance(one, np.ndarray):
        return one.shape == other.shape and one.dtype == other.dtype and np.array_equal(one, other, equal_nan=True)
    return one == other


class Both:
    """The file of many ranks, and this rank's own copy of the file of one process."""

    def __init__(self, communicator, rank, ranks, parts, mode):
        self.file = RankFile(communicator, path, mode, parts=parts)
        self.plain = File(f"{path}-plain-{rank}", mode)
        self.rank, self.ranks, self.parts, self.said = rank, ranks, parts, []

    def call(self, name, *arguments, **options):
        """The same call on both."""
        self.compare(name, arguments, lambda: getattr(self.plain, name)(*arguments, **options),
                     lambda: getattr(self.file, name)(*arguments, **options))

    def compare(self, name, arguments, plain, ranks):
        if os.environ.get("VERBOSE") and self.rank == 0:
            print("-", name, [f"array {one.shape}" if isinstance(one, np.ndarray) else one for one in arguments], flush=True)
        expected = outcome(plain)
        try:
            found = "gives", ranks()
        except H5simError as error:
            found = "fails", error.status.removeprefix("H5SIM_ERR_")
            sentence = error.message
        shown = [f"array {one.shape}" if isinstance(one, np.ndarray) else repr(one) for one in arguments]
        self.said.append(f"{name}({', '.join(shown)}) {expected[0]}")
        calls[name, expected[0]] = calls.get((name, expected[0]), 0) + 1
        if found == ("fails", UNLIKE.get(name)) and expected[0] == "gives":
            # The file of one process is to be as the other one.
            self.plain.delete(arguments[0])
            return
        if expected[0] != found[0] or not equal(expected[1], found[1]):
            more = f"\n{sentence}" if found[0] == "fails" else ""
            if expected[0] == "fails":
                more += f"\nalone: {outcome.sentence}"
            before = "".join(f"\n- {said}" for said in self.said[-15:])
            raise AssertionError(f"rank {self.rank} of {self.ranks} in {self.parts} parts: one process {expected}, many ranks {found}{more}, after{before}")


def box(rng, shape):
    start = [int(rng.integers(0, extent + 1)) for extent in shape]
    return start, [int(rng.integers(0, extent - first + 1)) for first, extent in zip(start, shape)]


def blocks_of(rng, shape, ranks, covers):
    """Blocks that do not overlap: slabs along an axis in any order, of which some are narrower if they are not to cover all."""
    axis = int(rng.integers(0, len(shape)))
    ends = [0, *sorted(int(cut) for cut in rng.integers(0, shape[axis] + 1, ranks - 1)), shape[axis]]
    blocks = []
    for first, last in zip(ends, ends[1:]):
        start, extents = [0] * len(shape), list(shape)
        start[axis], extents[axis] = first, last - first
        if not covers and rng.random() < 0.5:
            inner, extents = box(rng, extents)
            start = [outer + more for outer, more in zip(start, inner)]
        blocks.append((start, extents))
    return [blocks[number] for number in rng.permutation(ranks)]


def numbers(rng, shape):
    dtype = str(rng.choice(["f8", "f8", "f4", "i4"]))
    return (rng.normal(size=shape) * 50).astype(dtype)


def slice_text(rng, shape):
    texts = []
    for extent in shape[: int(rng.integers(0, len(shape) + 1))]:
        kind = rng.random()
        if kind < 0.25 and extent:
            texts.append(str(int(rng.integers(-extent, extent))))
        elif kind < 0.5:
            texts.append(":")
        else:
            first, last = (int(at) for at in rng.integers(0, extent + 1, 2))
            step = int(rng.choice([1, 2, 3, -1, -2]))
            texts.append(f"{first}:{last}:{step}")
    return ", ".join(texts)


def hyperslab(rng, shape):
    start, stride, number, block = [], [], [], []
    for extent in shape:
        first, width = int(rng.integers(0, max(extent, 1))), int(rng.integers(1, 3))
        step = int(rng.integers(width, width + 3))
        most = (extent - first - width) // step + 1 if extent >= first + width else 0
        start.append(first), stride.append(step), block.append(width), number.append(int(rng.integers(0, most + 1)))
    return start, number, stride, block


def step(rng, both):
    """One call, at random; all ranks draw the same."""
    rank, ranks = both.rank, both.ranks
    name = str(rng.choice(ARRAYS + SERIES))
    is_series = name in SERIES
    there = outcome(lambda: both.plain.info(name)[1])
    shape = there[1] if there[0] == "gives" else None
    record = list(shape[1:] if is_series else shape) if shape is not None else [int(extent) for extent in rng.integers(1, 6, int(rng.integers(1, 4)))]
    options = [{}, {"compression": "gzip"}, {"attrs": {"n": int(rng.integers(0, 9))}}, {"fillvalue": -1}][int(rng.integers(0, 4))]
    kind = str(rng.choice(["block"] * 5 + ["slice"] * 3 + ["whole", "hyperslab", "read", "read", "read", "cut", "names", "names", "attrs", "time", "commit"]))
    if kind == "block" and record:
        blocks = blocks_of(rng, record, ranks, rng.random() < 0.6)
        if all(0 in extents for _, extents in blocks):
            return
        whole = numbers(rng, record)
        parts = [whole[tuple(slice(s, s + n) for s, n in zip(*block))] for block in blocks]
        mine = parts[rank], record, blocks[rank][0]
        if is_series:
            both.compare("append_block", (name, record, blocks), lambda: append_all(both.plain, name, parts, record, blocks, options),
                         lambda: both.file.append_block(name, *mine, **options))
        else:
            if rng.random() < 0.2:
                options = {**options, "overwrite": True}
            both.compare("write_block", (name, record, blocks, options), lambda: write_all(both.plain, name, parts, record, blocks, options),
                         lambda: both.file.write_block(name, *mine, **options))
    elif kind == "slice" and shape is not None:
        text = slice_text(rng, shape)
        array = numbers(rng, both.plain.slice_shape(name, text))
        if rng.random() < 0.5:
            both.call("write_slice", name, text, array)
        else:
            both.call("write_from", name, np.asfortranarray(array), text)
    elif kind == "hyperslab" and shape:
        start, number, stride, block = hyperslab(rng, shape)
        array = numbers(rng, [n * b for n, b in zip(number, block)])
        both.call("write_hyperslab", name, array, start, number, stride, block)
        start, number, stride, block = hyperslab(rng, shape)
        both.call("read_hyperslab", name, start, number, stride, block)
    elif kind == "whole":
        array = numbers(rng, record)
        if is_series:
            both.call("append", name, array, **options)
            if rng.random() < 0.3:
                both.call("append", name, numbers(rng, [3, *record]), records=3)
            if record:
                both.call("append_from", name, np.asfortranarray(array))
        elif rng.random() < 0.3:
            both.call("create", name, "f8", record, overwrite=bool(rng.random() < 0.5), **options)
        else:
            both.call("write", name, array, overwrite=bool(rng.random() < 0.7), **options)
        if rng.random() < 0.1:
            both.call("write_text_with", name, "text", overwrite=True)
    elif kind == "read":
        both.call("info", name)
        if shape is not None:
            both.call("read", name, slice_text(rng, shape), "f8")
            start, extents = box(rng, shape)
            for _ in range(rank):
                start, extents = box(rng, shape)
            array = np.zeros(extents)
            again = np.zeros(extents)
            # Whatever rank there is draws as often.
            for _ in range(ranks - 1 - rank):
                box(rng, shape)
            both.compare("read_block", (name, start, extents), lambda: both.plain.read_block(name, array, start),
                         lambda: both.file.read_block(name, again, start))
            assert np.array_equal(array, again), (name, start, extents)
            into, again = np.zeros(shape, order="F"), np.zeros(shape, order="F")
            both.compare("read_into", (name,), lambda: both.plain.read_into(name, into), lambda: both.file.read_into(name, again))
            assert np.array_equal(into, again), name
        group = str(rng.choice(["/", "g", "g/h"]))
        both.compare("keys", (group,), lambda: keys_of(both.plain, group), lambda: keys_of(both.file, group))
        both.call("exists", name)
        both.compare("tree", (group,), lambda: tree_of(both.plain, group), lambda: tree_of(both.file, group))
    elif kind == "cut" and shape is not None:
        records = int(rng.integers(0, shape[0] + 2)) if shape else 0
        layout = both.plain.layout(name)
        if layout["chunks"] and layout["maxshape"][0] is not None:
            # Of an array in blocks the extents stay, of one in chunks in a file of one process they need not.
            return
        if rng.random() < 0.5:
            both.call("truncate", name, records)
        elif rng.random() < 0.5:
            both.call("resize", name, [records, *shape[1:]])
        elif both.plain.exists("time") != "dataset" or both.plain.layout("time")["maxshape"][:1] == [None]:
            both.call("rewind", "time", float(rng.integers(-1, 8)))
    elif kind == "names":
        other = str(rng.choice(EVERYTHING))
        source = str(rng.choice(EVERYTHING))
        change = rng.random()
        if change < 0.35:
            both.call("copy", source, other)
        elif change < 0.7:
            both.call("move", source, other)
        elif change < 0.8:
            both.call("link", other, source)
        elif change < 0.9:
            both.call("delete", other)
        else:
            both.call("delete", str(rng.choice(["new", "k", "g/h"])))
    elif kind == "attrs":
        both.call("set_attr", name, "u", numbers(rng, [2]))
        # Names of axes wait for the commit, and longer in one process.
        own = lambda file: [key for key in file.attr_keys(name) if key != "DIMENSION_LIST"]
        both.compare("attr_keys", (name,), lambda: own(both.plain), lambda: own(both.file))
        both.call("get_attr", name, "u", "f8")
    elif kind == "time":
        length = outcome(lambda: both.plain.info("time")[1])
        if length[0] == "gives" and len(length[1]) == 1:
            both.call("append", "time", np.float64(length[1][0]))
        else:
            both.call("append", "time", np.float64(0))
        if is_series and shape is not None:
            both.call("set_dims", name, ["time", *[f"{name[-1]}{axis}" for axis in range(1, len(shape))]])
    elif kind == "commit":
        # A coordinate of another length is told of by the commit.
        both.call("commit")


def write_all(file, name, parts, shape, blocks, options):
    """One process writes the blocks of all ranks."""
    filled = [number for number, (_, extents) in enumerate(blocks) if 0 not in extents]
    for number in filled:
        file.write_block(name, parts[number], shape, blocks[number][0], **options)
        options = {key: value for key, value in options.items() if key != "overwrite"}


def append_all(file, name, parts, shape, blocks, options):
    filled = [number for number, (_, extents) in enumerate(blocks) if 0 not in extents]
    file.append_block(name, parts[filled[0]], shape, blocks[filled[0]][0], **options)
    for number in filled[1:]:
        inner = ", ".join(f"{s}:{s + n}" for s, n in zip(*blocks[number]))
        file.write_from(name, parts[number], f"-1, {inner}")


def tree_of(file, group):
    """Kinds, types and shapes; of all but axes without coordinate, which are made sooner or later before a commit."""
    return {name: {key: entry.get(key) for key in ("kind", "type", "dtype", "shape")} for name, entry in file.tree(group).items()
            if not name[-1].isdigit()}


def keys_of(file, group):
    return [name for name in file.keys(group) if not name[-1].isdigit()]


def contents(name):
    """All that h5py shows of a file, but for axes without coordinate: those that datasets have are named with them, and one that
    nothing has any more is there or not, since they are made sooner or later before a commit."""
    found = {}

    def look(below, entry):
        if below[-1].isdigit() and b"This is a netCDF dimension" in entry.attrs.get("NAME", b""):
            return
        attributes = {key: str(value) for key, value in entry.attrs.items() if key not in ("DIMENSION_LIST", "REFERENCE_LIST", "CLASS", "NAME", "_Netcdf4Dimid")}
        if not isinstance(entry, h5py.Dataset):
            found[below] = attributes
            return
        axes = [(dim.label, [scale.name for scale in dim.values()]) for dim in entry.dims]
        found[below] = attributes, axes, entry[()].tolist() if entry.dtype.kind != "O" else entry.asstr()[()], str(entry.dtype)

    with h5py.File(name) as file:
        file.visititems(look)
    return found


def one(case):
    rng = np.random.default_rng([seed, case])
    for name in os.listdir(folder):
        whole = os.path.join(folder, name)
        shutil.rmtree(whole) if os.path.isdir(whole) else os.unlink(whole)
    for phase in range(int(rng.integers(1, 4))):
        ranks, parts = int(rng.choice(RANKS)), int(rng.choice(PARTS))
        if phase:
            for rank in range(max(RANKS)):
                if rank or not os.path.exists(f"{path}-plain-0"):
                    shutil.copy(f"{path}-plain-0", f"{path}-plain-{rank}")
        steps = int(rng.integers(5, 40))
        drawn = int(rng.integers(0, 1 << 30))

        def body(communicator, rank):
            both = Both(communicator, rank, ranks, parts, "a")
            mine = np.random.default_rng(drawn)
            for _ in range(steps):
                step(mine, both)
            both.call("close")
            if rank == 0:
                with open(os.path.join(folder, "calls"), "a") as file:
                    for (name, how), number in calls.items():
                        file.write(f"{name} {how} {number}\n")

        try:
            run(ranks, body)
        except AssertionError:
            raise AssertionError(f"case {case} of seed {seed}, in its opening {phase} on {ranks} ranks with {parts} parts") from None
        many, plain = contents(path), contents(f"{path}-plain-0")
        assert many.keys() == plain.keys(), (case, many.keys() ^ plain.keys())
        for name in many:
            assert many[name] == plain[name], (seed, case, phase, name, many[name], plain[name])
    out = os.path.join(folder, "joined.h5")
    subprocess.run([os.environ["H5SIM_PROGRAM"], "join", path, out], check=True, capture_output=True, timeout=60)
    joined = contents(out)
    assert joined == plain, (case, {name for name in plain if joined.get(name) != plain[name]})
    with open(os.path.join(folder, "calls")) as file:
        for line in file:
            name, how, number = line.split()
            made[name, how] = made.get((name, how), 0) + int(number)


made = {}
for case in range(count) if only is None else [only]:
    one(case)
print(", ".join(f"{name} {made.get((name, 'gives'), 0)}+{made.get((name, 'fails'), 0)}" for name in sorted({name for name, _ in made})))
