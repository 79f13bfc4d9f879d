"""New groups with small datasets, which h5sim makes past HDF5, against h5py: SEED ROUNDS FOLDER [latest]."""

import ctypes
import os
import resource
import signal
import subprocess
import sys

import h5py
import numpy as np

import random_cases as cases
import h5sim_ctypes
from h5sim_ctypes import fails

seed, rounds, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
FORMAT = sys.argv[4] if len(sys.argv) > 4 else "earliest"
rng = np.random.default_rng(seed)
path = os.path.join(folder, "small.hdf5")
UNDEFINED = b"\xff" * 8


def File(name, mode="r", **options):
    return h5sim_ctypes.File(name, mode, **{"libver": FORMAT, **options})


def members(file):
    """All paths of a file, with their arrays or None for groups; each is linked once."""
    found = {}

    def visit(name, item):
        assert h5py.h5o.get_info(item.id).rc == 1, name
        found[name] = item[()] if isinstance(item, h5py.Dataset) else None

    file.visititems(visit)
    return found


def same_attribute(found, value):
    return found == value if isinstance(value, str) else cases.same(np.asarray(found), value)


def check(model, attributes=None):
    with h5py.File(path) as file:
        for name, expected in ({} if attributes is None else attributes).items():
            found = file[name or "/"].attrs
            assert sorted(found) == sorted(expected), (name, list(found), list(expected))
            for attribute, value in expected.items():
                assert same_attribute(found[attribute], value), (name, attribute, found[attribute], value)
        found = members(file)
        assert found.keys() == model.keys(), found.keys() ^ model.keys()
        for name, array in model.items():
            assert (array is None) == (found[name] is None), name
            assert array is None or cases.same(found[name], array), name
        # By name as well: each way down the tree leads to its leaf.
        for name in model:
            assert name in file, name


def add(model, name, array):
    for end in range(len(name)):
        if name[end] == "/":
            model.setdefault(name[:end], None)
    model[name] = array


def other_hands(model, attributes=None):
    """h5py deletes and adds in the groups, and attributes of what is there; the file stays whole."""
    attributes = {} if attributes is None else attributes
    with h5py.File(path, "r+") as file:
        for name, known in attributes.items():
            theirs = file[name or "/"].attrs
            for attribute in [attribute for attribute in known if rng.random() < 0.4]:
                del theirs[attribute]
                del known[attribute]
            for number in range(int(rng.integers(0, 6))):
                value = "text " * int(rng.integers(0, 9)) if rng.random() < 0.3 else cases.array(rng, "f8", (number,))
                theirs[f"theirs {number}"] = known[f"theirs {number}"] = value
        for name in [name for name in model if rng.random() < 0.3]:
            if name in model:
                del file[name]
                for below in [other for other in model if other == name or other.startswith(name + "/")]:
                    del model[below]
                    attributes.pop(below, None)
        groups = [name for name, array in model.items() if array is None]
        for group in groups:
            for number in range(int(rng.integers(0, 30))):
                name = f"{group}/theirs {number}"
                array = cases.array(rng, "f4", (number % 3,))
                if name not in model:
                    file[name] = array
                    add(model, name, array)
    check(model, attributes)


def header(place, name):
    """The bytes of an object header in one piece, where it ends, and where the data are."""
    with h5py.File(place) as file, open(place, "rb") as raw:
        address = h5py.h5o.get_info(file[name].id).addr
        raw.seek(address)
        prefix = raw.read(16)
        raw.seek(address)
        found = raw.read(16 + int.from_bytes(prefix[8:12], "little"))
        return found, address, file[name].id.get_offset() if isinstance(file[name], h5py.Dataset) else None


def without_addresses(header, data):
    """A header where the addresses of the data and of the heaps of texts are 0."""
    header = bytearray(header)
    at = 16
    while at < len(header):
        kind, size = (int.from_bytes(header[at + part:at + part + 2], "little") for part in (0, 2))
        if kind == 8 and data is not None:
            assert header[at + 10:at + 18] == data.to_bytes(8, "little")
            header[at + 10:at + 18] = bytes(8)
        if kind == 12:
            name = int.from_bytes(header[at + 10:at + 12], "little")
            datatype = at + 16 + -(-name // 8) * 8
            if header[datatype] == 0x19:
                header[at + 8 + size - 12:at + 8 + size] = bytes(12)
        at += 8 + size
    assert at == len(header)
    return bytes(header)


def attributes_of_every_type():
    names = iter("abcdefghij")
    for _ in range(int(rng.integers(0, 4))):
        if rng.random() < 0.3:
            yield next(names), str(rng.choice(["", "m", "µm", "longer than others " * 20]))
        else:
            yield next(names), cases.array(rng, str(rng.choice(cases.TYPES)), cases.shape(rng, largest=3)[:1])


def headers_are_those_of_hdf5():
    """Made past HDF5 by h5sim, and with it by h5py: the same bytes but for addresses, where HDF5 had room."""
    same = 0
    for _ in range(150):
        dtype = str(rng.choice(cases.TYPES))
        array = cases.array(rng, dtype, cases.shape(rng, largest=4))
        order = rng.choice(["", "<", ">"]) if array.dtype.itemsize > 1 and dtype not in ["c8", "c16"] else ""
        attributes = dict(attributes_of_every_type())
        with File(path, "w") as file:
            # In a group that is new, and in one that HDF5 has made.
            for name in ["new/x", "y"]:
                options = {"dtype": order + dtype} if order else {}
                file.write(name, array, **options)
                for attribute, value in attributes.items():
                    (file.set_attr_text if isinstance(value, str) else file.set_attr)(name, attribute, value)
        with h5py.File(path + ".h5py", "w") as file:
            theirs = file.create_dataset("x", data=array.astype(order + array.dtype.str[1:] if order else array.dtype))
            for attribute, value in attributes.items():
                theirs.attrs[attribute] = value
        expected, _, place = header(path + ".h5py", "x")
        is_whole = expected.find(b"\x10\0\x10\0\0\0\0\0") < 0
        for name in ["new/x", "y"]:
            ours, address, other = header(path, name)
            with h5py.File(path) as file, h5py.File(path + ".h5py") as theirs:
                assert cases.same(file[name][()], theirs["x"][()])
                assert file[name].attrs.keys() == attributes.keys()
                for attribute, value in attributes.items():
                    found = file[name].attrs[attribute]
                    assert found == value if isinstance(value, str) else cases.same(np.asarray(found), value), attribute
            if place is None:
                assert other is None
            elif name == "new/x" and dtype not in ["c8", "c16"]:
                # HDF5 puts the data behind the header: these were indeed made past it.
                assert other + array.nbytes <= address
            if is_whole:
                one, two = without_addresses(ours, other), without_addresses(expected, place)
                assert one == two, (dtype, array.shape, attributes, len(one), len(two), [at for at in range(len(one)) if one[at:at + 1] != two[at:at + 1]], one.hex(), two.hex())
                same += 1
    assert same > 80, same


def texts(wanted):
    """Texts of this shape, as those of one length are in NumPy, and as lists."""
    words = ["", "x", "H2O", "a longer text", "\"status\": 1"] + (["ünïcode"] if rng.random() < 0.3 else [])
    array = np.empty(wanted, dtype=object)
    for index in np.ndindex(*wanted):
        array[index] = str(rng.choice(words)) if rng.random() < 0.95 else "long " * int(rng.integers(1, 600))
    encoded = [text.encode() for text in array.ravel()]
    length = max([1, *(len(text) for text in encoded)])
    return array, np.array(encoded, f"S{length}").reshape(wanted)


def write_texts(file, name, array, **options):
    """By one of the calls that write texts."""
    if array.ndim == 0:
        file.write_text_with(name, array[()], **options)
    else:
        file.write_texts_with(name, array, **options)


def headers_of_texts_are_those_of_hdf5():
    for turn in range(60):
        array, stored = texts(cases.shape(rng, rank=turn % 4, largest=4))
        is_ascii = all(text.isascii() for text in array.ravel())
        with File(path, "w") as file:
            write_texts(file, "new/x", array)
            file.set_attr_text("new/x", "unit", "m")
        with h5py.File(path + ".h5py", "w") as file:
            kind = h5py.string_dtype("ascii" if is_ascii else "utf-8", stored.dtype.itemsize)
            theirs = file.create_dataset("x", data=stored.astype(kind), dtype=kind)
            theirs.attrs["unit"] = "m"
        ours, address, place = header(path, "new/x")
        expected, _, other = header(path + ".h5py", "x")
        if place is not None and stored.nbytes <= 1 << 16:
            # HDF5 puts the data behind the header: these were made past it.
            assert place + stored.nbytes <= address
        assert without_addresses(ours, place) == without_addresses(expected, other), (array, ours.hex(), expected.hex())
        with h5py.File(path) as file:
            assert cases.same(file["new/x"][()], stored), (array, file["new/x"][()])
    subprocess.run(["h5dump", path], check=True, capture_output=True)


def groups_of_every_size():
    """One leaf, several, two levels of the tree, three; in the latest format one block of the heap, a table, and tables in it."""
    more = [23, 24, 25, 45, 46, 1079, 1080, 40_000] if FORMAT == "latest" else []
    for count in [0, 1, 7, 8, 9, 16, 17, 255, 256, 257, 300, 8192, 8193, 9000, *more]:
        names = [f"{number:x}" for number in rng.choice(1 << 40, count, replace=False)]
        with File(path, "w") as file:
            file.create_group("group")
            for number, name in enumerate(names):
                file.write(f"group/{name}", np.array([number, -number], "i4"))
        with h5py.File(path, "r+") as file:
            group = file["group"]
            assert list(group) == sorted(names)
            for number, name in enumerate(names):
                assert group[name][0] == number
            # Names between the others, and at both ends: nodes split, the heap grows.
            more = [f"{number:x}+" for number in rng.choice(1 << 40, 100, replace=False)] + [" ", "~"]
            for name in more:
                group[name] = 1.5
            for name in names[::2]:
                del group[name]
        with h5py.File(path) as file:
            assert list(file["group"]) == sorted(names[1::2] + more)
            for number, name in list(enumerate(names))[1::2]:
                assert file["group"][name][1] == -number
        with File(path) as file:
            assert file.keys("group") == sorted(names[1::2] + more)
        for mode in ["r", "r+"]:
            for name in rng.choice(names, min(count, 12), replace=False) if count else []:
                number = names.index(name)
                with File(path, mode) as file:
                    if number % 2:
                        assert list(file.read(f"group/{name}", dtype="i4")) == [number, -number]
                    else:
                        assert file.exists(f"group/{name}") is None
                    assert file.exists(f"group/{name}!") is None


def mistakes():
    """They are told of at once, and cost nothing that was written before."""
    with File(path, "w") as file:
        file.write("a/b", np.arange(3.0))
        assert "'a/b' exists already" in fails("EXISTS", file.write, "a/b", np.arange(3.0))
        file.write("c/d", np.arange(3.0))
        assert "'c' exists already" in fails("EXISTS", file.write, "c", np.arange(3.0))
        file.write("e/f", np.arange(3.0))
        assert "'e/f' is a dataset" in fails("TYPE", file.write, "e/f/g", np.arange(3.0))
        file.write("g/h/i", np.arange(3.0))
        assert "'g/h' exists already" in fails("EXISTS", file.create_group, "g/h")
        file.write("j/k", np.arange(3.0))
        fails("ARGUMENT", file.write, "j/l", np.arange(3.0), chunk=3)
        file.write("m/n", np.arange(3.0))
        fails("ARGUMENT", file.write, "m/o", np.arange(3.0), dtype="f16")
        file.write("p/q", np.arange(3.0))
        fails("NOT_FOUND", file.read, "p/r")
        file.write("s/t", np.arange(3.0))
        fails("TYPE", file.append, "s/t/u", np.arange(3.0))
        expected = ["a", "c", "e", "g", "j", "m", "p", "s"]
        assert file.keys() == expected
    with h5py.File(path) as file:
        assert list(file) == expected
        for name in ["a/b", "c/d", "e/f", "g/h/i", "j/k", "m/n", "p/q", "s/t"]:
            assert file[name][()].tolist() == [0, 1, 2]


def two_handles():
    """What one handle of a file has in memory is there for another, in the same process."""
    with File(path, "w") as one:
        one.write("a/b", np.arange(3.0))
        with File(path, "r+") as other:
            assert other.read("a/b").tolist() == [0, 1, 2]
            one.write("c/d", np.arange(3.0))
            assert other.read("c/d").tolist() == [0, 1, 2]
            other.write("e/f", np.arange(3.0))
            one.write("e/g", np.arange(3.0))
        one.write("h/i", np.arange(3.0))
    with h5py.File(path) as file:
        assert {name for name, array in members(file).items() if array is not None} == {"a/b", "c/d", "e/f", "e/g", "h/i"}


def foreign_files():
    """Files of other sizes and formats keep them."""
    # h5py's own HDF5, for what h5py does not pass on.
    with open("/proc/self/maps") as maps:
        hdf5 = ctypes.CDLL(next(line.split()[-1] for line in maps if "/libhdf5-" in line or "/libhdf5.so" in line))

    def created(**kept):
        plist = h5py.h5p.create(h5py.h5p.FILE_CREATE)
        for name, value in kept.items():
            arguments = [ctypes.c_uint64(argument) if name != "H5Pset_sym_k" else ctypes.c_uint(argument) for argument in value]
            assert hdf5[name](ctypes.c_int64(plist.id), *arguments) >= 0
        low = h5py.h5f.LIBVER_LATEST if kept == {} else h5py.h5f.LIBVER_EARLIEST
        access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
        access.set_libver_bounds(low, h5py.h5f.LIBVER_LATEST)
        with h5py.File(h5py.h5f.create(path.encode(), fcpl=plist, fapl=access)) as file:
            file["theirs/x"] = 1.0

    for kept in [{}, {"H5Pset_sym_k": (3, 2)}, {"H5Pset_sym_k": (40, 20)}, {"H5Pset_userblock": (1024,)}, {"H5Pset_sizes": (4, 4)}]:
        created(**kept)
        model = {"theirs": None, "theirs/x": np.array(1.0)}
        for again in range(2):
            with File(path, "r+") as file:
                for number in range(150):
                    add(model, f"ours {again}/{number}", np.array([number]))
                    file.write(f"ours {again}/{number}", np.array([number]))
            check(model)
        other_hands(model)
    for options in [{"libver": "latest"}, {"durability": "none"}, {"durability": "power"}]:
        model = {}
        with File(path, "w", **options) as file:
            for number in range(20):
                add(model, f"ours/{number}", np.array([number]))
                file.write(f"ours/{number}", np.array([number]))
        check(model)


def names():
    """Names that are unlike others; not all of them go into old symbol tables."""
    model = {}
    with File(path, "w") as file:
        for name in ["a/..", "a/...", "a/ ", "b/é", "b/x", "é/x", "a/" + "n" * 3000, "c//./d", "/d/e/", "a/.b"]:
            normal = "/".join(part for part in name.split("/") if part not in ["", "."])
            file.write(name, np.arange(2.0))
            add(model, normal, np.arange(2.0))
        deep = "/".join("z" * 100)
        file.write(deep, np.arange(2.0))
        add(model, deep, np.arange(2.0))
    check(model)


def alike(one, other):
    """Whether texts are of the same type and shape: what is ASCII only is said to be so."""
    return one.shape == other.shape and one.dtype == other.dtype and one.tobytes().isascii() == other.tobytes().isascii()


def texts_in(array):
    return np.vectorize(bytes.decode, otypes=[object])(array).tolist() if array.size else array.tolist()


def free(model, name):
    """Whether a dataset can be made there."""
    return name not in model and all(model.get(name[:end]) is None for end in range(len(name)) if name[end] == "/")


def attribute_call(file, attributes, name):
    """Sets, replaces, deletes or reads an attribute."""
    known = attributes.setdefault(name, {})
    attribute = str(rng.choice(list("pqrstuvw")))
    what = rng.random()
    if what < 0.6:
        if rng.random() < 0.3:
            known[attribute] = str(rng.choice(["", "m/s", "µ" * 100, "x" * 5000]))
            file.set_attr_text(name, attribute, known[attribute])
        else:
            known[attribute] = cases.array(rng, str(rng.choice(cases.TYPES)), cases.shape(rng, largest=3)[:2])
            file.set_attr(name, attribute, known[attribute])
    elif what < 0.7:
        if attribute in known:
            file.delete_attr(name, attribute)
            del known[attribute]
        else:
            assert "has no attribute" in fails("NOT_FOUND", file.delete_attr, name, attribute)
    elif what < 0.75:
        assert file.attr_keys(name) == sorted(known), name
    elif attribute not in known:
        assert "has no attribute" in fails("NOT_FOUND", file.get_attr, name, attribute)
    elif isinstance(known[attribute], str):
        assert file.get_attr_text(name, attribute) == known[attribute]
        fails("TYPE", file.get_attr, name, attribute, "f8")
    else:
        assert cases.same(file.get_attr(name, attribute), known[attribute]), (name, attribute)
        if known[attribute].dtype.kind in "iu":
            wider = file.get_attr(name, attribute, "f8")
            assert cases.same(wider, known[attribute].astype("f8"))
        fails("TYPE", file.get_attr_text, name, attribute)


def headers_with_many_attributes():
    """More than HDF5's room in a header; h5py and h5dump read them, and h5py goes on with them."""
    with File(path, "w") as file:
        for number, count in enumerate([1, 2, 3, 10, 150]):
            for kind in ["group", "dataset"]:
                name = f"{kind} {number}"
                file.create_group(name) if kind == "group" else file.write(name, np.arange(3.0))
                for attribute in range(count):
                    file.set_attr(name, f"a{attribute}", np.full(attribute % 4, attribute, "i4"))
                    if attribute % 7 == 0:
                        file.set_attr_text(name, f"t{attribute}", "text" * attribute)
    def expected(count):
        found = {f"a{attribute}": np.full(attribute % 4, attribute, "i4") for attribute in range(count)}
        return found | {f"t{attribute}": "text" * attribute for attribute in range(0, count, 7)}
    model, attributes = {}, {}
    for number, count in enumerate([1, 2, 3, 10, 150]):
        for kind, value in [("group", None), ("dataset", np.arange(3.0))]:
            model[f"{kind} {number}"] = value
            attributes[f"{kind} {number}"] = expected(count)
    check(model, attributes)
    subprocess.run(["h5dump", path], check=True, capture_output=True)
    for _ in range(2):
        other_hands(model, attributes)
    subprocess.run(["h5dump", path], check=True, capture_output=True)


def attributes_as_others_wrote_them():
    """Of every kind, by h5py, in old headers and new ones, in one piece and in several; read alone, and beside changes."""
    kinds = [lambda: cases.array(rng, str(rng.choice(cases.TYPES)), cases.shape(rng, largest=3)[:3]), lambda: str(rng.choice(["", "m/s", "µ" * 300])),
             lambda: np.arange(3, dtype=">i4"), lambda: np.float64(1.5), lambda: np.bytes_(b"fixed"), lambda: h5py.Empty("f4"), lambda: ["one", "two"],
             lambda: np.array([(1, 2.5)], dtype=[("a", "i2"), ("b", "f8")]), lambda: np.float16(2.5)]

    def read(file, name, attribute):
        """By the call that fits; what HDF5 has to say where none does."""
        try:
            dtype, shape = file.attr_info(name, attribute)
            if dtype == "TEXT" and shape == ():
                return file.get_attr_text(name, attribute)
            if dtype == "TEXT":
                return file.get_attr_texts(name, attribute)
            return file.get_attr(name, attribute)
        except Exception as error:
            return getattr(error, "status", None) or str(error)

    for turn in range(12):
        names = [f"{group}/{number}" for group in ["g", "h/i"] for number in range(int(rng.integers(1, 20)))]
        with h5py.File(path, "w", libver=["earliest", "latest"][turn % 2]) as file:
            for name in names:
                if rng.random() < 0.5:
                    file.create_group(name)
                else:
                    file[name] = rng.random(3)
                for number in range(int(rng.integers(0, 15))):
                    file[name].attrs[f"a{number}"] = kinds[rng.integers(len(kinds))]()
        for mode in ["r", "r+"]:
            model = {}
            with h5py.File(path) as file:
                for name in names:
                    model[name] = dict(file[name].attrs)
                kind_of = {name: "group" if isinstance(file[name], h5py.Group) else "dataset" for name in names}
            with File(path, mode) as file:
                for _ in range(300):
                    name = names[rng.integers(len(names))]
                    known = model[name]
                    assert file.exists(name) == kind_of[name] and file.exists(name + " none") is None
                    if mode == "r+" and rng.random() < 0.2:
                        known["ours"] = np.float64(rng.random())
                        file.set_attr(name, "ours", known["ours"])
                    if mode == "r+" and rng.random() < 0.1 and known:
                        gone = str(rng.choice(list(known)))
                        file.delete_attr(name, gone)
                        del known[gone]
                    if mode == "r+" and rng.random() < 0.05:
                        new = f"{name} moved {rng.integers(1 << 40)}"
                        file.move(name, new)
                        names[names.index(name)] = new
                        model[new], kind_of[new] = model.pop(name), kind_of.pop(name)
                        assert file.exists(name) is None
                        continue
                    assert "has no attribute" in fails("NOT_FOUND", file.get_attr, name, "none")
                    if not known:
                        continue
                    attribute = str(rng.choice(list(known)))
                    value, found = known[attribute], read(file, name, attribute)
                    if isinstance(value, (str, np.bytes_)):
                        assert found == (value if isinstance(value, str) else value.decode()), (name, attribute, value, found)
                    elif isinstance(value, h5py.Empty) or np.asarray(value).dtype.names:
                        assert not isinstance(found, np.ndarray) or found.size == 0, (value, found)
                    elif np.asarray(value).dtype.kind == "O":
                        assert found == list(value), (value, found)
                    else:
                        value = np.asarray(value)
                        native = value.astype("f4" if value.dtype == "f2" else value.dtype.newbyteorder("="))
                        assert cases.same(found, native), (name, attribute, value, found)


def attributes_in_heaps():
    """Attributes that are too many for a header are changed in their heap, by whomever it was made, in files that are opened again."""
    def value(kind, number):
        return [np.float64(number), np.int32(number), np.arange(number, number + 5, dtype="f4"), "text" * (number % 7),
                np.uint8(number % 250), np.float32([[number] * 3] * 2), f"fixed {number % 10}"][kind % 7]

    def by_h5py(model):
        with h5py.File(path, "w", libver="latest") as file:
            for name, attributes in model.items():
                file[name] = np.arange(4.0)
                for attribute, found in attributes.items():
                    # An HDF5 text of one length, too.
                    fixed = isinstance(found, str) and found.startswith("fixed")
                    file[name].attrs.create(attribute, np.bytes_(found) if fixed else found)

    def by_us(model):
        with h5sim_ctypes.File(path, "w", libver="latest") as file:
            for name, attributes in model.items():
                file.write(name, np.arange(4.0))
                for attribute, found in attributes.items():
                    put(file, name, attribute, found)

    def put(file, name, attribute, found):
        if isinstance(found, str):
            file.set_attr_text(name, attribute, found)
        else:
            file.set_attr(name, attribute, np.asarray(found))

    def are_right(model):
        with h5py.File(path) as file, h5sim_ctypes.File(path) as ours:
            for name, attributes in model.items():
                found = file[name].attrs
                assert sorted(found) == sorted(attributes) == ours.attr_keys(name), name
                for attribute, expected in attributes.items():
                    theirs = found[attribute]
                    theirs = theirs.decode() if isinstance(theirs, bytes) else theirs
                    assert same_attribute(theirs, expected), (name, attribute, theirs, expected)
                    if isinstance(expected, str):
                        assert ours.get_attr_text(name, attribute) == expected
                    else:
                        assert cases.same(ours.get_attr(name, attribute), np.asarray(expected)), (name, attribute)
        subprocess.run(["h5dump", "-A", path], check=True, capture_output=True)

    for make in [by_h5py, by_us]:
        for count in [9, 20, 300]:
            model = {f"d{number}": {f"a{attribute}": value(attribute, attribute) for attribute in range(count)} for number in range(3)}
            make(model)
            are_right(model)
            for turn in range(12):
                file = h5sim_ctypes.File(path, "r+")
                before = {name: dict(attributes) for name, attributes in model.items()}
                for step in range(int(rng.integers(1, 30))):
                    name = f"d{rng.integers(3)}"
                    number = int(rng.integers(count + 1)) if turn % 4 == 3 else int(rng.integers(count))
                    # Sometimes of another type and length, or one that is not there, which HDF5 makes.
                    kind = number + 1 if turn % 4 == 3 and step % 5 == 0 else number
                    found = value(kind, int(rng.integers(100)))
                    put(file, name, f"a{number}", found)
                    model[name][f"a{number}"] = found
                    if rng.random() < 0.3:
                        file.commit()
                        before = {name: dict(attributes) for name, attributes in model.items()}
                    if rng.random() < 0.3 and not isinstance(found, str):
                        assert cases.same(file.get_attr(name, f"a{number}"), np.asarray(found))
                if turn % 3 == 1:
                    file.discard()
                    model = before
                else:
                    file.close()
                are_right(model)


def one_group_of_every_size():
    """A commit now and then while a group grows that HDF5 has: leaves and nodes split, in any order of names."""
    for order in ["forward", "backward", "random"]:
        count = 3000
        names = sorted(f"{number:x}" for number in rng.choice(1 << 40, count, replace=False))
        names = {"forward": names, "backward": names[::-1], "random": list(rng.permutation(names))}[order]
        with File(path, "w") as file:
            file.create_group("a/group")
        file = File(path, "r+")
        for number, name in enumerate(names):
            file.write(f"a/group/{name}", np.array([number, -number], "i4"))
            if rng.random() < 0.05:
                file.commit()
            if rng.random() < 0.002:
                # HDF5 looks into it: from here on it is HDF5's, until the file is opened again.
                assert file.read(f"a/group/{names[number // 2]}")[0] == number // 2
            if rng.random() < 0.002:
                file.close()
                with h5py.File(path) as other:
                    assert sorted(other["a/group"]) == sorted(names[:number + 1])
                file = File(path, "r+")
        file.close()
        with h5py.File(path, "r+") as file:
            group = file["a/group"]
            assert list(group) == sorted(names)
            for number, name in enumerate(names):
                assert group[name][0] == number
            more = [f"{number:x}+" for number in rng.choice(1 << 40, 100, replace=False)] + [" ", "~"]
            for name in more:
                group[name] = 1.5
            for name in names[::2]:
                del group[name]
        with h5py.File(path) as file:
            assert list(file["a/group"]) == sorted(names[1::2] + more)
        subprocess.run(["h5dump", "-H", path], check=True, capture_output=True)


def updates_of_attributes():
    """Many changes of one attribute of objects that HDF5 has; others look in between."""
    with h5py.File(path, "w") as file:
        file["g/d"] = 1.0
        file["g/d"].attrs["x"] = 1.5
        file["again"] = file["g/d"]
        file["soft"] = h5py.SoftLink("/g")
    with File(path, "r+") as file:
        for number in range(100):
            for name in ["", "g", "g/d", "soft/d", "again"]:
                file.set_attr(name, "step", np.array(number))
                file.set_attr_text(name, "unit", f"unit {number}")
                assert file.get_attr(name, "step") == number
                assert file.get_attr_text(name, "unit") == f"unit {number}"
            if number % 30 == 0:
                file.commit()
                with h5py.File(path) as other:
                    assert other["g"].attrs["step"] == number
        assert file.get_attr("again", "x") == 1.5 and file.get_attr("soft", "step") == 99
        assert file.attr_keys("again") == ["step", "unit", "x"]
        file.delete_attr("g", "unit")
        assert file.attr_keys("g") == ["step"]
        fails("SHAPE", file.set_attr, "g", "large", np.zeros(9000))
        fails("NOT_FOUND", file.set_attr, "nowhere", "x", np.zeros(1))
    with h5py.File(path) as file:
        assert dict(file["g"].attrs) == {"step": 99}
        assert dict(file["g/d"].attrs) == {"x": 1.5, "step": 99, "unit": "unit 99"}
        assert dict(file.attrs) == {"step": 99, "unit": "unit 99"}


def full_disk():
    """What was accepted before the disk was full is there once it is not, and nothing of what was refused."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    refused = 0
    for _ in range(25):
        model, attributes = {}, {}
        file = File(path, "w")
        add(model, "theirs/x", np.arange(3.0))
        file.write("theirs/x", np.arange(3.0))
        file.commit()
        file.exists("theirs/x")
        limit = os.path.getsize(path) + int(rng.integers(0, 100_000))
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        for number in range(100):
            name = f"{rng.choice(['theirs', 'ours', 'ours/below'])}/{number}"
            array = rng.random(int(rng.choice([1, 100, 3000])))
            call = rng.random()
            try:
                if call < 0.6:
                    file.write(name, array)
                    add(model, name, array)
                elif call < 0.95:
                    there = str(rng.choice(sorted(model)))
                    file.set_attr(there, f"a{number}", array[:100])
                    attributes.setdefault(there, {})[f"a{number}"] = array[:100]
                else:
                    file.commit()
            except Exception as error:
                assert getattr(error, "status", "") == "H5SIM_ERR_IO", error
                refused += 1
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        file.commit()
        check(model, attributes)
        file.close()
        check(model, attributes)
    assert refused > 50, refused


def random_calls():
    """Any calls in any order leave what they say."""
    model, attributes = {}, {}
    file = File(path, "w")
    for _ in range(int(rng.integers(1, 200))):
        name = "/".join(str(rng.choice(list("abcdefgh"))) for _ in range(int(rng.integers(1, 5))))
        if rng.random() < 0.4:
            # Of something that is there, or of the root.
            there = sorted(model)
            attribute_call(file, attributes, there[rng.integers(len(there))] if there and rng.random() < 0.9 else "")
            continue
        what = rng.random()
        if what < 0.15:
            array, stored = texts(cases.shape(rng, largest=3)[:2])
            options = {"overwrite": True} if rng.random() < 0.4 else {}
            if free(model, name) or (options and model.get(name) is not None):
                write_texts(file, name, array, **options)
                if name in model and not alike(model[name], stored):
                    attributes.pop(name, None)
                add(model, name, stored)
            else:
                try:
                    write_texts(file, name, array, **options)
                except Exception as error:
                    assert getattr(error, "status", "") in ["H5SIM_ERR_EXISTS", "H5SIM_ERR_TYPE"], error
                else:
                    raise AssertionError(name)
        elif what < 0.7:
            dtype = str(rng.choice(cases.TYPES))
            wanted = cases.shape(rng, largest=5)
            is_strided = rng.random() < 0.3 and len(wanted) > 0
            array = cases.strided(rng, dtype, wanted)[1] if is_strided else cases.array(rng, dtype, wanted)
            if rng.random() < 0.02:
                array = rng.random(int(rng.integers(1, 40000)))
                is_strided = False
            options = {}
            if rng.random() < 0.1:
                options = {"overwrite": True}
            elif rng.random() < 0.1 and array.dtype == "f8":
                # Numbers, since not all make the same of others.
                array = np.trunc(np.nan_to_num(array) % 1000)
                options = {"dtype": str(rng.choice(["f4", ">f4", ">f8", "<f8"]))}
            elif rng.random() < 0.1 and array.ndim and array.size:
                options = {"chunks": True}
            stored = array.astype(options.get("dtype", array.dtype)).copy()
            can = free(model, name) or ("overwrite" in options and model.get(name) is not None)
            if can:
                file.write(name, array, strided=is_strided, **options)
                if name in model and (model[name].shape != stored.shape or model[name].dtype != stored.dtype):
                    attributes.pop(name, None)
                add(model, name, stored)
            else:
                try:
                    file.write(name, array, strided=is_strided, **options)
                except Exception as error:
                    assert getattr(error, "status", "") in ["H5SIM_ERR_EXISTS", "H5SIM_ERR_TYPE"], error
                else:
                    raise AssertionError(name)
        elif what < 0.78:
            if free(model, name):
                file.create_group(name)
                add(model, name, None)
            else:
                try:
                    file.create_group(name)
                except Exception as error:
                    assert getattr(error, "status", "") in ["H5SIM_ERR_EXISTS", "H5SIM_ERR_TYPE"], error
                else:
                    raise AssertionError(name)
        elif what < 0.84:
            expected = None if name not in model else "group" if model[name] is None else "dataset"
            assert file.exists(name) == expected, name
        elif what < 0.88 and name in model:
            file.delete(name)
            for below in [other for other in model if other == name or other.startswith(name + "/")]:
                del model[below]
                attributes.pop(below, None)
        elif what < 0.92 and model.get(name) is not None and model[name].dtype.kind == "S":
            found = file.read_texts(name)
            assert found == (texts_in(model[name]) if model[name].ndim else [model[name][()].decode()]), name
            fails("TYPE", file.read, name, dtype="f8")
            assert file.info(name) == ("TEXT", model[name].shape)
        elif what < 0.92 and model.get(name) is not None:
            assert cases.same(file.read(name, dtype=model[name].dtype.newbyteorder("=")),
                              model[name].astype(model[name].dtype.newbyteorder("="))), name
        elif what < 0.94:
            file.commit()
            check_committed = rng.random() < 0.3
            if check_committed:
                check(model, attributes)
        elif what < 0.96:
            file.close()
            file = File(path, "r+")
        elif what < 0.98:
            expected = [other[other.rfind("/") + 1:] for other in model if other[:max(other.rfind("/"), 0)] == name]
            if name in model and model[name] is None:
                assert file.keys(name) == sorted(expected), name
        elif free(model, name + "/series"):
            for record in range(3):
                file.append(name + "/series", np.array([float(record)]))
            add(model, name + "/series", np.arange(3.0)[:, None])
    file.close()
    check(model, attributes)
    other_hands(model, attributes)


def written_anew():
    """What is deleted and written again, or overwritten with another size, takes no new room each time, and what is beside it stays."""
    for way in ["delete", "overwrite", "both"]:
        for commits in [0, 1, 7]:
            beside = rng.random(37)
            with File(path, "w") as file:
                file.write("g/beside", beside)
                lists = {}
                for turn in range(900):
                    name = ["list", "g/list", "g/h/other"][rng.integers(0, 3)]
                    expected = rng.random(rng.integers(0, 1500)).astype(["f8", "f4", "i2"][rng.integers(0, 3)])
                    is_text = rng.random() < 0.3
                    if is_text:
                        expected = np.array([b"step %d " % turn * int(rng.integers(1, 100))])[0]

                    def write(**options):
                        if is_text:
                            file.write_text_with(name, expected.decode(), **options)
                        else:
                            file.write(name, expected, **options)

                    if way == "delete" or (way == "both" and rng.random() < 0.5):
                        if name in lists:
                            file.delete(name)
                            assert not file.exists(name)
                        write()
                    else:
                        write(overwrite=True)
                    lists[name] = expected
                    if rng.random() < 0.1:
                        file.set_attr(name, "turn", np.array(turn))
                        assert file.get_attr(name, "turn") == turn
                    if rng.random() < 0.1:
                        name = list(lists)[rng.integers(0, len(lists))]
                        if lists[name].dtype.kind == "S":
                            assert file.read_text(name) == lists[name].decode(), (way, commits, turn, name)
                            continue
                        assert file.read(name, dtype=lists[name].dtype).tobytes() == lists[name].tobytes(), (way, commits, turn, name)
                    if commits and turn % commits == 0:
                        file.commit()
            # 4 MB were written.
            assert os.path.getsize(path) < 200_000, (way, commits, os.path.getsize(path))
            with h5py.File(path) as file:
                assert file["g/beside"][...].tobytes() == beside.tobytes()
                for name, expected in lists.items():
                    assert file[name][()].tobytes() == expected.tobytes() and file[name].dtype == expected.dtype, (way, commits, name)


def tools():
    """The HDF Group's own programs read such a file, and find nothing unlinked that is large."""
    with File(path, "w") as file:
        for number in range(3000):
            file.write(f"group/{number}", np.arange(8.0))
    assert b"DATASET" in subprocess.run(["h5dump", "-H", path], check=True, capture_output=True).stdout
    assert subprocess.run(["h5ls", "-r", path], check=True, capture_output=True).stdout.count(b"Dataset {8}") == 3000
    copy = path + ".copy"
    subprocess.run(["h5repack", path, copy], check=True)
    subprocess.run(["h5diff", path, copy], check=True)
    with h5py.File(path) as ours, h5py.File(path + ".h5py", "w") as theirs:
        for name, item in ours["group"].items():
            theirs["group/" + name] = item[()]
    assert os.path.getsize(path) <= os.path.getsize(path + ".h5py")


if FORMAT == "earliest":
    headers_are_those_of_hdf5()
    headers_of_texts_are_those_of_hdf5()
for part in [headers_with_many_attributes, attributes_as_others_wrote_them, attributes_in_heaps, updates_of_attributes, one_group_of_every_size, groups_of_every_size, mistakes, two_handles, foreign_files, names, full_disk, written_anew, tools]:
    part()
for _ in range(rounds):
    random_calls()
