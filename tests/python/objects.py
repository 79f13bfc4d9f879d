"""Modes, overwriting, deleting, listing, attributes and texts against h5py: SEED FOLDER."""

import json
import os
import sys

import h5py
import numpy as np

import random_cases as cases
from h5sim_ctypes import DTYPES, File, fails

seed, folder = int(sys.argv[1]), sys.argv[2]
rng = np.random.default_rng(seed)
path = os.path.join(folder, "objects.hdf5")


def modes():
    for mode in ["r", "r+"]:
        assert path in fails("NOT_FOUND", File, path, mode)
    for mode in ["w-", "x", "a", "w"]:
        with File(path, mode) as file:
            file.write(mode, np.arange(2.0))
        with h5py.File(path, "r") as file:
            assert list(file.keys()) == [mode]
        if mode != "w":
            os.unlink(path)
    for mode in ["w-", "x"]:
        assert path in fails("EXISTS", File, path, mode)
    for mode in ["a", "r+"]:
        with File(path, mode) as file:
            file.write(mode, np.arange(2.0))
    with File(path, "r") as file:
        assert file.keys() == ["a", "r+", "w"]
        fails("READ_ONLY", file.write, "b", np.arange(2.0))
    with File(path, "w") as file:
        assert file.keys() == []


def locking():
    """A file that another writer holds is refused by name, and is as it was."""
    with h5py.File(path, "w") as theirs:
        theirs["a"] = np.arange(3.0)
        theirs.flush()
        for mode in ["r", "r+", "a"]:
            assert path in fails("LOCKED", File, path, mode)
    with File(path, "r+") as ours:
        # The same file again in this process is fine, but not emptying it.
        with File(path, "r+") as again:
            assert again.read("a").tolist() == [0, 1, 2]
        assert path in fails("LOCKED", File, path, "w")
        ours.write("b", np.arange(2.0))
        try:
            h5py.File(path, "r+")
        except OSError:
            pass
        else:
            raise AssertionError("h5py writes to a file that is open here")
    with h5py.File(path, "r") as file:
        assert file["a"][()].tolist() == [0, 1, 2] and file["b"][()].tolist() == [0, 1]


def overwriting():
    with File(path, "w") as file:
        file.write("a", np.zeros((2, 3)))
        file.set_attr_text("a", "unit", "m")
        assert "'a'" in fails("EXISTS", file.write, "a", np.ones((2, 3)))
        file.write("a", np.ones((2, 3)), overwrite=True)
        assert (file.read("a") == 1).all()
        file.write("a", np.arange(4, dtype="i2"), overwrite=True)
        assert file.info("a") == ("I16", (4,)) and file.read("a").tolist() == [0, 1, 2, 3]
        file.write("group/b", np.zeros(1))
        fails("EXISTS", file.write, "group", np.zeros(1))
        # The same shape and type again and again takes no new space.
    with File(path, "r+") as file:
        for value in range(200):
            file.write("a", np.full(4, value, "i2"), overwrite=True)
    size = os.path.getsize(path)
    with File(path, "r+") as file:
        for value in range(200):
            file.write("a", np.full(4, value, "i2"), overwrite=True)
    assert os.path.getsize(path) <= size + 4096
    with h5py.File(path, "r") as file:
        assert file["a"].dtype == np.int16 and file["a"][()].tolist() == [199] * 4


def groups_and_deleting():
    with File(path, "w") as file:
        file.create_group("one/two/three")
        file.write("one/data", np.zeros(3))
        file.write("/absolute/path", np.zeros(3))
        assert file.exists("one") == "group" and file.exists("/one/two/three") == "group"
        assert file.exists("one/data") == "dataset" and file.exists("one/none") is None
        assert file.exists("none/none") is None and file.exists("/") == "group"
        assert file.exists("one/data/below") is None
        fails("EXISTS", file.create_group, "one")
        assert file.keys() == ["absolute", "one"] == file.keys("/") == file.keys("")
        assert file.keys("one") == ["data", "two"] == file.keys("/one/")
        file.delete("one/data")
        assert file.keys("one") == ["two"] and file.exists("one/data") is None
        file.delete("one")
        assert file.keys() == ["absolute"]
        assert "one" in fails("NOT_FOUND", file.delete, "one")
        for name in ["größe", "名前", "with space", "a.b", "emoji 😀"]:
            file.write(f"names/{name}", np.zeros(1))
        assert sorted(file.keys("names")) == sorted(["größe", "名前", "with space", "a.b", "emoji 😀"])
    with h5py.File(path, "r") as file:
        assert sorted(file.keys()) == ["absolute", "names"]
        assert sorted(file["names"].keys()) == sorted(["größe", "名前", "with space", "a.b", "emoji 😀"])


def many_in_one_group():
    """A group in which datasets are made one after the other may go or change in between."""
    other = os.path.join(folder, "other.hdf5")
    with h5py.File(other, "w") as file:
        file.create_group("there")
    with h5py.File(path, "w") as file:
        file["away"] = h5py.ExternalLink("other.hdf5", "/there")
        file["soft"] = h5py.SoftLink("/real")
        file.create_group("real")
    with File(path, "r+") as file, File(path, "r+") as second:
        for i in range(4):
            file.write(f"g/{i}", np.full(2, i))
            file.write(f"soft/{i}", np.full(2, i))
            file.write(f"away/{i}", np.full(2, i))
        for i in range(4, 8):
            file.write(f"g/{i}", np.full(2, i))
        # Through this handle, and through another.
        for owner in [file, second]:
            owner.delete("g")
            for i in range(4):
                file.write(f"g/{i}", np.full(2, 10 + i))
            assert file.keys("g") == ["0", "1", "2", "3"], file.keys("g")
        for i in range(4, 8):
            file.write(f"soft/{i}", np.full(2, i))
        for i in range(4, 8):
            file.write(f"away/{i}", np.full(2, i))
        fails("EXISTS", file.write, "away/7", np.zeros(2))
        fails("TYPE", file.write, "g/0/below", np.zeros(2))
        file.commit()
        file.write("g/last", np.zeros(1))
    with h5py.File(path, "r") as file:
        assert sorted(file["g"]) == ["0", "1", "2", "3", "last"] and file["g/3"][()].tolist() == [13, 13]
        assert sorted(file["real"]) == [str(i) for i in range(8)]
    with h5py.File(other, "r") as file:
        assert sorted(file["there"]) == [str(i) for i in range(8)]


def trees():
    with File(path, "w") as file:
        file.write("run/x", np.zeros((2, 3), "f4"))
        file.write("run/z", np.zeros(2, "c16"))
        file.write_text("note", "text")
        file.set_attr_text("run/x", "unit", "m")
        file.set_attr("run", "n", np.int64(3))
        tree = file.tree()
        below = file.tree("run")
    assert list(tree) == ["note", "run", "run/x", "run/z"], tree
    assert tree["run"] == {"kind": "group", "attributes": {"n": 3}}
    assert tree["run/x"] == {"kind": "dataset", "dtype": "f4", "shape": [2, 3], "attributes": {"unit": "m"}}
    assert tree["run/z"] == {"kind": "dataset", "dtype": "c16", "shape": [2], "attributes": {}}
    assert tree["note"]["shape"] == [] and "text" in tree["note"]["dtype"]
    assert below == {"x": tree["run/x"], "z": tree["run/z"]}


def attributes():
    written = {}
    with File(path, "w") as file:
        file.write("data", np.zeros(2))
        file.create_group("group")
        for case in range(120):
            where = ["data", "group", "/", ""][case % 4]
            array = cases.array(rng, cases.TYPES[case % len(cases.TYPES)], cases.shape(rng, int(rng.integers(0, 4)), 4))
            name = f"name {case}"
            file.set_attr(where, name, array)
            if rng.random() < 0.3:
                # Again, of another type and shape.
                array = cases.array(rng, rng.choice(cases.TYPES), cases.shape(rng, 1, 9))
                file.set_attr(where, name, array)
            assert cases.same(file.get_attr(where, name), array), (where, name)
            written[(where or "/", name)] = array
        for where in ["data", "group", "/"]:
            file.set_attr_text(where, "unit", "m/s²")
            file.set_attr_text(where, "unit", "µm")
            file.set_attr_text(where, "empty", "")
            assert file.get_attr_text(where, "unit") == "µm" and file.get_attr_text(where, "empty") == ""
            assert file.attr_info(where, "unit") == ("TEXT", ())
        assert set(file.attr_keys("data")) == {n for w, n in written if w == "data"} | {"unit", "empty"}
        file.delete_attr("data", "empty")
        assert "empty" not in file.attr_keys("data")
        assert "empty" in fails("NOT_FOUND", file.delete_attr, "data", "empty")
        assert "empty" in fails("NOT_FOUND", file.get_attr_text, "data", "empty")
    with h5py.File(path, "r") as file:
        for (where, name), array in written.items():
            found = file[where].attrs[name] if array.size or array.ndim == 0 else None
            if found is not None:
                assert cases.same(found, array), (where, name, found, array)
        assert file["data"].attrs["unit"] == "µm" or file["data"].attrs["unit"] == "µm".encode()
        assert file.attrs["empty"] in ["", b""]
    # And those of h5py.
    with h5py.File(path, "w") as file:
        for case in range(60):
            array = cases.array(rng, cases.TYPES[case % len(cases.TYPES)], cases.shape(rng, int(rng.integers(0, 4)), 4))
            if array.size == 0:
                continue
            file.attrs[f"{case}"] = array
            written[case] = array
        file.attrs["variable"] = "größe"
        file.attrs["big"] = np.arange(3).astype(">i4")
    with File(path) as file:
        for case in range(60):
            if case in written:
                assert cases.same(file.get_attr("/", f"{case}"), written[case]), case
        assert file.get_attr_text("/", "variable") == "größe"
        assert file.get_attr("/", "big", "i4").tolist() == [0, 1, 2]
        fails("TYPE", file.get_attr, "/", "variable", "f8")


def texts():
    meta = {"a": 1, "text": "größe", "list": [1.5, None, True], "deep": {"x": {}}}
    with File(path, "w") as file:
        file.write_text("text", "größe\nline two")
        file.write_text("empty", "")
        file.write_texts("species", ["H2O", "CO2", "", "größe"])
        file.write_texts("table", [["a", "bc"], ["def", "g"]])
        file.write_texts("none", np.zeros((0, 2), dtype=object))
        file.write_json("meta", json.dumps(meta, indent=2))
        fails("JSON", file.write_json, "other", "{")
        fails("EXISTS", file.write_text, "text", "other")
        assert file.read_text("text") == "größe\nline two" and file.read_text("empty") == ""
        assert file.read_texts("species") == ["H2O", "CO2", "", "größe"]
        assert file.read_texts("table") == [["a", "bc"], ["def", "g"]]
        # Kept as given.
        assert file.read_json("meta") == json.dumps(meta, indent=2)
        long = "x" * 3_000_000
        file.write_text("long", long)
        assert file.read_text("long") == long
    with h5py.File(path, "r") as file:
        assert json.loads(file["meta"][()].decode()) == meta
        assert file["text"][()].decode() == "größe\nline two"
        assert file["empty"][()].decode() == ""
        assert [text.decode() for text in file["species"][()]] == ["H2O", "CO2", "", "größe"]
        assert file["table"].shape == (2, 2) and file["table"][1, 0].decode() == "def"
        assert file["none"].shape == (0, 2)


modes()
locking()
overwriting()
groups_and_deleting()
many_in_one_group()
trees()
attributes()
texts()
