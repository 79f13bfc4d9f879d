"""New groups with small datasets, which h5sim makes past HDF5, against h5py: SEED ROUNDS FOLDER."""

import ctypes
import os
import subprocess
import sys

import h5py
import numpy as np

import random_cases as cases
from h5sim_ctypes import File, fails

seed, rounds, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
rng = np.random.default_rng(seed)
path = os.path.join(folder, "small.hdf5")
UNDEFINED = b"\xff" * 8


def members(file):
    """All paths of a file, with their arrays or None for groups; each is linked once."""
    found = {}

    def visit(name, item):
        assert h5py.h5o.get_info(item.id).rc == 1, name
        found[name] = item[()] if isinstance(item, h5py.Dataset) else None

    file.visititems(visit)
    return found


def check(model):
    with h5py.File(path) as file:
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


def other_hands(model):
    """h5py deletes and adds in the groups; the file stays whole."""
    with h5py.File(path, "r+") as file:
        for name in [name for name in model if rng.random() < 0.3]:
            if name in model:
                del file[name]
                for below in [other for other in model if other == name or other.startswith(name + "/")]:
                    del model[below]
        groups = [name for name, array in model.items() if array is None]
        for group in groups:
            for number in range(int(rng.integers(0, 30))):
                name = f"{group}/theirs {number}"
                array = cases.array(rng, "f4", (number % 3,))
                if name not in model:
                    file[name] = array
                    add(model, name, array)
    check(model)


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


def groups_of_every_size():
    """One leaf, several, two levels of the tree, three."""
    for count in [0, 1, 7, 8, 9, 16, 17, 255, 256, 257, 300, 8192, 8193, 9000]:
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


def free(model, name):
    """Whether a dataset can be made there."""
    return name not in model and all(model.get(name[:end]) is None for end in range(len(name)) if name[end] == "/")


def random_calls():
    """Any calls in any order leave what they say."""
    model = {}
    file = File(path, "w")
    for _ in range(int(rng.integers(1, 120))):
        name = "/".join(str(rng.choice(list("abcdefgh"))) for _ in range(int(rng.integers(1, 5))))
        what = rng.random()
        if what < 0.7:
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
        elif what < 0.92 and model.get(name) is not None:
            assert cases.same(file.read(name, dtype=model[name].dtype.newbyteorder("=")),
                              model[name].astype(model[name].dtype.newbyteorder("="))), name
        elif what < 0.94:
            file.commit()
            check_committed = rng.random() < 0.3
            if check_committed:
                check(model)
        elif what < 0.96:
            file.close()
            file = File(path, "r+")
        elif what < 0.98 and name in model:
            file.set_attr(name, "n", np.arange(3.0))
        elif free(model, name + "/series"):
            for record in range(3):
                file.append(name + "/series", np.array([float(record)]))
            add(model, name + "/series", np.arange(3.0)[:, None])
    file.close()
    check(model)
    other_hands(model)


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


for part in [headers_are_those_of_hdf5, groups_of_every_size, mistakes, two_handles, foreign_files, names, tools]:
    part()
for _ in range(rounds):
    random_calls()
