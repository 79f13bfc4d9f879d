"""All handles of a process to one file are one owner's: ownership.py CASE FOLDER

What one handle writes the others see at once, a commit by any is a commit of all, and only a handle that
wrote something commits when it is closed, or the last one. Each case runs in a process of its own.
"""

import os
import signal
import subprocess
import sys

import h5py
import numpy as np

from h5sim_ctypes import File, fails

KINDS = {
    "plain": {},
    "gzip": {"compression": "gzip"},
    "chunks": {"chunks": [2]},
    "sum": {"fletcher32": True, "shuffle": True, "chunks": [3]},
}


def value(number):
    return np.array(float(number))


def series(path):
    """The records of `s` by h5py's eyes, and nothing else in the file is damaged."""
    with h5py.File(path) as file:
        return file["s"][...].tolist()


def then_killed(step, path):
    """Runs a function of this file in another process, which is killed when that returns."""
    done = subprocess.run([sys.executable, __file__, step, path, "killed"], capture_output=True)
    assert done.returncode == -signal.SIGKILL and done.stderr == b"", (step, done)
    # To open it for writing recovers it.
    File(path, "r+").close()


def two_handles_append_to_one_series(path):
    for durability in ["kill", "power", "none"]:
        for name, options in KINDS.items():
            for last_is_second in [False, True]:
                for second_mode in ["r+", "a"]:
                    one = File(path, "w", durability=durability)
                    for number in [0, 1, 2]:
                        one.append("s", value(number), **options)
                    one.commit()
                    two = File(path, second_mode, durability=durability)
                    expected = [0, 1, 2]
                    for handle, number in [(one, 10), (two, 20), (one, 11), (two, 21), (two, 22), (one, 12)]:
                        handle.append("s", value(number), **options)
                        expected.append(number)
                        for reader in [one, two]:
                            assert reader.info("s")[1] == (len(expected),), (durability, name, expected)
                            assert reader.read("s").tolist() == expected, (durability, name)
                    for handle in [one, two] if last_is_second else [two, one]:
                        handle.close()
                    assert series(path) == expected, (durability, name, series(path))


def appends_through_many_handles_without_looking(path):
    """Nothing between the appends makes the library write out what it gathered."""
    for name, options in KINDS.items():
        handles = [File(path, "w")] + [File(path, "r+") for _ in range(3)]
        for number in range(101):
            handles[number % 4].append("s", value(number), **options)
        for handle in handles:
            handle.close()
        assert series(path) == list(range(101)), (name, series(path))


def a_reader_of_the_process_sees_what_is_not_committed(path):
    for name, options in KINDS.items():
        File(path, "w").close()
        # First `r`, then `r+`, then another `r`.
        before = File(path, "r")
        writer = File(path, "r+")
        after = File(path, "r")
        for number in range(7):
            writer.append("s", value(number), **options)
            writer.write(f"group {number}/x", np.arange(3.0) + number)
            writer.set_attr("s", "n", np.array([number]))
            for reader in [before, after]:
                assert reader.read("s").tolist() == list(range(number + 1)), name
                assert reader.read(f"group {number}/x").tolist() == [number, number + 1, number + 2]
                assert reader.get_attr("s", "n").tolist() == [number]
                assert reader.keys() == sorted(["s"] + [f"group {other}" for other in range(number + 1)])
                assert "read" in fails("READ_ONLY", reader.append, "s", value(0))
                fails("READ_ONLY", reader.write, "y", np.arange(2.0))
                fails("READ_ONLY", reader.write_slice, "s", "0", np.array([9.0]))
                fails("READ_ONLY", reader.delete, "s")
                fails("READ_ONLY", reader.set_attr, "s", "n", np.array([9]))
                fails("READ_ONLY", reader.create_group, "z")
        # What the file's data is after all handles for writing are gone.
        writer.close()
        for reader in [before, after]:
            assert reader.read("s").tolist() == list(range(7))
            reader.close()
        assert series(path) == list(range(7))


def modes_that_do_not_fit_are_refused(path):
    for mode in ["r", "r+"]:
        with File(path, "w") as file:
            file.append("s", value(1))
        with File(path, mode) as file:
            message = fails("LOCKED", File, path, "w")
            assert path in message, message
            fails("EXISTS", File, path, "w-")
            fails("EXISTS", File, path, "x")
            assert file.read("s").tolist() == [1]
        assert series(path) == [1]


def other_names_of_the_file_have_the_same_owner(path):
    soft, hard = path + ".soft", path + ".hard"
    one = File(path, "w")
    os.symlink(path, soft)
    os.link(path, hard)
    one.append("s", value(0))
    two, three = File(soft, "r+"), File(hard, "r+")
    for number, handle in enumerate([two, one, three, one, two], 1):
        handle.append("s", value(number))
    fails("LOCKED", File, hard, "w")
    fails("LOCKED", File, soft, "w")
    for handle in [two, one, three]:
        assert handle.read("s").tolist() == [0, 1, 2, 3, 4, 5]
        handle.close()
    assert series(path) == [0, 1, 2, 3, 4, 5]
    assert not [name for name in os.listdir(os.path.dirname(path)) if "journal" in name]


def another_file_of_the_same_name_has_an_owner_of_its_own(path):
    one = File(path, "w")
    one.append("s", value(1))
    one.commit()
    os.rename(path, path + ".moved")
    # The journal has the old name, and keeps the first file's commits: a new file of that name waits for it.
    fails("LOCKED", File, path, "w")
    one.append("s", value(3))
    assert one.read("s").tolist() == [1, 3]
    one.close()
    with File(path, "w") as two:
        two.append("s", value(2))
    assert series(path) == [2] and series(path + ".moved") == [1, 3]


def what_one_changes_the_other_finds_changed(path):
    """Datasets known to a handle are deleted, replaced and made anew by another."""
    one, two = File(path, "w"), File(path, "r+")
    for a, b in [(one, two), (two, one)] * 3:
        for name, options in KINDS.items():
            a.append("s", value(1), **options)
            assert b.read("s").tolist() == [1]
            b.append("s", value(2), **options)
            b.delete("s")
            assert a.exists("s") is None and a.keys() == []
            fails("NOT_FOUND", a.read, "s")
            a.append("s", value(3), **options)
            b.delete("s")
            b.append("s", value(4), dtype="f4")
            a.append("s", value(5), **options)
            assert a.read("s", dtype="f8").tolist() == b.read("s", dtype="f8").tolist() == [4, 5]
            b.write("s", np.arange(6.0).reshape(2, 3), overwrite=True)
            assert a.info("s") == ("F64", (2, 3)) and a.read("s", "1").tolist() == [3, 4, 5]
            message = fails("SHAPE", a.append, "s", value(6))
            assert "'s'" in message
            a.delete("s")
            a.write("g/s", np.arange(4.0))
            fails("EXISTS", b.write, "g/s", np.arange(4.0))
            b.write_slice("g/s", "1:3", np.array([7.0, 8.0]))
            assert a.read("g/s").tolist() == [0, 7, 8, 3]
            a.set_attr_text("g", "unit", "m")
            assert b.get_attr_text("g", "unit") == "m"
            b.delete_attr("g", "unit")
            assert a.attr_keys("g") == []
            b.create("c", "f8", [8], chunks=[4], compression="gzip")
            a.write_slice("c", "2:6", np.ones(4))
            assert b.read("c").tolist() == [0, 0, 1, 1, 1, 1, 0, 0]
            b.delete("g")
            a.delete("c")
    one.close()
    two.close()
    with h5py.File(path) as file:
        assert list(file) == []


def closing_without_having_written(path, end=None):
    """Another handle is closed, through which nothing was written: the step that is under way stays so."""
    if end is None:
        then_killed("closing_without_having_written", path)
        assert series(path) == [0, 1], series(path)
        with h5py.File(path) as file:
            assert list(file) == ["s"]
        return
    one = File(path, "w")
    one.append("s", value(0))
    also_wrote = File(path, "r+")
    also_wrote.append("s", value(1))
    one.commit()
    one.append("s", value(2))
    one.write("group/x", np.arange(3.0))
    File(path, "r").close()
    with File(path, "r+") as other:
        assert other.read("s").tolist() == [0, 1, 2]
    # What this one wrote is committed.
    also_wrote.close()
    os.kill(os.getpid(), signal.SIGKILL)


def closing_after_having_written(path, end=None):
    """A handle that wrote commits when it is closed, which is a commit of all."""
    if end is None:
        then_killed("closing_after_having_written", path)
        assert series(path) == [0, 1, 2], series(path)
        return
    one = File(path, "w")
    one.append("s", value(0))
    one.commit()
    two = File(path, "r+")
    one.append("s", value(1))
    two.append("s", value(2))
    two.close()
    one.append("s", value(3))
    os.kill(os.getpid(), signal.SIGKILL)


def a_commit_by_any_is_a_commit_of_all(path, end=None):
    if end is None:
        then_killed("a_commit_by_any_is_a_commit_of_all", path)
        assert series(path) == [0, 1, 2], series(path)
        with h5py.File(path) as file:
            assert file["by one/x"][()].tolist() == [0, 1, 2] and file["by one"].attrs["a"].tolist() == [5]
        return
    one, two = File(path, "w"), File(path, "r+")
    for number in range(3):
        one.append("s", value(number), compression="gzip")
    one.write("by one/x", np.arange(3.0))
    one.set_attr("by one", "a", np.array([5]))
    two.commit()
    two.append("s", value(3))
    os.kill(os.getpid(), signal.SIGKILL)


def the_last_close_commits(path, end=None):
    """In whichever mode the last handle was opened."""
    if end is None:
        then_killed("the_last_close_commits", path)
        assert series(path) == [0, 1], series(path)
        return
    one = File(path, "w")
    one.append("s", value(0))
    one.commit()
    reader = File(path, "r")
    one.append("s", value(1))
    one.close()
    assert reader.read("s").tolist() == [0, 1]
    reader.close()
    os.kill(os.getpid(), signal.SIGKILL)


def overwriting_keeps_attributes(path):
    """With any options, as long as shape and type are the dataset's."""
    options = [
        {}, {"dtype": "f8"}, {"threads": 1}, {"threads": 2}, {"compression": 0}, {"compression": "gzip"},
        {"chunks": [2, 2]}, {"shuffle": True}, {"fletcher32": True}, {"fillvalue": 3},
    ]
    for made in [{}, {"chunks": [3, 2], "maxshape": [None, 2]}, {"compression": "gzip", "shuffle": True}]:
        for given in options:
            with File(path, "w") as file:
                file.write("d", np.zeros((4, 2)), **made)
                file.set_attr_text("d", "unit", "m")
                file.set_attr("d", "n", np.arange(3))
                file.write("d", np.arange(8.0).reshape(4, 2), overwrite=True, **given)
                assert file.read("d").tolist() == np.arange(8.0).reshape(4, 2).tolist()
                assert file.attr_keys("d") == ["n", "unit"], (made, given, file.attr_keys("d"))
                # Another shape replaces it.
                file.write("e", np.zeros(3))
                file.set_attr("e", "n", np.arange(3))
                file.write("e", np.zeros(4), overwrite=True)
                assert file.attr_keys("e") == [] and file.info("e")[1] == (4,)
            with h5py.File(path) as file:
                assert file["d"].attrs["unit"] == "m" and file["d"].attrs["n"].tolist() == [0, 1, 2]
                if "maxshape" in made:
                    assert file["d"].maxshape == (None, 2), (given, file["d"].maxshape)
        with File(path, "w") as file:
            for number in range(4):
                file.append("s", value(number))
            file.set_attr("s", "n", np.arange(3))
            file.write("s", np.arange(4.0) + 10, overwrite=True, compression=0)
            file.append("s", value(14))
            assert file.read("s").tolist() == [10, 11, 12, 13, 14] and file.attr_keys("s") == ["n"]


def never_written_elements_are_fill(path):
    """Whatever lay there before: of this step, of an earlier commit, of an earlier program."""
    def old(file, size):
        file.write("g/x", np.arange(5.0))
        file.write("old", np.full(size, 7.5))
        file.write("old text", np.full(size, 0x41414141, "u4"))

    for size in [2000, 20000, 300000]:
        for committed in ["never", "commit", "reopen"]:
            for options in [{}, {"fillvalue": 0}, {"fillvalue": 2.5}, {"chunks": [size // 3]},
                            {"chunks": [size // 3], "fletcher32": True}, {"compression": "gzip", "chunks": [size // 2]}]:
                fill = options.get("fillvalue", 0)
                file = File(path, "w")
                old(file, size)
                if committed != "never":
                    file.commit()
                file.delete("old")
                file.delete("old text")
                if committed == "commit":
                    file.commit()
                if committed == "reopen":
                    file.close()
                    file = File(path, "r+")
                expected = np.full(size, float(fill))
                file.create("never", "f8", [size], **options)
                file.create("new", "f8", [size], **options)
                assert (file.read("new", "5:9") == fill).all(), (size, committed, options)
                file.write_slice("new", "0:1", np.array([1.0]))
                expected[0] = 1
                assert (file.read("new") == expected).all(), (size, committed, options)
                file.write_slice("new", f"7:{size}:{size // 4}", np.full(len(range(7, size, size // 4)), 2.0))
                expected[7:size:size // 4] = 2
                assert (file.read("new") == expected).all(), (size, committed, options)
                file.commit()
                assert (file.read("new") == expected).all(), (size, committed, options)
                file.close()
                with h5py.File(path) as theirs, File(path) as ours:
                    for read in [lambda name: theirs[name][...], ours.read]:
                        assert (read("new") == expected).all(), (size, committed, options)
                        assert (read("never") == fill).all(), (size, committed, options)
                with open(path, "rb") as raw:
                    # Not in the file either, where the dataset's bytes are.
                    with h5py.File(path) as theirs:
                        place = theirs["new"].id.get_offset()
                    if place is not None:
                        raw.seek(place)
                        assert (np.frombuffer(raw.read(8 * size), "f8") == expected).all(), (size, committed, options)


def a_series_grown_over_deleted_bytes_is_its_records(path):
    with File(path, "w") as file:
        file.write("old", np.full(100000, 7.5))
        file.commit()
        file.delete("old")
        file.commit()
        for number in range(10):
            file.append("s", np.full(10, float(number)), chunks=[64, 10])
    with h5py.File(path, "r+") as file:
        # What is behind the last record is never written, and reads as 0 when the axis grows.
        file["s"].resize((64, 10))
        assert (file["s"][10:] == 0).all()
        assert file["s"][:10, 3].tolist() == list(range(10))


def texts_of_c_programs(path):
    """`char name[16]` with bytes behind the NUL, as C programs write it."""
    def fixed(size, padding, cset=h5py.h5t.CSET_ASCII):
        kind = h5py.h5t.C_S1.copy()
        kind.set_size(size)
        kind.set_strpad(padding)
        kind.set_cset(cset)
        return kind

    raw = np.array([b"abc\0xyz\1\xff\xfe", b"\0garbage\0a", b"full size!"], "S10")
    with h5py.File(path, "w") as file:
        for name, padding in [("term", h5py.h5t.STR_NULLTERM), ("pad", h5py.h5t.STR_NULLPAD), ("space", h5py.h5t.STR_SPACEPAD)]:
            kind = fixed(10, padding)
            for part, array in [("all", raw), ("one", raw[0].reshape(()))]:
                space = h5py.h5s.create(h5py.h5s.SCALAR) if array.ndim == 0 else h5py.h5s.create_simple(array.shape)
                dataset = h5py.h5d.create(file.id, f"{name} {part}".encode(), kind, space)
                dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ascontiguousarray(array), mtype=kind)
                attribute = h5py.h5a.create(file.id, f"{name} {part}".encode(), kind, space)
                attribute.write(np.ascontiguousarray(array), mtype=kind)
    with File(path) as file:
        assert file.read_texts("term all") == ["abc", "", "full size!"]
        assert file.read_text("term one") == "abc"
        assert file.get_attr_text("/", "term one") == "abc"
        assert file.tree()["term one"]["kind"] == "dataset"
        # A NUL that is no end is none of a text's characters.
        fails("FORMAT", file.read_text, "pad one")


def numbers_out_of_range_have_their_statuses(path):
    with File(path, "w") as file:
        file.write("d", np.arange(24.0).reshape(4, 6))
        for size in [65400, 65500, 65535, 65536, 65537, 70000]:
            message = fails("SHAPE", file.set_attr, "d", "a", np.zeros(size, "u1")) if size > 65450 else "65,536"
            assert "65536" in message.replace(",", ""), message
        fails("SHAPE", file.set_attr, "d", "a", np.zeros(8188))
        file.set_attr("d", "a", np.zeros(60000, "u1"))
        for stride in [[0, 1], [1, 0], [0, 0]]:
            for call in [lambda: file.read_hyperslab("d", [0, 0], [2, 2], stride=stride),
                         lambda: file.write_hyperslab("d", np.zeros((2, 2)), [0, 0], [2, 2], stride=stride)]:
                message = fails("SHAPE", call)
                assert "stride" in message, message
        # Blocks that overlap.
        fails("SHAPE", file.read_hyperslab, "d", [0, 0], [2, 2], [1, 1], [2, 2])
        most = 2**63 - 1
        for dtype, shape in [("f8", [most]), ("u1", [most]), ("f8", [most, 1]), ("u1", [2**32, 2**31]), ("u1", [2**62, 2]),
                             ("f8", [2**61]), ("u1", [most, 0, most])]:
            for options in [{}, {"chunks": True}, {"maxshape": [None] * len(shape)}]:
                if 0 not in shape:
                    fails("SHAPE", file.create, "big", dtype, shape, **options)
                    assert file.exists("big") is None
        assert file.read("d").tolist() == np.arange(24.0).reshape(4, 6).tolist()
    with h5py.File(path) as file:
        assert list(file) == ["d"] and list(file["d"].attrs) == ["a"]


def what_is_no_file_is_refused_at_once(path):
    """A FIFO without a writer, a folder, a device, a socket: one sentence, and no waiting."""
    import socket

    signal.alarm(20)
    os.mkfifo(path)
    folder = path + ".folder"
    os.mkdir(folder)
    listener = socket.socket(socket.AF_UNIX)
    os.chdir(os.path.dirname(path))
    listener.bind("s")
    for name in [path, folder, os.path.join(os.path.dirname(path), "s"), "/dev/zero"]:
        for mode in ["r", "r+", "a", "w"]:
            for durability in ["kill", "none"]:
                try:
                    File(name, mode, durability=durability)
                except Exception as error:
                    assert error.status in ["H5SIM_ERR_IO", "H5SIM_ERR_FORMAT", "H5SIM_ERR_READ_ONLY"], error
                    assert name in error.message, error
                else:
                    raise AssertionError((name, mode))
    assert os.listdir(folder) == []


def a_damaged_object_does_not_hide_the_others(path):
    with h5py.File(path, "w") as file:
        for number in range(6):
            file[f"group/{number}"] = np.arange(4.0) + number
            file[f"group/{number}"].attrs["n"] = number
        file["group/deep/x"] = 1.0
        address = h5py.h5o.get_info(file["group/3"].id).addr
        deep = h5py.h5o.get_info(file["group/deep"].id).addr
    with File(path) as file:
        whole = file.tree()
    for at, lost in [(address, {"group/3"}), (deep, {"group/deep", "group/deep/x"})]:
        with open(path, "r+b") as raw:
            raw.seek(at)
            kept = raw.read(16)
            raw.seek(at)
            raw.write(b"\xff" * 16)
        for mode in ["r", "r+"]:
            with File(path, mode) as file:
                found = file.tree()
                for name, described in whole.items():
                    if name not in lost:
                        assert found[name] == described, (name, found[name])
                # It is named, but not as something whole.
                assert min(lost) in found and found[min(lost)].get("kind") not in ["dataset", "group"], found[min(lost)]
                assert file.keys("group") == ["0", "1", "2", "3", "4", "5", "deep"]
                assert file.read("group/2").tolist() == [2, 3, 4, 5]
                fails("FORMAT", file.read, "group/3" if at == address else "group/deep/x")
        with open(path, "r+b") as raw:
            raw.seek(at)
            raw.write(kept)


def one_writer_before_its_first_change(path):
    """Who has opened a file to write it is the only one, though it has no journal yet; also for those that do not lock."""
    with File(path, "w") as file:
        file.write("a", np.arange(3.0))
    asked = (
        "import sys; from h5sim_ctypes import File, fails; path = sys.argv[1]\n"
        "for options in [{}, {'locking': False}]:\n"
        "    for mode in ['r+', 'a', 'w']:\n"
        "        assert sys.argv[2] in fails('LOCKED', File, path, mode, **options)\n"
        "with File(path, 'r') as file:\n"
        "    assert file.read('a').tolist() == [0, 1, 2]\n"
    )
    folder = os.path.dirname(os.path.abspath(__file__))
    for changes in [False, True]:
        with File(path, "r+") as file:
            if changes:
                file.write("b", np.arange(2.0))
                file.commit()
            assert os.path.exists(path + "-journal") == changes
            who = f"process {os.getpid()}"
            done = subprocess.run([sys.executable, "-c", asked, path, who], cwd=folder, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
        # With the close others can.
        File(path, "r+").close()
    # A child that lives on keeps nobody out.
    file = File(path, "r+")
    child = os.fork()
    if child == 0:
        signal.pause()
        os._exit(0)
    file.close()
    File(path, "r+").close()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


if __name__ == "__main__":
    case, place = sys.argv[1], sys.argv[2]
    if sys.argv[3:] == ["killed"]:
        globals()[case](place, "killed")
    else:
        globals()[case](os.path.join(place, case[:20] + ".h5"))
