"""Moves, copies, links, new extents and layouts, beside h5py doing the same. argv: seed, folder, format (earliest or latest).
With a fourth argument this is the child that gets killed."""

import concurrent.futures
import os
import signal
import subprocess
import sys
import time

import h5py
import numpy as np
import xarray as xr
from h5sim_ctypes import LIB, File, H5simError, check, fails

WRITER = """
import numpy as np
from h5sim_ctypes import File
with File("target.h5", "r+") as file:
    for turn in range(20):
        file.write_slice("g/x", "", np.full(3, float(turn)))
        file.append("s", np.float64(turn))
        file.commit()
        print(turn, flush=True)
        input()
"""
SEED, LIBVER = int(sys.argv[1]), sys.argv[3]
os.chdir(sys.argv[2])


def new(name, mode="w", **options):
    return File(name, mode, libver=LIBVER, **options)


def described(group):
    """All that h5py finds in a file: kinds, data, attributes, links, and which names are of one object."""
    found, names = {}, {}

    def walk(group, prefix):
        for name in group:
            path, link = prefix + name, group.get(name, getlink=True)
            if isinstance(link, h5py.SoftLink):
                found[path] = ("soft", link.path)
            elif isinstance(link, h5py.ExternalLink):
                found[path] = ("external", link.filename, link.path)
            else:
                item = group[name]
                first = names.setdefault(h5py.h5o.get_info(item.id).addr, path)
                attributes = {name: np.asarray(item.attrs[name]).tolist() for name in item.attrs}
                if isinstance(item, h5py.Group):
                    found[path] = ("group", attributes, first)
                    if first == path:
                        walk(item, path + "/")
                else:
                    found[path] = ("dataset", item.dtype.str, item.shape, item.maxshape, item.chunks, item.compression,
                                   np.asarray(item[()]).tolist(), attributes, first)
    walk(group, "")
    return found


def is_as_by_h5py(name, make, change, change_by_h5py):
    """A file that is made by this library is changed by it, before a commit and after one, as h5py changes another."""
    with new("by_h5py.h5") as file:
        make(file)
    with h5py.File("by_h5py.h5", "r+") as file:
        change_by_h5py(file)
        expected = described(file)
    for committed in ["never", "before", "closed"]:
        file = new("by_us.h5")
        make(file)
        if committed == "before":
            file.commit()
        if committed == "closed":
            file.close()
            file = new("by_us.h5", "r+")
        other = File("by_us.h5", "r")
        change(file)
        ours = file.tree()
        assert other.tree() == ours, name
        other.close()
        file.close()
        with h5py.File("by_us.h5") as file:
            found = described(file)
        assert found == expected, (name, committed, found, expected)
        assert set(ours) >= {path for path, about in expected.items() if about[0] != "group"}, name


def content(file):
    """Small objects that wait, series and chunks in memory, attributes, groups in groups."""
    file.write("g/small", np.arange(6.0).reshape(2, 3))
    file.write("g/h/i/deep", np.int16(7))
    file.set_attr_text("g/h", "unit", "m")
    file.set_attr("g/small", "n", np.arange(3))
    for step in range(10):
        file.append("g/series", np.array([step, 1.5]), **({"compression": "gzip", "chunks": [4, 2]} if step == 0 else {}))
        file.append("time", np.float64(step))
    file.write("g/large", np.arange(300_000.0), chunks=[100_000])
    file.write_slice("g/large", "5", np.float64(-1))
    file.write_text("g/text", "a text")
    file.create_group("empty")


def moves():
    cases = [("g/small", "small"), ("g/small", "new/way/small"), ("g", "other"), ("g/h", "g/k"), ("g/h", "h"),
             ("g/series", "series"), ("time", "g/time"), ("/g//large/", "/large"), ("g/text", "t"), ("empty", "g/h/empty"),
             ("g", "g"), ("g", "gg")]
    for source, target in cases:
        is_as_by_h5py(f"move {source} to {target}", content, lambda file: file.move(source, target),
                      lambda file: file.move(source.strip("/").replace("//", "/"), target))

    with new("moved.h5") as file:
        content(file)
        writer = File("moved.h5", "r+")
        file.move("g/series", "g/later")
        # A series goes on at its new name, and another may begin at the old one.
        writer.append("g/later", np.array([10, 1.5]))
        writer.append("g/series", np.array([99.0, 98.0, 97.0]))
        assert file.read("g/later").shape == (11, 2) and file.read("g/later")[10].tolist() == [10, 1.5]
        assert file.read("g/series").tolist() == [[99, 98, 97]]
        file.move("g", "k")
        assert file.read("k/later").shape == (11, 2) and file.exists("g") is None
        assert writer.read("k/large")[5] == -1
        assert "there is no 'g/small'" in fails("NOT_FOUND", file.read, "g/small")
        writer.close()
        said = fails("EXISTS", file.move, "k/small", "k/h")
        assert "moved.h5" in said and "'k/h' exists already" in said, said
        said = fails("ARGUMENT", file.move, "k", "k/h/k")
        assert "'k' cannot be moved to 'k/h/k'" in said, said
        fails("ARGUMENT", file.move, "/", "x")
        fails("ARGUMENT", file.move, "k", "/")
        fails("NOT_FOUND", file.move, "missing", "x")
        fails("NOT_FOUND", file.move, "missing", "missing")
        assert "'time' is a dataset" in fails("TYPE", file.move, "k", "time/x")
        # By way of another name of itself.
        file.link("alias", "k", type="hard")
        fails("ARGUMENT", file.move, "k", "alias/k")
        before = file.tree()
        fails("EXISTS", file.move, "k", "time")
        assert file.tree() == before
    reader = File("moved.h5", "r")
    fails("READ_ONLY", reader.move, "k", "x")
    fails("READ_ONLY", reader.link, "x", "k")
    fails("READ_ONLY", reader.resize, "time", (1,))
    fails("READ_ONLY", reader.copy, "k", "x")
    reader.close()


def copies():
    for source, target in [("g/small", "copy"), ("g", "new/copy"), ("g/h", "g/h/itself"), ("g/series", "g/s2"), ("/", "backup"),
                           ("g/large", "l"), ("g/text", "t"), ("time", "g/h/time")]:
        is_as_by_h5py(f"copy {source} to {target}", content, lambda file: file.copy(source, target),
                      lambda file: file.copy(source, target))
    options = [({"shallow": True}, {"shallow": True}), ({"without_attrs": True}, {"without_attrs": True}),
               ({"expand_soft": True}, {"expand_soft": True})]

    def linked(file):
        content(file)
        file.link("g/soft", "time")
        file.link("g/dangling", "nowhere")
        file.link("g/hard", "g/small", type="hard")
    for ours, theirs in options:
        is_as_by_h5py(f"copy with {ours}", linked, lambda file: file.copy("g", "copy", **ours),
                      lambda file: file.copy("g", "copy", **theirs))
    is_as_by_h5py("copy by a soft link", linked, lambda file: file.copy("g/soft", "copy"), lambda file: file.copy("g/soft", "copy"))

    # To another file: what waits in either is there.
    with new("source.h5") as source, new("target.h5") as target:
        content(source)
        target.write("before", np.arange(3))
        source.copy("g", "runs/1", target)
        source.copy("/", "runs/2", target)
        target.copy("before", "before", source)
        source.append("g/series", np.array([10, 1.5]))
        target.append("runs/1/series", np.array([-1, -2.0]))
        assert target.read("runs/1/series")[10].tolist() == [-1, -2] and source.read("g/series")[10].tolist() == [10, 1.5]
        said = fails("EXISTS", source.copy, "g", "runs", target)
        assert said.startswith("target.h5: 'runs' exists already"), said
        said = fails("NOT_FOUND", source.copy, "missing", "x", target)
        assert said.startswith("source.h5: there is no 'missing'"), said
        assert target.exists("x") is None
        fails("ARGUMENT", source.copy, "g", "/", target)
        assert "without_attrs" in fails("ARGUMENT", source.copy, "g", "x", target, deep=True)
        fails("TYPE", source.copy, "g", "before/x", target)
        reader = File("target.h5", "r")
        # By a handle that only reads: the mode that counts is that of the file that gets the copy.
        reader.copy("runs/1/small", "back", source)
        fails("READ_ONLY", source.copy, "g", "x", reader)
        reader.close()
        fails("HANDLE", source.copy, "g", "x", reader)
        fails("HANDLE", reader.copy, "g", "x", source)
        assert source.read("back").tolist() == [[0, 1, 2], [3, 4, 5]]
    with h5py.File("source.h5") as source, h5py.File("target.h5") as target:
        assert described(target["runs/2/g"]).keys() == described(source["g"]).keys()
        assert (target["runs/1/large"][()] == source["g/large"][()]).all()
        assert target["runs/2/time"][()].tolist() == list(range(10)) and target["runs/1/h"].attrs["unit"] == "m"
        assert source["before"][()].tolist() == [0, 1, 2]

    # A file of h5py's, with types that are no numbers, by a reader.
    with h5py.File("foreign.h5", "w") as file:
        file["texts"] = np.array(["a", "longer"], dtype=object)
        file["pairs"] = np.array([(1, 2.5)], dtype=[("x", "i4"), ("y", "f8")])
        file.create_dataset("virtual", data=np.arange(10), maxshape=(None,), compression="lzf")
        file["references"] = np.array([file["texts"].ref], dtype=h5py.ref_dtype)
    with File("foreign.h5", "r") as source, new("of_foreign.h5") as target:
        source.copy("/", "all", target)
    with h5py.File("of_foreign.h5") as file:
        assert file["all/texts"].asstr()[()].tolist() == ["a", "longer"]
        assert file["all/pairs"][0].tolist() == (1, 2.5) and file["all/virtual"][()].tolist() == list(range(10))


def axes():
    """The axes of what is moved and copied keep their names, and readers find the coordinates."""
    def make(file):
        file.write("run/x", np.arange(4.0))
        file.write("run/u", np.zeros((2, 4)), dims=["y", "x"])
        for step in range(3):
            file.append("run/t", np.float64(step))
            file.append("run/v", np.arange(4.0), dims=["t", "x"])
    for committed in [False, True]:
        with new("axes.h5") as file:
            make(file)
            if committed:
                file.commit()
            file.move("run/x", "run/position")
            assert file.dims("run/u") == ["y", "position"] and file.dims("run/v") == ["t", "position"]
            file.move("run", "first")
            assert file.dims("first/v") == ["t", "position"]
            file.copy("first", "second")
            file.copy("first/u", "first/w")
            # A coordinate can still come where there was none.
            file.write("first/y", np.array([0.5, 1.5]))
            assert file.dims("first/w") == ["y", "position"] and file.dims("second/u") == ["y", "position"]
            file.write_slice("second/position", "", np.arange(4.0) * 2)
            file.append("first/t", np.float64(3))
            file.append("first/v", np.arange(4.0))
        for engine in ["netcdf4", "h5netcdf"]:
            first = xr.open_dataset("axes.h5", group="first", engine=engine).load()
            second = xr.open_dataset("axes.h5", group="second", engine=engine).load()
            assert first["v"].dims == ("t", "position") and first["v"].shape == (4, 4)
            assert first["y"].values.tolist() == [0.5, 1.5] and first["w"].dims == ("y", "position")
            assert second["position"].values.tolist() == [0, 2, 4, 6] and second["v"].shape == (3, 4)
            assert second["u"].dims == ("y", "position")
            first.close(), second.close()
        with h5py.File("axes.h5") as file:
            # Scales list those that refer to them, and no others.
            for group in ["first", "second"]:
                listed = {file[owner].name for owner, _ in file[group]["position"].attrs["REFERENCE_LIST"]}
                assert listed == {f"/{group}/{name}" for name in (["u", "v", "w"] if group == "first" else ["u", "v"])}, listed
                assert file[group]["position"].is_scale
                assert file[group]["v"].dims[1][0] == file[group]["position"]

        # To another file: with its coordinates, to those of the same names, or without any.
        with new("axes_source.h5") as source, new("axes_target.h5") as target:
            make(source)
            if committed:
                source.commit()
            target.write("x", np.arange(4.0) + 10)
            source.copy("run", "copy", target)
            source.copy("run/v", "v", target)
            source.copy("run/u", "u", target)
            target.write("short/x", np.arange(3.0))
            source.copy("run/u", "short/u", target)
            assert target.dims("copy/v") == ["t", "x"] and target.dims("v") == ["t", "x"] and target.dims("u") == ["y", "x"]
            assert target.dims("short/u") == [None, None]
            source.copy("run/u", "plain", target, without_attrs=True)
            assert target.dims("plain") == [None, None]
        for engine in ["netcdf4", "h5netcdf"]:
            with xr.open_dataset("axes_target.h5", engine=engine, **({"phony_dims": "sort"} if engine == "h5netcdf" else {})) as data:
                assert data["v"].dims == ("t", "x") and data["x"].values.tolist() == [10, 11, 12, 13]
            with xr.open_dataset("axes_target.h5", group="copy", engine=engine) as data:
                assert data["v"].dims == ("t", "x") and data["x"].values.tolist() == [0, 1, 2, 3]


def paraview():
    """The group for ParaView follows what is moved."""
    with new("paraview.h5") as file:
        for step in range(2):
            file.append("time", np.float64(step))
            file.append("fields/u", np.zeros((3, 4)))
        check(LIB.h5sim_vtkhdf(file.handle, b'{"point_data": ["fields/u"], "time": "time"}'))
        file.write("unrelated", np.arange(3))
        file.move("fields", "data")
        file.move("time", "data/time")
        file.delete("unrelated")
        file.append("data/time", np.float64(2))
        file.append("data/u", np.ones((3, 4)))
    with h5py.File("paraview.h5") as file:
        assert file["VTKHDF/Steps"].attrs["NSteps"] == 3 and file["VTKHDF/PointData/u"].shape == (3, 3, 4)
        assert file["VTKHDF/Steps/Values"][()].tolist() == [0, 1, 2]


def ways():
    """What was opened by way of a link is not there by that name when the link has gone."""
    with new("ways.h5") as file:
        file.write_block("k/d", np.zeros((1, 4)), (2, 4), (0, 0))
        for kind in ("soft", "hard"):
            file.link("way", "k", type=kind)
            file.write_block("way/d", np.ones((1, 4)), (2, 4), (1, 0))
            file.delete("way")
            fails("NOT_FOUND", file.info, "way/d")
            file.write_block("way/d", np.full((1, 4), 5.0), (2, 4), (0, 0))
            assert file.exists("way/d") == "dataset", kind
            file.delete("way")
    with h5py.File("ways.h5") as file:
        assert file["k/d"][:, 0].tolist() == [0, 1] and list(file) == ["k"]


def links():
    def soft(file):
        file["new/soft"] = h5py.SoftLink("/g/small")
        file["dangling"] = h5py.SoftLink("/nowhere/x")
        file["new/hard"] = file["g/small"]
        file["again"] = file["g"]
        file["external"] = h5py.ExternalLink("other.h5", "/a/b")

    def ours(file):
        file.link("new/soft", "g/small")
        file.link("dangling", "nowhere/x", type="soft")
        file.link("new/hard", "g/small", type="hard")
        file.link("again", "/g/", type="hard")
        file.link("external", "a/b", file="other.h5")
    is_as_by_h5py("links", content, ours, soft)

    with new("other.h5") as other:
        other.write("a/b", np.arange(4))
        other.append("a/s", np.float64(1))
    with new("links.h5") as file:
        content(file)
        ours(file)
        # By all its names it is one object, whichever handle writes it.
        file.write_slice("new/hard", "0, 0", np.float64(50))
        assert file.read("g/small")[0, 0] == 50 and file.read("again/small")[0, 0] == 50 and file.read("new/soft")[0, 0] == 50
        file.append("again/series", np.array([10, 1.5]))
        assert file.read("g/series").shape == (11, 2)
        file.append("g/series", np.array([11, 1.5]))
        assert file.read("again/series").shape == (12, 2)
        file.delete("g/small")
        assert file.read("again/h/i/deep") == 7 and file.exists("again/small") is None and file.exists("new/soft") is None
        assert file.read("new/hard")[0, 0] == 50
        assert file.read("external").tolist() == [0, 1, 2, 3]
        # A copy of what is in another file.
        file.copy("external", "copied")
        assert file.read("copied").tolist() == [0, 1, 2, 3]
        file.link("ext", "a", type="external", file="other.h5")
        file.copy("ext/s", "s")
        assert file.read("s").tolist() == [1]
        for call, *arguments in [(file.move, "ext/s", "t"), (file.move, "s", "ext/t"), (file.link, "ext/t", "s"), (file.copy, "s", "ext/t")]:
            said = fails("UNSUPPORTED", call, *arguments)
            assert "another file" in said, said
        said = fails("UNSUPPORTED", lambda: file.link("x", "ext/s", type="hard"))
        fails("UNSUPPORTED", file.resize, "ext/s", (3,))
        # Links move as links, and one that leads nowhere can be followed once something is there.
        file.move("dangling", "g/d")
        fails("NOT_FOUND", file.read, "g/d")
        file.write("nowhere/x", np.arange(2))
        assert file.read("g/d").tolist() == [0, 1]
        fails("EXISTS", file.link, "g/d", "s")
        fails("EXISTS", file.link, "g", "s")
        fails("NOT_FOUND", lambda: file.link("x", "missing", type="hard"))
        fails("ARGUMENT", file.link, "/", "s")
        fails("TYPE", file.link, "s/x", "s")
        for options in [{"type": "firm"}, {"type": "external"}, {"type": "hard", "file": "other.h5"}, {"file": ""}, {"kind": "soft"}, {"type": 1}]:
            fails("ARGUMENT", file.link, "x", "s", **options)
        assert file.exists("x") is None
        # A group that lies in itself, and one behind a name that goes.
        file.link("g/itself", "g", type="hard")
        assert file.read("g/itself/itself/h/i/deep") == 7
        file.copy("g", "with itself")
        file.delete("g/itself")
        file.delete("with itself")
    with h5py.File("links.h5") as file:
        assert file["again/series"].shape == (12, 2)


def counted(group):
    """What [`described`] finds, without which name of an object is its first, and how many names each has."""
    found, places = {}, {}

    def walk(group, prefix, above):
        for name in group:
            path, link = prefix + name, group.get(name, getlink=True)
            if isinstance(link, h5py.SoftLink):
                found[path] = ("soft", link.path)
                continue
            item = group[name]
            info = h5py.h5o.get_info(item.id)
            places.setdefault(info.addr, []).append(path)
            found[path] = (type(item).__name__, info.rc, None if isinstance(item, h5py.Group) else item[()].tolist())
            if isinstance(item, h5py.Group) and info.addr not in above:
                walk(item, path + "/", above | {info.addr})
    walk(group, "", {h5py.h5o.get_info(group.id).addr})
    return found, sorted(map(sorted, places.values()))


def followed(file, path):
    """What h5py finds at a path; None where nothing is, or where links lead in a circle."""
    try:
        return file.get(path)
    except RuntimeError:
        return None


def random_names():
    """Names made, moved, linked and deleted at random, with and without commits and openings in between: as h5py does it, and such that HDF5 can go on."""
    random = np.random.default_rng(SEED)
    kinds = {"write": 6, "move": 3, "delete": 3, "soft": 2, "hard": 2, "read": 2, "attribute": 2, "again": 2, "group": 1, "large": 1, "commit": 1}

    def pick(values):
        return values[random.integers(len(values))]

    for program in range(40):
        groups = ["", "a", "a/b", "c", "a_long_name_of_a_group", "d/e/f"][:random.integers(2, 7)]
        # Few names, so that they are used again, or many, so that a table has several nodes.
        names = [f"n{number}" * (1 + number % 3) for number in range(pick([4, 12, 300]))]
        if random.random() < 0.3:
            with h5py.File("by_us.h5", "w", libver=LIBVER) as file:
                for group in filter(None, groups):
                    file.create_group(group)["first"] = np.arange(3)
            mode = "r+"
        else:
            mode = "w"
        file = new("by_us.h5", mode)
        peer = h5py.File("by_h5py.h5", "w", libver=LIBVER)
        if mode == "r+":
            for group in filter(None, groups):
                peer.create_group(group)["first"] = np.arange(3)

        def path():
            return "/".join(filter(None, [pick(groups), pick(names)]))

        for turn in range(pick([20, 200, 600])):
            what, one, other = pick(sum(([kind] * often for kind, often in kinds.items()), [])), path(), path()
            is_free = peer.get(other, getlink=True) is None
            link = peer.get(one, getlink=True)
            item = followed(peer, one)
            if what in ("write", "large") and is_free:
                size = int(random.integers(1, 40)) if what == "write" else 5000
                data = np.full(size, turn) if random.random() < 0.8 else np.zeros(size)
                file.write(other, data, **({"chunks": [2000]} if what == "large" and turn % 2 else {}))
                peer[other] = data
            elif what == "group" and is_free:
                file.create_group(other)
                peer.create_group(other)
            elif what == "move" and link is not None and is_free and not other.startswith(one + "/"):
                file.move(one, other)
                peer.move(one, other)
            elif what == "delete" and link is not None:
                file.delete(one)
                del peer[one]
            elif what == "soft" and is_free:
                file.link(other, one)
                peer[other] = h5py.SoftLink("/" + one)
            elif what == "hard" and is_free and isinstance(item, h5py.Dataset):
                file.link(other, one, type="hard")
                peer[other] = item
            elif what == "attribute" and item is not None:
                file.set_attr(one, "turn", np.int64(turn))
                item.attrs["turn"] = turn
            elif what == "read" and isinstance(item, h5py.Dataset):
                assert file.read(one).tolist() == item[()].tolist(), (program, turn, one)
            elif what == "commit":
                file.commit()
            elif what == "again":
                file.close()
                file = new("by_us.h5", "r+")
            if program % 3 == 0:
                # Asked of HDF5, which has seen the groups then.
                assert (file.exists(one) is None) == (followed(peer, one) is None), (program, turn, what, one)
        file.close()
        peer.close()
        with h5py.File("by_us.h5") as ours, h5py.File("by_h5py.h5") as theirs:
            assert counted(ours) == counted(theirs), program
        # HDF5 goes on with both: it takes half of the names away, and makes as many.
        outcomes = []
        for name in ["by_us.h5", "by_h5py.h5"]:
            with h5py.File(name, "r+") as file:
                for group in groups:
                    if not isinstance(file.get(group or "/"), h5py.Group):
                        continue
                    for number, member in enumerate(sorted(file[group or "/"])):
                        if number % 2 and member not in ("a", "c", "d", "e"):
                            del file[group or "/"][member]
                        file[group or "/"][f"later{number}"] = number
            with h5py.File(name) as file:
                outcomes.append(counted(file))
        assert outcomes[0] == outcomes[1], program


def random_cuts():
    """Series that are cut and go on, at random, beside numpy: what was cut is fill for who makes them longer."""
    random = np.random.default_rng(SEED)
    kinds = {"plain": {}, "gzip": {"compression": "gzip"}, "filled": {"fillvalue": 7.0}, "other chunks": {"chunks": [3, 2]}}
    for program in range(12):
        expected = {}
        file = new("cuts.h5")
        for turn in range(60):
            name = list(kinds)[random.integers(len(kinds))]
            what = ["append"] * 4 + ["cut"] * 2 + ["longer", "commit", "again"]
            what = what[random.integers(len(what))]
            if what == "append" or name not in expected:
                data = random.random((int(random.integers(1, 12)), 4))
                for record in data:
                    file.append(name, record, **(kinds[name] if name not in expected else {}))
                expected[name] = np.concatenate([expected.get(name, np.zeros((0, 4))), data])
            elif what == "cut":
                records = int(random.integers(len(expected[name]) + 1))
                file.truncate(name, records)
                expected[name] = expected[name][:records]
            elif what == "longer":
                more = np.full((int(random.integers(9)), 4), 7.0 if name == "filled" else 0.0)
                expected[name] = np.concatenate([expected[name], more])
                file.resize(name, expected[name].shape)
            elif what == "commit":
                file.commit()
            else:
                file.close()
                file = new("cuts.h5", "r+")
            if name in expected and program % 2:
                np.testing.assert_array_equal(file.read(name), expected[name])
        file.close()
        with h5py.File("cuts.h5") as file:
            for name, data in expected.items():
                np.testing.assert_array_equal(file[name][()], data, err_msg=f"{program} {name}")


def steps_of_names(seed, file=None):
    """Steps of a program that makes, moves, links and deletes, for ever: gives after each what names there are, and what they hold."""
    random = np.random.default_rng(seed)
    held, numbers = {}, 0
    while True:
        for _ in range(random.integers(1, 6)):
            path = f"g{random.integers(3)}/n{random.integers(20)}"
            old = sorted(held)[random.integers(len(held))] if held else None
            what = random.integers(6)
            if what < 3 and path not in held:
                numbers += 1
                size = 5000 if what == 2 else 5
                held[path] = (numbers, size)
                file and file.write(path, np.full(size, float(numbers)))
            elif what == 3 and old and path not in held:
                held[path] = held.pop(old)
                file and file.move(old, path)
            elif what == 4 and old and path not in held:
                held[path] = held[old]
                file and file.link(path, old, type="hard")
            elif what == 5 and old:
                del held[old]
                file and file.delete(old)
        yield dict(held)


def child():
    with new("killed.h5", "r+") as file:
        for step, _ in enumerate(steps_of_names(SEED, file)):
            file.commit()
            print(step, flush=True)


def killed():
    """Whenever the program is killed, all links and all that they lead to are those of one commit."""
    for after in range(8):
        new("killed.h5").close()
        process = subprocess.Popen([sys.executable, __file__, str(SEED + after), ".", LIBVER, "child"], stdout=subprocess.PIPE, text=True)
        for _ in range(1 + 40 * after):
            process.stdout.readline()
        time.sleep(0.0007 * after)
        process.kill()
        last = process.stdout.read().split()
        last = int(last[-1]) if last else 40 * after
        assert process.wait() == -signal.SIGKILL
        new("killed.h5", "a").close()
        steps = [held for held, _ in zip(steps_of_names(SEED + after), range(last + 2))]
        with h5py.File("killed.h5") as file:
            found = {}
            for group in file:
                for name, item in file[group].items():
                    data = item[()]
                    assert (data == data[0]).all()
                    found[f"{group}/{name}"] = (int(data[0]), len(data))
                    names = sum(held == found[f"{group}/{name}"] for held in steps[last].values())
                    assert h5py.h5o.get_info(item.id).rc in (names, sum(held == found[f"{group}/{name}"] for held in steps[last + 1].values()))
        assert found in steps[last:], (after, last)


def links_to_new_files():
    """A link leads into a file that is new here: whatever was made of it, written or committed when HDF5 comes that way."""
    small = np.arange(6.0).reshape(2, 3)
    large = np.arange(40_000.0)
    made = {
        "nothing": lambda file: None,
        "committed": lambda file: file.commit(),
        "small": lambda file: file.write("g/x", small),
        "small, committed": lambda file: (file.write("g/x", small), file.commit()),
        "large": lambda file: (file.write("large", large), file.write("g/x", small)),
        "attribute": lambda file: (file.set_attr("/", "a", np.float64(3)), file.write("g/x", small)),
        "series": lambda file: (file.append("s", np.float64(1)), file.write("g/x", small)),
    }
    for name, make in made.items():
        for mode in ["w", "r"]:
            with new("from.h5") as file:
                file.link("there", "g", type="external", file="to.h5")
                file.link("x", "g/x", type="external", file="to.h5")
            other = new("to.h5")
            make(other)
            file = new("from.h5", "r+" if mode == "w" else "r")
            has_x = name not in ("nothing", "committed")
            for turn in range(2):
                if has_x:
                    assert (file.read("x") == small).all() and file.keys("there") == ["x"], (name, mode)
                    assert file.exists("there/x") == "dataset", (name, mode)
                else:
                    assert file.exists("x") is None, (name, mode)
                    fails("NOT_FOUND", file.read, "x")
                # What comes afterwards is found as well.
                other.write(f"g/y{turn}", small + turn)
                assert (file.read(f"there/y{turn}") == small + turn).all(), (name, mode)
                other.delete(f"g/y{turn}")
            if mode == "w":
                file.write("there/z", small * 2)
                assert (other.read("g/z") == small * 2).all(), name
            other.set_attr("/", "late", np.float64(5))
            for one in [file, other] if turn else [other, file]:
                one.close()
            with h5py.File("to.h5") as file:
                assert (file["g/x"][()] == small).all() if has_x else "x" not in file.get("g", {}), name
                assert file.attrs["late"] == 5 and ("large" in file) == (name == "large")
                assert ("a" in file.attrs) == (name == "attribute") and ("s" in file) == (name == "series")
                assert mode == "r" or (file["g/z"][()] == small * 2).all()
    # One that is only read here is read behind links, and cannot be opened for writing there.
    for mode in ["r", "r+"]:
        with new("to.h5", "r"), new("from.h5", mode) as file:
            assert (file.read("x") == small).all()
            if mode == "r+":
                fails("NOT_FOUND", file.write_slice, "x", "0, 0", np.float64(3))


def open_files():
    return [os.path.basename(os.readlink(f"/proc/self/fd/{fd}")) for fd in os.listdir("/proc/self/fd") if os.path.lexists(f"/proc/self/fd/{fd}")]


def links_into_files_that_change():
    """What is read behind a link is the newest, of the file that has the name now, and nobody is kept from writing it."""
    def make(value, name="target.h5"):
        with new(name) as other:
            other.write("g/x", np.full(3, value, "f8"))
            other.write_text("g/t", f"text {value}")
            other.set_attr("g/x", "a", np.float64(value))
            other.append("s", np.float64(value))

    with new("middle.h5") as file:
        file.link("m", "g", file="target.h5")
    with new("linked.h5") as file:
        file.link("x", "g/x", file="target.h5")
        file.link("way/g", "g", file="target.h5")
        file.link("far", "m", file="middle.h5")
        file.link("s", "s", file="target.h5")
        file.link("round", "round", file="linked.h5")
        for turn in range(40):
            file.link(f"many/{turn}", "g/x", file=f"target{turn}.h5")
    for turn in range(40):
        make(turn, f"target{turn}.h5")
    for mode in ["r", "r+"]:
        make(0)
        file = new("linked.h5", mode)

        def shows(value, series=1):
            for path in ["x", "way/g/x", "far/x"]:
                assert file.read(path).tolist() == [value] * 3, path
                assert file.read(path, "1") == value and file.info(path)[1] == (3,) and file.exists(path) == "dataset"
                assert file.get_attr(path, "a") == value and file.attr_keys(path) == ["a"]
            assert file.read_text("way/g/t") == f"text {value}" and file.exists("far") == "group"
            assert file.keys("far") == file.keys("way/g") == ["t", "x"]
            assert len(file.read("s")) == series

        before = os.stat("target.h5")
        shows(0)
        assert "target.h5" in open_files(), "it is kept open"
        after = os.stat("target.h5")
        assert (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size)
        assert not os.path.exists("target.h5-journal")
        # Others change it in its place, make it anew, put another one there, or take it away.
        with h5py.File("target.h5", "r+") as other:
            other["g/x"][...] = 1
            other["g/x"].attrs["a"] = 1.0
            del other["g/t"]
            other["g/t"] = "text 1"
        shows(1)
        with new("target.h5", "r+") as other:
            other.write_slice("g/x", "", np.full(3, 2.0))
            other.write_text_with("g/t", "text 2", overwrite=True)
            other.set_attr("g/x", "a", np.float64(2))
            # What waits in memory here is found, and what is committed.
            for _ in range(5):
                other.append("s", np.float64(0))
            shows(2, 6)
            other.commit()
            shows(2, 6)
            other.write_slice("g/x", "1:", np.full(2, 3.0))
            assert file.read("x").tolist() == [2, 3, 3]
            other.write_slice("g/x", "1:", np.full(2, 2.0))
        shows(2, 6)
        make(4)
        shows(4)
        make(5, "target.new")
        os.replace("target.new", "target.h5")
        shows(5)
        assert "target.h5 (deleted)" not in open_files()
        os.remove("target.h5")
        fails("NOT_FOUND", file.read, "x")
        assert file.exists("far/x") is None and "target.h5 (deleted)" not in open_files()
        make(6)
        shows(6)
        # A writer of another process, whose commits are found one by one.
        child = subprocess.Popen([sys.executable, "-c", WRITER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                 env=dict(os.environ, PYTHONPATH=os.path.dirname(os.path.abspath(__file__))))
        for turn in range(20):
            assert child.stdout.readline().strip() == str(turn)
            assert file.read("x").tolist() == [turn] * 3 and len(file.read("s")) == turn + 2
            child.stdin.write("\n")
            child.stdin.flush()
        assert child.wait() == 0
        assert file.read("x").tolist() == [19] * 3
        for turn in range(40):
            assert file.read(f"many/{turn}").tolist() == [turn] * 3
        held = [name for name in open_files() if name.startswith("target")]
        assert len(held) <= 16, held
        with new("target39.h5", "r+") as other:
            other.write_slice("g/x", "", np.full(3, 1.5))
        assert file.read("many/39").tolist() == [1.5] * 3
        make(39, "target39.h5")
        assert file.read("many/39").tolist() == [39] * 3
        for call in [file.read, file.info, file.exists]:
            try:
                assert call("round") is None
            except H5simError:
                pass
        # What is written behind a link, and what takes a link's place.
        if mode == "r+":
            file.write("x", np.full(3, 30.0), overwrite=True)
            assert file.read("x").tolist() == file.read("far/x").tolist() == [30] * 3
            file.append("s", np.float64(9))
            assert file.read("s")[-1] == 9 and file.exists("s") == "dataset"
            file.set_attr("way/g/x", "a", np.float64(31))
            assert file.get_attr("x", "a") == 31
            file.write("s", np.arange(7.0), overwrite=True)
            assert file.read("s").tolist() == list(range(7))
            file.write_text_with("way/g/t", "in its place", overwrite=True)
            assert file.read_text("way/g/t") == "in its place"
            file.delete("s")
            file.link("s", "s", file="target.h5")
            assert file.read("s")[-1] == 9
        # What no longer is a link.
        if mode == "r+":
            file.delete("x")
            assert file.exists("x") is None
            file.write("x", np.arange(2.0))
            assert file.read("x").tolist() == [0, 1]
            file.delete("x")
            file.link("x", "s", file="target.h5")
            assert len(file.read("x")) == 22
            file.delete("x")
            file.link("x", "g/x", file="target.h5")
        file.close()
        assert not [name for name in open_files() if name.startswith("target")]


def links_both_ways():
    """Threads that read behind links of each other's files do not wait for each other for ever."""
    names = ["one.h5", "two.h5"]
    files = [new(name) for name in names]
    for number, file in enumerate(files):
        file.link("other", "own", file=names[1 - number])
        file.write("own", np.full(4, number))

    def work(number):
        for turn in range(300):
            files[number].write_slice("own", "", np.full(4, turn))
            found = files[number].read("other")
            assert (found == found[0]).all()
            files[number].set_attr("own", "turn", np.int64(turn))
            assert files[number].read("other", "0") >= 0

    with concurrent.futures.ThreadPoolExecutor() as pool:
        for done in [pool.submit(work, number) for number in [0, 1, 0, 1]]:
            done.result(timeout=120)
    for file in files:
        file.close()


def resizes():
    rng = np.random.default_rng(SEED)
    for _ in range(60):
        rank = int(rng.integers(1, 4))
        shape = tuple(int(n) for n in rng.integers(1, 7, rank))
        most = [None if rng.random() < 0.5 else n + int(rng.integers(0, 6)) for n in shape]
        options = {"chunks": [min(int(n), limit or 9) for n, limit in zip(rng.integers(1, 5, rank), most)],
                   "fillvalue": int(rng.integers(0, 9))}
        if rng.random() < 0.5:
            options.update(compression="gzip", shuffle=True)
        data = np.arange(np.prod(shape), dtype="i4").reshape(shape)
        with new("resized.h5") as file, h5py.File("twin.h5", "w", libver=LIBVER) as twin:
            file.write("u", data, maxshape=most, **options)
            theirs = twin.create_dataset("u", data=data, maxshape=most, **dict(options, chunks=tuple(options["chunks"])))
            for step in range(9):
                wanted = tuple(int(n) for n in rng.integers(0, 9, rank))
                now = file.info("u")[1]
                if rng.random() < 0.6:
                    # One that only grows, along some axes.
                    wanted = tuple(max(one, other) for one, other in zip(wanted, now))
                if step % 3 == 2 and 0 not in now:
                    first = [int(rng.integers(0, n)) for n in now]
                    index = tuple(slice(low, int(rng.integers(low, n)) + 1) for low, n in zip(first, now))
                    part = np.full(theirs[index].shape, step + 70, "i4")
                    file.write_slice("u", ", ".join(f"{one.start}:{one.stop}" for one in index), part)
                    theirs[index] = part
                if any(limit is not None and n > limit for n, limit in zip(wanted, most)):
                    fails("SHAPE", file.resize, "u", wanted)
                    continue
                file.resize("u", wanted)
                theirs.resize(wanted)
                assert file.info("u")[1] == wanted
                np.testing.assert_array_equal(file.read("u"), theirs[()])
                if rng.random() < 0.3:
                    file.commit()
        with h5py.File("resized.h5") as file, h5py.File("twin.h5") as twin:
            np.testing.assert_array_equal(file["u"][()], twin["u"][()])

    # The only chunk that a dataset can have, gone: HDF5 alone leaves its address, where other elements come.
    for options in [{}, {"compression": "gzip"}]:
        with new("only.h5") as file:
            file.write("u", np.arange(600, dtype="i4"), maxshape=[600], chunks=[600], fillvalue=6, **options)
        with new("only.h5", "r+") as file:
            file.resize("u", (0,))
        with new("only.h5", "r+") as file:
            file.write("v", np.full(600, 7, dtype="i4"))
            file.resize("u", (600,))
            assert (file.read("u") == 6).all() and (file.read("v") == 7).all()
        with h5py.File("only.h5") as file:
            assert (file["u"][()] == 6).all() and (file["v"][()] == 7).all()

    with new("series.h5") as file, new("series.h5", "r+") as other:
        for step in range(10):
            file.append("s", np.float64(step), dims=["step"])
        file.resize("s", (4,))
        assert other.read("s").tolist() == [0, 1, 2, 3]
        other.append("s", np.float64(50))
        file.resize("s", (7,))
        assert other.read("s").tolist() == [0, 1, 2, 3, 50, 0, 0]
        file.commit()
        other.resize("s", (8,))
        file.append("s", np.float64(9))
        assert file.read("s").tolist() == [0, 1, 2, 3, 50, 0, 0, 0, 9]
        file.write("fixed", np.arange(3.0))
        said = fails("SHAPE", file.resize, "fixed", (4,))
        assert "dataset 'fixed'" in said and "maxshape" in said, said
        file.resize("fixed", (3,))
        said = fails("SHAPE", file.resize, "s", (4, 1))
        assert "(9,)" in said, said
        fails("SHAPE", file.resize, "s", (-1,))
        fails("NOT_FOUND", file.resize, "missing", (1,))
        file.create_group("g")
        fails("TYPE", file.resize, "g", (1,))
    with xr.open_dataset("series.h5") as data:
        assert data["s"].dims == ("step",) and data["s"].shape == (9,)


def layouts():
    with new("layouts.h5") as file:
        file.write("plain", np.arange(6.0).reshape(2, 3))
        file.write("packed", np.zeros((100, 8), "f4"), chunks=[50, 8], compression="gzip", compression_opts=5, shuffle=True,
                   fletcher32=True, maxshape=[None, 8], fillvalue=1.5)
        file.append("series", np.arange(3, dtype="i2"))
        file.write_texts("texts", ["a", "bc"])
        file.create("never", "c16", (4,), fillvalue=[1, -2])
        file.create("flags", "?", (4,), chunks=True)
        about = file.layout("plain")
        assert about == {"layout": "contiguous", "dtype": "f8", "shape": [2, 3], "maxshape": [2, 3], "chunks": None, "compression": None,
                         "compression_opts": None, "shuffle": False, "fletcher32": False, "fillvalue": 0.0, "filters": [],
                         "stored": 48, "bytes": 48}, about
        # The record that waits counts.
        about = file.layout("series")
        assert about["shape"] == [1, 3] and about["maxshape"] == [None, 3] and about["bytes"] == 6 and about["stored"] >= 6
        assert about["fillvalue"] == 0 and about["dtype"] == "i2"
        assert file.layout("never")["fillvalue"] == [1.0, -2.0] and file.layout("flags")["fillvalue"] is False
        assert file.layout("texts")["fillvalue"] is None
        # What it says makes another such dataset.
        about = file.layout("packed")
        keys = ["maxshape", "chunks", "compression", "compression_opts", "shuffle", "fletcher32", "fillvalue"]
        file.create("again", "f4", (100, 8), **{key: about[key] for key in keys})
        again = file.layout("again")
        assert {key: again[key] for key in keys} == {key: about[key] for key in keys}
        assert again["stored"] == 0 and about["bytes"] == 3200
        fails("NOT_FOUND", file.layout, "missing")
        fails("TYPE", file.layout, "/")
    with h5py.File("layouts.h5", "r+") as file:
        compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        compact.set_layout(h5py.h5d.COMPACT)
        h5py.h5d.create(file.id, b"compact", h5py.h5t.NATIVE_INT32, h5py.h5s.create_simple((3,)), compact)
        file.create_dataset("lzf", data=np.arange(10), compression="lzf")
        layout = h5py.VirtualLayout((2, 3), "f8")
        layout[...] = h5py.VirtualSource(file["plain"])
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("external", (3,), "f8", external=[("external.raw", 0, h5py.h5f.UNLIMITED)])
    with File("layouts.h5", "r") as file, h5py.File("layouts.h5") as theirs:
        for name in ["compact", "virtual", "external"]:
            assert file.layout(name)["layout"] == name
        for name in ["plain", "packed", "series", "lzf", "flags"]:
            ours, dataset = file.layout(name), theirs[name]
            assert ours["chunks"] == (list(dataset.chunks) if dataset.chunks else None), name
            assert ours["compression"] == dataset.compression and ours["shuffle"] == dataset.shuffle
            assert ours["fletcher32"] == dataset.fletcher32 and ours["maxshape"] == list(dataset.maxshape)
            assert ours["stored"] == dataset.id.get_storage_size() and ours["fillvalue"] == dataset.fillvalue, name
            if name != "lzf":
                assert ours["compression_opts"] == dataset.compression_opts


if len(sys.argv) > 4:
    child()
moves()
copies()
axes()
paraview()
ways()
links()
random_names()
random_cuts()
killed()
links_to_new_files()
links_into_files_that_change()
links_both_ways()
resizes()
layouts()
print("as by h5py")
