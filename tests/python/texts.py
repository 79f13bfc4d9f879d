"""Texts over others, lists of texts as attributes, and series of texts, beside h5py. argv: seed, folder, format (earliest or latest)."""

import os
import signal
import sys
import time

import h5py
import numpy as np
from h5sim_ctypes import LIB, File, check, fails

SEED, LIBVER = int(sys.argv[1]), sys.argv[3]
os.chdir(sys.argv[2])
WORDS = ["", "x", "H2O", "ünïcode", "a longer text with spaces", "1"]


def new(name, mode="w", **options):
    return File(name, mode, libver=LIBVER, **options)


def variable_lists():
    """Lists of texts of any length and number are there as they were written, for h5py, too, and h5py goes on with them."""
    rng = np.random.default_rng(SEED + 1)
    for _ in range(25):
        expected, mode = {}, "w"
        for _ in range(int(rng.integers(1, 4))):
            with new("lists.h5", mode) as file:
                for _ in range(int(rng.integers(1, 30))):
                    count = int(rng.choice([0, 1, 1, 3, 20, 400, 3000]))
                    lengths = [0, 1, 5, 30, 300, 9000 if count < 4 else 4]
                    texts = ["ü" * int(rng.integers(3)) + "x" * int(rng.choice(lengths)) for _ in range(count)]
                    name = str(rng.choice(["", "g/", "h/i/"])) + f"texts{rng.integers(40)}"
                    what = rng.random()
                    if name in expected and what < 0.3:
                        file.delete(name)
                        del expected[name]
                        continue
                    if name in expected and what < 0.6:
                        assert file.read_texts(name) == expected[name]
                        continue
                    file.write_texts_with(name, texts, fixed=bool(rng.random() < 0.2), overwrite=name in expected)
                    expected[name] = texts
                    if rng.random() < 0.2:
                        file.set_attr_text(name, "unit", "m" * int(rng.integers(50)))
                    if rng.random() < 0.1:
                        assert file.info(name) == ("TEXT", (count,))
                    if rng.random() < 0.1:
                        file.commit()
            mode = "r+"
            with h5py.File("lists.h5", "r+") as file:
                for name, texts in expected.items():
                    assert [text.decode() for text in file[name][...]] == texts, name
                    if file[name].dtype == object and texts and rng.random() < 0.2:
                        expected[name] = [text + "z" for text in texts]
                        file[name][...] = expected[name]
            with new("lists.h5", "r") as file:
                for name, texts in expected.items():
                    assert file.read_texts(name) == texts, name


def logs_that_are_opened_again():
    """Series of texts, of ours and of h5py's, grow in files that are opened again and again."""
    rng = np.random.default_rng(SEED + 2)
    for _ in range(25):
        expected, mode = [], "w"
        if rng.random() < 0.5:
            with h5py.File("again.h5", "w", libver=[LIBVER, ("v108", "latest")][rng.integers(2)]) as file:
                file.create_dataset("g/log", (0,), h5py.string_dtype(), maxshape=(None,), chunks=(int(rng.choice([1, 3, 100])),))
                file["g/log"].attrs["about"] = "h5py's"
            mode = "r+"
        for _ in range(int(rng.integers(1, 6))):
            with new("again.h5", mode) as file:
                for _ in range(int(rng.integers(1, 5))):
                    for _ in range(int(rng.choice([1, 3, 200, 700]))):
                        expected.append("ü" * int(rng.integers(3)) + "y" * int(rng.choice([0, 3, 40])))
                        file.append_text("g/log", expected[-1])
                    what = int(rng.integers(8))
                    if what == 0:
                        file.commit()
                    elif what == 1:
                        assert file.read_texts("g/log") == expected
                    elif what == 2:
                        file.set_attr_text("g/log", "unit", "m" * int(rng.integers(30)))
                    elif what == 3:
                        assert file.info("g/log") == ("TEXT", (len(expected),))
                    elif what == 4:
                        del expected[int(rng.integers(1, len(expected) + 1)):]
                        file.truncate("g/log", len(expected))
            mode = "r+"
            with h5py.File("again.h5", "r+") as file:
                log = file["g/log"]
                assert [text.decode() for text in log[...]] == expected
                if rng.random() < 0.3:
                    log.resize((len(expected) + 2,))
                    log[-2:] = ["h5", "py"]
                    expected += ["h5", "py"]
            with new("again.h5", "r") as file:
                assert file.read_texts("g/log") == expected


def overwriting():
    rng = np.random.default_rng(SEED)
    for committed in [False, True]:
        with new("over.h5") as file:
            expected = {}
            for _ in range(60):
                name = str(rng.choice(["a", "b", "g/c"]))
                what = int(rng.integers(4))
                options = {"overwrite": True}
                if rng.random() < 0.5:
                    options["fixed"] = bool(rng.integers(2))
                if what == 0:
                    expected[name] = str(rng.choice(WORDS))
                    file.write_text_with(name, expected[name], **options)
                elif what == 1:
                    expected[name] = [str(word) for word in rng.choice(WORDS, int(rng.integers(0, 4)))]
                    file.write_texts_with(name, expected[name], **options)
                elif what == 2:
                    expected[name] = '{"step": %d}' % rng.integers(99)
                    file.write_json_with(name, expected[name], **options)
                elif rng.random() < 0.5:
                    file.write(name, np.arange(3.0), overwrite=True)
                    expected[name] = None
                if committed:
                    file.commit()
                for name, texts in expected.items():
                    if isinstance(texts, str):
                        assert file.read_text(name) == texts, (name, texts)
                    elif texts is not None:
                        assert file.read_texts(name) == texts, (name, texts)
            file.create_group("group")
            fails("EXISTS", lambda: file.write_text_with("group", "x", overwrite=True))
            for name in expected:
                assert "exists" in fails("EXISTS", lambda: file.write_text_with(name, "x"))
                fails("EXISTS", lambda: file.write_json_with(name, "1", overwrite=False))
            fails("JSON", lambda: file.write_json_with("a", "{", overwrite=True))
            assert "overwrite, fixed" in fails("ARGUMENT", lambda: file.write_text_with("a", "x", over=True))
            fails("ARGUMENT", lambda: file.write_text_with("a", "x", fixed=1))
            # In place its attributes stay.
            file.write_text_with("status", "step 1")
            file.set_attr("status", "n", np.int32(4))
            file.write_text_with("status", "step 2", overwrite=True)
            assert file.attr_keys("status") == ["n"]
            file.write_text_with("status", "step 10", overwrite=True)
            assert file.attr_keys("status") == [] and file.read_text("status") == "step 10"
        with h5py.File("over.h5") as file:
            for name, texts in expected.items():
                value = file[name][()]
                if isinstance(texts, str):
                    assert value == texts.encode(), (value, texts)
                elif texts is not None:
                    assert [text.decode() for text in value] == texts

    with new("kinds.h5") as file:
        file.write_texts_with("fixed", ["H2", "O"])
        file.write_texts_with("any", ["H2", "O"], fixed=False)
        file.write_text_with("one", "é", fixed=False)
    with h5py.File("kinds.h5") as file:
        assert file["fixed"].dtype == "S2" and h5py.check_string_dtype(file["any"].dtype).length is None
        assert file["any"].asstr()[()].tolist() == ["H2", "O"] and file["one"].asstr()[()] == "é"


def attributes():
    names = np.array([["x", "longer"], ["", "ü"]], dtype=object)
    for committed in [False, True]:
        with new("attributes.h5") as file:
            file.write("u", np.arange(3.0))
            if committed:
                file.commit()
            file.set_attr_texts("u", "axes", ["x", "y"])
            file.set_attr_texts("u", "table", names)
            file.set_attr_texts("u", "one", np.array("only", dtype=object))
            file.set_attr_texts("", "none", np.zeros((0,), dtype=object))
            file.set_attr_texts("", "fixed", ["abc", "d"], fixed=True)
            file.set_attr_texts("", "fixed one", np.array("abc", dtype=object), fixed=True)
            file.set_attr_texts("", "fixed utf8", ["é", "d"], fixed=True)
            # Over others, of another kind and of its own.
            file.set_attr_text("u", "changing", "text")
            file.set_attr_texts("u", "changing", ["a", "b", "c"])
            file.set_attr_texts("u", "changing", ["d", "e", "f"])
            assert file.get_attr_texts("u", "changing") == ["d", "e", "f"]
            file.set_attr("u", "changing", np.arange(2))
            fails("TYPE", file.get_attr_texts, "u", "changing")
            file.set_attr_texts("u", "changing", ["g"])
            assert file.get_attr_texts("u", "table") == names.tolist() and file.get_attr_texts("u", "one") == ["only"]
            assert file.get_attr_texts("", "none") == [] and file.get_attr_texts("/", "fixed") == ["abc", "d"]
            assert file.attr_info("u", "table") == ("TEXT", (2, 2))
            file.set_attr_text("u", "waits", "still")
            assert file.get_attr_texts("u", "waits") == ["still"]
            assert file.get_attr_text("u", "one") == "only"
            fails("SHAPE", file.get_attr_text, "u", "axes")
            fails("NOT_FOUND", file.get_attr_texts, "u", "missing")
            fails("NOT_FOUND", file.set_attr_texts, "v", "axes", ["x"])
            fails("ARGUMENT", file.set_attr_texts, "u", "", ["x"])
            assert "options are fixed" in fails("ARGUMENT", lambda: file.set_attr_texts("u", "axes", ["x"], overwrite=True))
            if LIBVER == "earliest":
                fails("SHAPE", lambda: file.set_attr_texts("u", "large", ["x" * 70000, "y"], fixed=True))
            assert file.get_attr_texts("u", "axes") == ["x", "y"]
        with h5py.File("attributes.h5") as file:
            attributes = file["u"].attrs
            assert attributes["axes"].tolist() == ["x", "y"] and attributes["table"].tolist() == names.tolist()
            assert attributes["one"] == "only" and attributes["changing"].tolist() == ["g"]
            assert file.attrs["fixed"].tolist() == [b"abc", b"d"] and file.attrs["fixed"].dtype == "S3"
            assert file.attrs["fixed one"] == b"abc"
            kind = file.attrs.get_id("fixed").get_type()
            assert kind.get_cset() == h5py.h5t.CSET_ASCII
            assert file.attrs.get_id("fixed utf8").get_type().get_cset() == h5py.h5t.CSET_UTF8
    with h5py.File("attributes.h5", "r+") as file:
        file.attrs["h5py"] = ["p", "q"]
        file.attrs["bytes"] = np.array([b"r", b"st"])
    with File("attributes.h5") as file:
        assert file.get_attr_texts("", "h5py") == ["p", "q"] and file.get_attr_texts("", "bytes") == ["r", "st"]


def attributes_over():
    """Texts over others in attributes that the file has: their places in the heap serve the next ones, HDF5's own too."""
    rng = np.random.default_rng(SEED + 1)
    lengths = [0, 1, 7, 8, 9, 100, 1000, 4050, 4064, 4072, 5000, 20000]
    objects, names = ["", "g", "d"], ["status", "host", "n"]
    expected = {}

    def check_all(file):
        for (where, name), value in expected.items():
            found = file[where or "/"].attrs[name]
            assert (found == value) if isinstance(value, str) else (np.asarray(found) == value).all(), (where, name)
        for where in objects:
            assert set(file[where or "/"].attrs) == {name for at, name in expected if at == where}

    file = new("over_attributes.h5")
    file.create_group("g")
    file.write("d", np.arange(3.0))
    file.commit()
    for _ in range(150):
        where, name = str(rng.choice(objects)), str(rng.choice(names))
        what = int(rng.integers(10))
        if what < 6:
            value = "".join(rng.choice(list("abcü"), int(rng.choice(lengths))))
            file.set_attr_text(where, name, value)
            expected[where, name] = value
        elif what == 6:
            file.set_attr(where, name, np.arange(2.0))
            expected[where, name] = np.arange(2.0)
        elif what == 7:
            file.commit()
            with h5py.File("over_attributes.h5") as seen:
                check_all(seen)
        elif what == 8 and (where, name) in expected:
            file.delete_attr(where, name)
            del expected[where, name]
        elif what == 9:
            file.close()
            with h5py.File("over_attributes.h5", "r+") as other:
                check_all(other)
                for at in [key for key in expected if rng.random() < 0.3]:
                    expected[at] = "h5py" * int(rng.integers(1, 300))
                    other[at[0] or "/"].attrs[at[1]] = expected[at]
            with h5py.File("over_attributes.h5") as other:
                check_all(other)
            file = new("over_attributes.h5", "r+")
        for at, value in expected.items():
            if isinstance(value, str):
                assert file.get_attr_text(*at) == value, at
    file.close()
    with h5py.File("over_attributes.h5") as other:
        check_all(other)
    # A status that is written over again and again takes no more room.
    sizes = []
    for turn in range(40):
        with new("over_attributes.h5", "r+") as file:
            file.set_attr_text("", "status", "step %d" % 10**(turn % 9))
        sizes.append(os.path.getsize("over_attributes.h5"))
    assert sizes[-1] == sizes[2], sizes


def logs():
    """Programs of appends, commits and looks through two handles; then what is there after a kill."""
    rng = np.random.default_rng(SEED)
    lines = []
    with new("log.h5") as file:
        other = File("log.h5", "r+")
        for step in range(2000):
            what = rng.random()
            writer = file if rng.random() < 0.5 else other
            if what < 0.8:
                lines.append(str(rng.choice(WORDS)) + f" {step}")
                writer.append_text("run/log", lines[-1])
            elif what < 0.85:
                writer.append("t", np.float64(step))
            elif what < 0.9:
                writer.commit()
            elif what < 0.92 and lines:
                assert writer.read_texts("run/log") == lines, step
                assert writer.info("run/log") == ("TEXT", (len(lines),))
            elif what < 0.94 and lines:
                writer.set_attr_text("run/log", "of", "this run")
            elif what < 0.95 and lines:
                kept = int(rng.integers(max(0, len(lines) - 20), len(lines) + 1))
                check(LIB.h5sim_truncate(writer.handle, b"run/log", kept))
                del lines[kept:]
            elif what < 0.96 and lines:
                writer.move("run/log", "log")
                assert writer.read_texts("log") == lines
                writer.append_text("log", "moved")
                lines.append("moved")
                writer.move("log", "run/log")
            elif what < 0.97:
                assert (writer.exists("run/log") == "dataset") == bool(writer.exists("run"))
        assert other.read_texts("run/log") == lines
        file.append_text("run/log", "the last")
        lines.append("the last")
        assert file.tree("run")["log"]["shape"] == [len(lines)]
        other.close()
        file.append_text("deleted", "x")
        file.delete("deleted")
        file.append_text("deleted", "y")
        assert file.read_texts("deleted") == ["y"]
        file.append_text("copied", "z")
        file.copy("copied", "copy")
        assert file.read_texts("copy") == ["z"]
        file.write("numbers", np.arange(3.0))
        file.write_texts("fixed", ["a"])
        file.write_texts_with("short", ["a"], fixed=False)
        assert "f8" in fails("TYPE", file.append_text, "numbers", "x")
        assert "text of 1 bytes" in fails("TYPE", file.append_text, "fixed", "x")
        fails("SHAPE", file.append_text, "short", "x")
        fails("TYPE", file.append_text, "run", "x")
        fails("TYPE", file.append_text, "numbers/x", "x")
        fails("TYPE", file.append_text, "/", "x")
        assert file.exists("numbers/x") is None
        # More than waits.
        for step in range(30):
            file.append_text("large", "x" * 20000 + str(step))
    with h5py.File("log.h5") as file:
        assert file["run/log"].asstr()[()].tolist() == lines and file["run/log"].maxshape == (None,)
        assert file["large"].shape == (30,) and file["large"][29].endswith(b"x29")
    with h5py.File("log.h5", "r+") as file:
        file["run/log"].resize(len(lines) + 1, axis=0)
        file["run/log"][-1] = "by h5py"
    with new("log.h5", "a") as file:
        file.append_text("run/log", "goes on")
        assert file.read_texts("run/log") == [*lines, "by h5py", "goes on"]

    for how in ["kill", "exit", "discard"]:
        child = os.fork()
        if child == 0:
            file = new("killed.h5", autocommit=0)
            for step in range(500):
                file.append_text("log", f"line {step}")
                file.append("t", np.float64(step))
                if step == 299:
                    file.commit()
            if how == "discard":
                file.discard()
                os._exit(0)
            os.kill(os.getpid(), signal.SIGKILL) if how == "kill" else sys.exit(0)
        os.waitpid(child, 0)
        with File("killed.h5", "r+") as file:
            assert file.read_texts("log") == [f"line {step}" for step in range(300)], how
            assert file.info("t")[1] == (300,)
            file.append_text("log", "after it")
            assert file.read_texts("log")[300:] == ["after it"]


def handles():
    with new("handles.h5") as file:
        reader = File("./handles.h5", "r")
        assert (file.path(), file.mode(), reader.path(), reader.mode()) == ("handles.h5", "r+", "./handles.h5", "r")
        file.write("a", np.arange(3))
        file.commit()
        file.write("b", np.arange(3))
        # Another handle may still commit what one has dropped.
        other = File("handles.h5", "r+")
        other.discard()
        fails("HANDLE", other.mode)
        fails("HANDLE", other.discard)
        assert file.keys() == ["a", "b"]
        reader.close()
    file = File("handles.h5", "r+")
    file.delete("a")
    file.append("s", np.arange(3.0))
    file.discard()
    with h5py.File("handles.h5") as file:
        assert sorted(file) == ["a", "b"]
    reader = File("handles.h5", "r")
    reader.discard()
    file = new("never.h5")
    file.write("a", np.arange(3))
    file.append("g/s", np.arange(3.0))
    file.append_text("log", "x")
    file.set_attr_text("", "x", "y")
    file.discard()
    with h5py.File("never.h5") as file:
        assert len(file) == 0 and len(file.attrs) == 0
    file = new("none.h5", durability="none")
    file.write("a", np.arange(3))
    file.discard()
    with h5py.File("none.h5") as file:
        assert list(file) == ["a"]


overwriting()
variable_lists()
attributes()
attributes_over()
logs()
logs_that_are_opened_again()
handles()
print("texts as in h5py")
