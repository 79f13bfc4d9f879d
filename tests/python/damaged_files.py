"""Damaged and hostile files, read by h5sim beside h5py: SEED MUTANTS FOLDER [FILE...].

Files of many kinds are changed in places that HDF5 trusts, and at random, with their checksums repaired, and read in
modes r and r+. What h5py survives h5sim has to survive: no crash, no hang, no memory without end; and no other numbers. The FILEs are read as
they are.
"""

import hashlib
import json
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import time

import h5py
import numpy as np

from checksums import checksum
from h5sim_ctypes import File, H5simError

seed, mutants, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
rng = np.random.default_rng(seed)

# The most elements of a dataset that are read, and what a reader may take: seconds of a processor, and so many times as long.
ELEMENTS = 1 << 20
SECONDS = 20
WAITING = 6
MEMORY = 4 << 30

# ---- Files that are whole.

def make(path, **options):
    """A file with something of everything."""
    with h5py.File(path, "w", **options) as file:
        file["plain"] = np.arange(60.0).reshape(5, 12)
        file["big endian"] = np.arange(7, dtype=">i4")
        file["scalar"] = 5
        file["empty"] = np.zeros((0, 3))
        file["null"] = h5py.Empty("f4")
        file["text"] = "text of variable length"
        file["texts"] = ["one", "two", "three"]
        file["fixed"] = np.array([b"abc", b"de"])
        file["flags"] = np.array([True, False, True])
        file["complex"] = np.arange(3) * (1 + 2j)
        file["compound"] = np.array([(1, 2.5), (3, 4.5)], dtype=[("a", "i2"), ("b", "f8")])
        file["list"] = h5py.Reference()
        ragged = file.create_dataset("ragged", (3,), h5py.vlen_dtype("i4"))
        ragged[0], ragged[2] = [1, 2, 3], [4]
        for number, more in enumerate([{}, {"compression": 4}, {"compression": 1, "shuffle": True}, {"fletcher32": True}]):
            file.create_dataset(f"chunks {number}", data=np.arange(600, dtype="f4").reshape(20, 30), chunks=(7, 8), **more)
            file.create_dataset(f"growing {number}", data=np.arange(50, dtype="i8"), chunks=(6,), maxshape=(None,), **more)
        file.create_dataset("scaled", data=np.arange(40).reshape(8, 5), chunks=(4, 5), scaleoffset=0)
        file.create_dataset("scaled growing", data=np.arange(50), chunks=(6,), maxshape=(None,), scaleoffset=0)
        file.create_dataset("growing both", data=np.arange(50, dtype="i2").reshape(5, 10), chunks=(2, 3), maxshape=(None, None))
        file.create_dataset("one chunk", data=np.arange(40), chunks=(40,))
        file.create_dataset("partly", (100,), "f8", chunks=(9,), fillvalue=1.5)[30:50] = np.arange(20)
        file.create_dataset("sparse", (1 << 33,), "u1", chunks=(1 << 16,), maxshape=(None,))[5] = 7
        compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        compact.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple((4,))
        h5py.h5d.create(file.id, b"compact", h5py.h5t.NATIVE_INT32, space, compact).write(
            h5py.h5s.ALL, h5py.h5s.ALL, np.arange(4, dtype="i4"))
        many = file.create_group("many")
        for number in range(60):
            many[f"member {number}"] = number
        for depth in range(6):
            file.create_group("/".join(["deep"] * (depth + 1)))
        file["hard"] = file["plain"]
        file["soft"] = h5py.SoftLink("/many")
        file["nowhere"] = h5py.SoftLink("/no/such/place")
        file["external"] = h5py.ExternalLink("no such file.h5", "/x")
        for name in ["plain", "many", "/"]:
            for number in range(12 if name == "many" else 3):
                file[name].attrs[f"number {number}"] = np.arange(number + 1.0)
            file[name].attrs["text"] = "of variable length"
            file[name].attrs["fixed"] = np.bytes_(b"fixed")
        file["named type"] = np.dtype("f4")
        file["plain"].dims[0].label = "x"
        file["axis"] = np.arange(5.0)
        file["axis"].make_scale("axis")
        file["plain"].dims[0].attach_scale(file["axis"])


def make_ours(path, **options):
    with File(path, "w", **options) as file:
        for number in range(40):
            file.write(f"group/{number}", np.arange(float(number)))
            file.set_attr(f"group/{number}", "step", np.array(number))
            file.set_attr_text(f"group/{number}", "unit", "m" * number)
        for record in range(50):
            file.append("series", np.arange(4.0) + record)
        file.write("gzip", np.arange(5000.0), compression="gzip", shuffle=True)
        file.write("zstd", np.arange(5000.0), compression="zstd")


def whole_files():
    found = []
    for name, options in [("old", {"libver": "earliest"}), ("new", {"libver": "latest"}), ("v110", {"libver": ("v110", "v110")}),
                          ("block", {"libver": "earliest", "userblock_size": 512}),
                          ("paged", {"libver": "latest", "fs_strategy": "page", "fs_persist": True})]:
        path = os.path.join(folder, name + ".h5")
        make(path, **options)
        found.append(path)
    for name, options in [("ours", {}), ("ours new", {"libver": "latest"})]:
        path = os.path.join(folder, name + ".h5")
        make_ours(path, **options)
        found.append(path)
    return [open(path, "rb").read() for path in found]


# ---- What is done to them.

SIGNATURES = [b"OHDR", b"OCHK", b"FRHP", b"FHDB", b"FHIB", b"BTHD", b"BTLF", b"BTIN", b"FAHD", b"FADB", b"EAHD", b"EAIB", b"EASB",
              b"EADB", b"FSHD", b"FSSE", b"SMTB", b"SMLI", b"\x89HDF"]


def checked_ranges(data):
    """Starts and ends of what a checksum follows."""
    found = []
    for signature in SIGNATURES:
        at = data.find(signature)
        while at >= 0:
            for end in range(at + 8, min(at + 4200, len(data) - 3)):
                if checksum(data[at:end]) == int.from_bytes(data[end:end + 4], "little"):
                    found.append((at, end))
                    break
            at = data.find(signature, at + 1)
    return found


def places_of_interest(data):
    """Bytes of metadata: near signatures, and in old headers."""
    places = []
    for signature in SIGNATURES + [b"TREE", b"SNOD", b"HEAP", b"GCOL"]:
        at = data.find(signature)
        while at >= 0:
            places.append((at, 300))
            at = data.find(signature, at + 1)
    at = data.find(b"\x01\x00")
    while at >= 0:
        if at % 8 == 0 and data[at + 4:at + 8] in [b"\x01\0\0\0", b"\x02\0\0\0"]:
            places.append((at, 300))
        at = data.find(b"\x01\x00", at + 1)
    return places


def mutant(data, places, ranges):
    data = bytearray(data)
    for _ in range(int(rng.choice([1, 1, 1, 2, 3, 8]))):
        start, length = places[rng.integers(len(places))]
        at = min(start + int(rng.integers(length)), len(data) - 9)
        if rng.random() < 0.5:
            at -= at % 8
        kind = rng.random()
        if kind < 0.3:
            data[at] = int(rng.integers(256))
        elif kind < 0.5:
            data[at] ^= 1 << int(rng.integers(8))
        elif kind < 0.65:
            size = int(rng.choice([1, 2, 4, 8]))
            value = int(rng.choice([0, 1, 2, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, (1 << 63) - 1, len(data)]))
            data[at:at + size] = (value % (1 << 8 * size)).to_bytes(size, "little")
        elif kind < 0.75:
            data[at:at + 8] = b"\xff" * 8
        elif kind < 0.9:
            # An address of something else.
            other, _ = places[rng.integers(len(places))]
            data[at:at + 8] = other.to_bytes(8, "little")
        else:
            other, _ = places[rng.integers(len(places))]
            size = int(rng.choice([8, 16, 40, 100]))
            data[at:at + size] = data[other:other + size]
    if rng.random() < 0.03:
        del data[int(rng.integers(len(data))):]
    return repaired(data, ranges)


def repaired(data, ranges):
    """A file with its checksums right again."""
    data = bytearray(data)
    for start, end in ranges:
        if end + 4 <= len(data):
            data[end:end + 4] = checksum(data[start:end]).to_bytes(4, "little")
    return bytes(data)


# The datatype of little-endian floats of 4 bytes; the bias of their exponent is at its byte 16.
FLOAT = b"\x11\x20\x1f\0\x04\0\0\0\0\0\x20\0\x17\x08\0\x17\x7f\0\0\0"


# The extents of 20 by 30 elements that do not grow.
EXTENTS = b"".join(extent.to_bytes(8, "little") for extent in [20, 30, 20, 30])


def without_chunks(data):
    """A file with chunks that have no address, to which HDF5 adds the size of the user block."""
    at = data.find(b"TREE\1")
    while at >= 0:
        for child in [at + 24 + 24, at + 24 + 32]:
            other = bytearray(data)
            other[child:child + 8] = b"\xff" * 8
            yield bytes(other)
        at = data.find(b"TREE\1", at + 1)


def inner_nodes(data):
    """Of each tree of version 2 whose root has others below it: its header, its root, and the records in that and their size."""
    at = data.find(b"BTHD")
    while at >= 0:
        record, depth = (int.from_bytes(data[at + field:at + field + 2], "little") for field in [10, 12])
        root, records = int.from_bytes(data[at + 16:at + 24], "little"), int.from_bytes(data[at + 24:at + 26], "little")
        if depth > 0:
            assert data[root:root + 4] == b"BTIN"
            yield at, root, records, record
        at = data.find(b"BTHD", at + 1)


def planted(data, ranges):
    """A file with what HDF5 follows blindly: trees without end, names outside their heaps, free lists that are none."""
    def places(signature):
        """Some of the places where a structure begins."""
        found = []
        at = data.find(signature)
        while at >= 0:
            found.append(at)
            at = data.find(signature, at + 1)
        return found[::max(1, len(found) // 4)]

    def changed(*changes):
        other = bytearray(data)
        for at, value in changes:
            other[at:at + len(value)] = value
        return repaired(other, ranges)

    for at in places(b"TREE\1"):
        # The same of a tree of chunks, and chunks that are not in order.
        yield changed((at + 5, b"\x01"), (at + 24 + 24, at.to_bytes(8, "little")))
        yield changed((at + 5, b"\x01"), (at + 24 + 32, at.to_bytes(8, "little")))
        yield changed((at + 24 + 16, (1 << 40).to_bytes(8, "little")))
        yield changed((at + 24 + 16, (1 << 40).to_bytes(8, "little")), (at + 24 + 8, bytes(8)))
    at = data.find(EXTENTS)
    while at >= 0:
        # Extents that may grow by more chunks than the index has slots for.
        yield changed((at + 24, (30 + (1 << 16)).to_bytes(8, "little")))
        at = data.find(EXTENTS, at + 1)
    for at in places(b"GCOL"):
        # A free block that is its own next one.
        yield changed((at + 24 + 16, bytes(24)))
    for signature, field, value in [(b"EAHD", 44, 1 << 50), (b"FAHD", 8, 1 << 50), (b"BTHD", 12, 0x7FFF)]:
        # More slots for chunks than there can be, and trees as deep as no stack is.
        for at in places(signature):
            size = 2 if signature == b"BTHD" else 8
            yield changed((at + field, value.to_bytes(size, "little")))
    # A float of another exponent, whose values are not those of the float of its size.
    at = data.find(FLOAT)
    yield changed((at + 16, b"\x27"))
    yield changed((at + 16, b"\xff\xff\xff\xff"))
    for at in places(b"FAHD"):
        # Fewer slots than there are chunks.
        yield changed((at + 8, (1).to_bytes(8, "little")))
    for at in places(b"FSHD"):
        # More room for the list than the file has, which is freed.
        yield changed((at + 70, (1 << 63).to_bytes(8, "little")))
        yield changed((at + 70, ((1 << 64) - 16776000).to_bytes(8, "little")))
    for at in places(b"FSSE"):
        # Kinds of free space in a heap: the first section's, and the second's where both are of blocks.
        for section in [21, 30]:
            for kind in [1, 2, 3]:
                yield changed((at + section, bytes([kind])))
    for _, node, records, record in inner_nodes(data):
        # More records in a node than it has room for, and more below it than there are.
        yield changed((node + 6 + records * record + 8, b"\xff"))
        yield changed((node + 6 + records * record + 8, b"\x01"))
    for at in places(b"BTLF\0\x08"):
        # An attribute among the shared ones of a file that has none.
        yield changed((at + 6 + 8, b"\x02"))
    for at in places(b"TREE\0"):
        # A node that is its own child, at any depth.
        yield changed((at + 5, b"\xec"), (at + 6, b"\1\0"), (at + 32, at.to_bytes(8, "little")))
        yield changed((at + 5, b"\x01"), (at + 32, at.to_bytes(8, "little")))
    for at in places(b"SNOD"):
        for offset in [1 << 40, (1 << 64) - 1, 87, 1 << 16]:
            yield changed((at + 8, offset.to_bytes(8, "little")))
    for at in places(b"HEAP"):
        yield changed((at + 16, bytes(8)))
        yield changed((at + 8, bytes(8)))
        yield changed((at + 8, b"\x10" + bytes(7)))


# ---- Who reads them.

def digest(array):
    array = np.ascontiguousarray(array)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        # What h5py takes for floats with unusual bits; a double holds what these files have in them.
        array = array.astype("f8")
    if array.dtype.kind in "iufcb":
        array = array.astype(array.dtype.newbyteorder("="))
    return f"{array.dtype.str} {array.shape} {hashlib.sha1(array.tobytes()).hexdigest()}"


def by_h5sim(path, mode):
    """What is at each path: what was read, twice, or the status."""
    found = {}
    with File(path, mode) as file:
        try:
            tree = file.tree("/")
        except H5simError as error:
            tree = {}
            found["/"] = error.status
        for group in ["/"] + [name for name, item in tree.items() if item.get("kind") == "group"]:
            try:
                file.keys(group)
                file.attr_keys(group)
            except (H5simError, UnicodeDecodeError):
                pass
        for name, item in tree.items():
            if item.get("kind") != "dataset":
                continue
            answers = []
            for _ in range(2):
                try:
                    dtype, shape = file.info(name)
                    count = int(np.prod([int(extent) for extent in shape], dtype=object))
                    if dtype in ["TEXT", "OTHER"]:
                        answers.append(dtype)
                    elif count > ELEMENTS:
                        answers.append(f"part {digest(file.read(name, '-1:'))}" if len(shape) == 1 else "large")
                    else:
                        answers.append(digest(file.read(name)))
                    for attribute in file.attr_keys(name):
                        kind, _ = file.attr_info(name, attribute)
                        if kind == "TEXT":
                            file.get_attr_text(name, attribute)
                        elif kind != "OTHER":
                            file.get_attr(name, attribute)
                except H5simError as error:
                    answers.append(error.status)
            assert answers[0] == answers[1] or len(answers) != 2, f"two answers of one call for '{name}': {answers}"
            found[name] = answers[0]
        if mode == "r+":
            try:
                file.set_attr("/", "h5sim was here", np.arange(3.0))
                file.write("h5sim was here/too", np.arange(3.0))
                file.commit()
            except H5simError:
                pass
    if mode == "r+":
        change_names(path, list(found))
    return found


def lies_within(path, name):
    """Whether the elements of a dataset in one piece are where the file has any."""
    try:
        with h5py.File(path) as file:
            dataset = file[name].id
            return dataset.get_offset() is None or dataset.get_offset() + dataset.get_storage_size() <= os.path.getsize(path)
    except Exception:
        return False


def change_names(path, names):
    """Links, moves, cuts and deletes, before HDF5 has seen anything: whatever that finds, it says so or does it."""
    with open(path, "rb") as file:
        # What is damaged of indexes of chunks and heaps of the newer format HDF5 changes for ever, or by writing past its own memory, as it does for h5py.
        if b"OHDR" in file.read():
            return
    groups = {name.rsplit("/", 1)[0] for name in names if "/" in name.strip("/")}
    # Room behind the end of a file HDF5 gives back with memory that it has given back itself.
    names = [name for name in names if lies_within(path, name)]
    try:
        file = File(path, "r+")
    except H5simError:
        return
    with file:
        for number, name in enumerate([*names, *groups]):
            calls = [lambda: file.link(f"changed/link{number}", name, type="hard"),
                     lambda: file.link(f"changed/soft{number}", name), lambda: file.truncate(name, 1),
                     lambda: file.read(f"changed/soft{number}", "0:1"), lambda: file.move(name, f"changed/moved{number}"),
                     lambda: file.delete(f"changed/link{number}"), lambda: file.delete(f"changed/moved{number}" if number % 2 else name)]
            for call in calls:
                try:
                    call()
                # What is no number h5sim reads otherwise.
                except (H5simError, StopIteration):
                    pass
        try:
            file.commit()
        except H5simError:
            pass


CHANGES = """
import sys, h5py
with h5py.File(sys.argv[1], "r+") as file:
    names = []
    def walk(group, depth):
        try:
            keys = list(file[group])
        except Exception:
            return
        for key in keys:
            names.append(f"{group}/{key}".strip("/"))
            try:
                is_group = file.get(names[-1], getclass=True) is h5py.Group
            except Exception:
                is_group = False
            if is_group and depth < 8:
                walk(names[-1], depth + 1)
    walk("/", 0)
    for number, name in enumerate(names):
        def hard(): file[f"changed/link{number}"] = file[name]
        def soft(): file[f"changed/soft{number}"] = h5py.SoftLink("/" + name)
        def cut(): file[name].resize(1, 0)
        def move(): file.move(name, f"changed/moved{number}")
        def drop(): del file[f"changed/link{number}"]
        def drop_last(): del file[f"changed/moved{number}" if number % 2 else name]
        for change in [hard, soft, cut, move, drop, drop_last]:
            try:
                change()
            except Exception:
                pass
"""


def is_changed_by_h5py(path):
    """Whether HDF5 survives the same changes, with memory in which nothing is left of what was given back."""
    changing = [sys.executable, "-c", CHANGES, path]
    try:
        return subprocess.run(changing, env={**os.environ, "MALLOC_PERTURB_": "165"}, capture_output=True, timeout=SECONDS).returncode >= 0
    except subprocess.TimeoutExpired:
        return False


def by_h5py(path, mode):
    found = {}
    with h5py.File(path, mode) as file:
        def visit(name, item):
            try:
                dict(item.attrs)
            except Exception:
                pass
            if not isinstance(item, h5py.Dataset):
                return
            try:
                if item.size is not None and item.size <= ELEMENTS:
                    found[name] = digest(item[()])
                elif item.ndim == 1:
                    found[name] = f"part {digest(item[-1:])}"
            except Exception as error:
                # NumPy has not every type that HDF5 has, and h5py's HDF5 has no zstd.
                is_other = any(words in str(error) for words in ["Insufficient precision", "can't open directory"])
                found[name] = "cannot say" if is_other else "failed"
        file.visititems(visit)
        if mode == "r+":
            try:
                file["/"].attrs["h5sim was here"] = np.arange(3.0)
                file["h5sim was here/too"] = np.arange(3.0)
            except Exception:
                pass
    return found


def run(reader, path, mode, seconds=SECONDS):
    """What a reader finds in a process of its own; a text says how it ended otherwise."""
    output, inside = os.pipe()
    child = os.fork()
    if child == 0:
        status = 3
        try:
            os.close(output)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            # Of a machine that is busy with other things too.
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 2)
            try:
                found = reader(path, mode)
            except AssertionError as error:
                found = f"wrong: {error}"
            except MemoryError:
                found = {}
            except Exception:
                found = {}
            os.write(inside, json.dumps(found).encode()[:60000])
            status = 0
        finally:
            os._exit(status)
    os.close(inside)
    said, end = b"", time.monotonic() + WAITING * seconds
    while True:
        ready, _, _ = select.select([output], [], [], max(0, end - time.monotonic()))
        if not ready:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.close(output)
            return f"hangs: waits for more than {WAITING * seconds} seconds"
        part = os.read(output, 65536)
        if not part:
            break
        said += part
    os.close(output)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in [signal.SIGXCPU, signal.SIGKILL]:
        return f"hangs: more than {seconds} seconds"
    if os.WIFSIGNALED(status):
        return f"crashes: signal {os.WTERMSIG(status)}"
    if os.WEXITSTATUS(status) != 0 or not said:
        return f"ends with status {os.WEXITSTATUS(status)}"
    return json.loads(said)


def alone(path, name):
    """What h5py finds in a dataset, in a process that has read nothing else."""
    folder = os.path.dirname(os.path.abspath(__file__))
    code = f"import sys; sys.path.insert(0, {folder!r}); sys.argv[1:] = ['0', '0', '.']; import damaged_files as these; " \
           f"print(these.digest(these.h5py.File({path!r})[{name!r}][()]))"
    try:
        return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=SECONDS).stdout.strip()
    except subprocess.TimeoutExpired:
        return "hangs"


def judge(path):
    """What is wrong with the way h5sim reads a file."""
    for mode in ["r", "r+"]:
        copy = path + ".copy"
        shutil.copyfile(path, copy)
        # Of what is planted it is known that HDF5 may follow it for ever.
        theirs = run(by_h5py, copy, mode, 2 if path.endswith("whole.h5") else SECONDS)
        shutil.copyfile(path, copy)
        ours = run(by_h5sim, copy, mode)
        for leftover in [copy, copy + "-journal"]:
            if os.path.exists(leftover):
                os.remove(leftover)
        if isinstance(ours, str):
            # Where HDF5 itself hangs so may we, but never crash where we look first, nor give two answers.
            if isinstance(theirs, str) and not ours.startswith("wrong") and not path.endswith("whole.h5"):
                continue
            if mode == "r+" and not ours.startswith("wrong"):
                shutil.copyfile(path, copy)
                is_survived = is_changed_by_h5py(copy)
                os.remove(copy)
                if not is_survived:
                    continue
            return f"mode {mode}: {ours}; h5py: {theirs if isinstance(theirs, str) else 'reads it'}"
        if isinstance(theirs, str):
            continue
        for name, answer in ours.items():
            other = theirs.get(name)
            is_read = not answer.startswith("H5SIM") and answer not in ["TEXT", "OTHER", "large"]
            if other == "cannot say":
                continue
            # Where a chunk is too short HDF5 gives out memory that it has not written: what it had read before, say.
            if is_read and other is not None and other != "failed" and answer != other and alone(path, name) == other:
                return f"mode {mode}: '{name}' is {answer}, h5py has {other}"
            if is_read and other == "failed":
                return f"mode {mode}: '{name}' is {answer}, h5py refuses it"
    return None


def nodes_are_looked_at(data, path):
    """Node by node, where HDF5 may or may not crash by what it reads past their ends, and again when it asks again."""
    found = 0
    for _, node, records, record in inner_nodes(data):
        other = bytearray(data)
        other[node + 6 + records * record + 8] = 0xFF
        with open(path, "wb") as file:
            file.write(repaired(other, checked_ranges(data)))
        for mode in ["r", "r+"]:
            with File(path, mode) as file:
                answers = [[said(call, group) for group in ["/", "many", "plain"] for call in [file.keys, file.attr_keys]]
                           for _ in range(3)]
            assert answers[0] == answers[1] == answers[2], answers
            found += any("leads nowhere" in answer for answer in answers[0])
    assert found > 0


def said(call, *arguments):
    """What a call says that fails."""
    try:
        call(*arguments)
    except H5simError as error:
        return str(error)
    return ""


def main():
    failures = []
    for path in sys.argv[4:]:
        wrong = judge(path)
        if wrong:
            failures.append(f"{path}: {wrong}")
            print(failures[-1], flush=True)
    path = os.path.join(folder, "whole.h5")
    whole = whole_files()
    nodes_are_looked_at(whole[1], path)
    # Of the oldest and of the newest format, and with more of the superblock elsewhere.
    damaged = [data for file in [*whole[:2], whole[4]] for data in planted(file, checked_ranges(file))]
    for number, data in enumerate([*damaged, *without_chunks(whole[3])]):
        with open(path, "wb") as file:
            file.write(data)
        wrong = judge(path)
        if wrong:
            failures.append(f"planted damage {number}: {wrong}")
            print(failures[-1], flush=True)
    files = [(data, places_of_interest(data), checked_ranges(data)) for data in whole]
    for data, _, _ in files:
        with open(path, "wb") as file:
            file.write(data)
        assert judge(path) is None, judge(path)
        assert isinstance(run(by_h5sim, path, "r"), dict) and len(run(by_h5sim, path, "r")) > 20
    for number in range(mutants):
        data, places, ranges = files[rng.integers(len(files))]
        path = os.path.join(folder, "mutant.h5")
        with open(path, "wb") as file:
            file.write(mutant(data, places, ranges))
        wrong = judge(path)
        if wrong:
            kept = os.path.join(folder, f"failure-{seed}-{number}.h5")
            shutil.copyfile(path, kept)
            failures.append(f"{kept}: {wrong}")
            print(failures[-1], flush=True)
    print(f"{mutants} mutants of seed {seed}: {len(failures)} findings")
    assert not failures


if __name__ == "__main__":
    main()
