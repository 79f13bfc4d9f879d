"""Texts as C programs leave them, what is larger than HDF5 can hold, and objects that are damaged: FOLDER."""

import os
import sys

import h5py
import numpy as np
from h5py import h5a, h5d, h5s, h5t

from h5sim_ctypes import File, fails

folder = sys.argv[1]
path = os.path.join(folder, "limits.hdf5")


def texts_of_c():
    """char s[16] with bytes behind its NUL, as a program leaves them that fills it twice."""
    kinds = {"terminated": h5t.STR_NULLTERM, "padded": h5t.STR_NULLPAD, "fortran": h5t.STR_SPACEPAD}
    texts = {"terminated": [b"abc\0def\0\xff", b"\0rest", b"sixteen letters!"],
             "padded": [b"abc", b"", b"sixteen letters!"], "fortran": [b"abc   ", b" " * 16, b"sixteen letters!"]}
    with h5py.File(path, "w") as file:
        for name, padding in kinds.items():
            kind = h5t.C_S1.copy()
            kind.set_size(16)
            kind.set_strpad(padding)
            data = np.array(texts[name], "S16")
            if name == "fortran":
                data = np.char.ljust(data, 16)
            space = h5s.create_simple((3,))
            h5d.create(file.id, name.encode(), kind, space).write(h5s.ALL, h5s.ALL, data, kind)
            h5a.create(file.id, name.encode(), kind, space).write(data, kind)
            one = data[:1].reshape(())
            h5d.create(file.id, name.encode() + b"1", kind, h5s.create(h5s.SCALAR)).write(h5s.ALL, h5s.ALL, one, kind)
            h5a.create(file.id, name.encode() + b"1", kind, h5s.create(h5s.SCALAR)).write(one, kind)
    with File(path) as file:
        attributes = {}
        for name in kinds:
            assert file.read_texts(name) == ["abc", "", "sixteen letters!"], (name, file.read_texts(name))
            assert file.read_text(name + "1") == "abc"
            assert file.get_attr_text("/", name + "1") == "abc"
    with File(path, "r+") as file:
        file.create_group("g")
    with h5py.File(path, "r+") as file:
        kind = h5t.C_S1.copy()
        kind.set_size(4)
        kind.set_strpad(h5t.STR_NULLTERM)
        h5a.create(file["g"].id, b"unit", kind, h5s.create_simple((2,))).write(np.array([b"m\0xx", b"s\0\xff"], "S4"), kind)
    with File(path) as file:
        assert file.tree()["g"]["attributes"] == {"unit": ["m", "s"]}


def larger_than_hdf5_holds():
    with File(path, "w") as file:
        file.write("d", np.arange(10.0))
        file.set_attr("d", "fits", np.zeros(8180))
        for count in [8184, 8187, 8191, 8192, 100_000]:
            message = fails("SHAPE", file.set_attr, "d", f"a{count}", np.zeros(count))
            assert "write a dataset" in message and f"'a{count}'" in message, message
        fails("SHAPE", file.set_attr_text, "d", "long" * 20_000, "x")
        assert file.attr_keys("d") == ["fits"]
        for extent in [2**63 - 1, 2**62]:
            message = fails("SHAPE", file.create, "huge", "f8", [extent])
            assert "'huge'" in message and "more bytes than can be counted" in message, message
        assert file.keys() == ["d"]
        for count in [0, 1, 2]:
            for call in [lambda: file.read_hyperslab("d", [0], [count], stride=[0]),
                         lambda: file.write_hyperslab("d", np.ones(count), [0], [count], stride=[0])]:
                message = fails("SHAPE", call)
                assert message.endswith("along axis 0 stride is 0, expected 1 or more"), message
    with File(path) as file:
        fails("SHAPE", file.read_hyperslab, "d", [0], [1], stride=[0])
        assert file.read("d").tolist() == list(range(10))


def damaged_objects():
    with h5py.File(path, "w") as file:
        for name in "abc":
            file[name] = np.arange(3.0)
            file.create_group("g" + name)[name] = 1
            file["g" + name].attrs["unit"] = "m"
        places = {name: h5py.h5o.get_info(file[name].id).addr for name in ["b", "gb"]}
        whole = {name: file[name].ndim for name in "ac"}
    with File(path) as file:
        before = file.tree()
    assert len(before) == 9 and len(whole) == 2
    with open(path, "r+b") as file:
        for place in places.values():
            file.seek(place)
            file.write(b"\xee" * 16)
    with File(path) as file:
        tree = file.tree()
        for name in places:
            assert tree[name]["kind"] == "damaged" and tree[name]["error"], tree[name]
        assert set(before) - set(tree) == {"gb/b"}
        assert {name: item for name, item in tree.items() if name not in places} == \
               {name: item for name, item in before.items() if name not in [*places, "gb/b"]}
        assert list(tree) == ["a", "b", "c", "ga", "ga/a", "gb", "gc", "gc/c"]


for test in [texts_of_c, larger_than_hdf5_holds, damaged_objects]:
    test()
    os.unlink(path)
