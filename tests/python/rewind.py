"""Going back along an axis, whole or not at all. argv[1] is a folder; argv[2] the format, earliest or latest.
With a third argument this is the child that gets killed."""

import os
import signal
import subprocess
import sys
import time

import h5py
import numpy as np
import xarray as xr
from h5sim_ctypes import File, fails

os.chdir(sys.argv[1])
LIBVER = sys.argv[2]
X = np.arange(6.0)
RECORDS = 40


def value(step):
    return X + 100 * step


def write(file, first, last):
    for step in range(first, last):
        file.append("time", np.float64(step / 4), dims=["time"])
        file.append("u", value(step), dims=["time", "x"], chunks=[7, 6], compression="gzip")
        file.append("plain", value(step), dims=["time", "x"])
        file.append("group/mean", np.float64(step), dims=["time"], chunks=[8])
        file.append("free", np.float64(step), chunks=[8])


def check(name, records, free=RECORDS):
    with File(name) as file:
        steps = np.arange(records)
        np.testing.assert_array_equal(file.read("time"), steps / 4)
        for path in ["u", "plain"]:
            np.testing.assert_array_equal(file.read(path), X + 100 * steps[:, None])
        np.testing.assert_array_equal(file.read("group/mean"), steps)
        assert file.info("free")[1] == (free,), file.info("free")
    with h5py.File(name) as file:
        np.testing.assert_array_equal(file["u"][()], X + 100 * np.arange(records)[:, None])
        assert file["u"].shape == (records, 6) == file["plain"].shape
    for engine in ["netcdf4", "h5netcdf"]:
        with xr.open_dataset(name, engine=engine, **({"phony_dims": "sort"} if engine == "h5netcdf" else {})) as data:
            assert data.sizes["time"] == records and data["u"].dims == ("time", "x")


def new(name):
    file = File(name, "w", libver=LIBVER)
    file.write("x", X)
    return file


def back_and_on():
    for keep in [0, 1, 8, 39, 40]:
        with new("back.h5") as file:
            write(file, 0, RECORDS)
            if keep % 2:
                file.commit()
            file.rewind("time", (keep - 1) / 4 + 0.1)
            assert file.info("u")[1] == (keep, 6)
            np.testing.assert_array_equal(file.read("u"), X + 100 * np.arange(keep)[:, None])
            # All is committed: what comes now is not.
        check("back.h5", keep)
        # A later run goes back again and on from there.
        start = max(0, keep - 4)
        with File("back.h5", "r+", libver=LIBVER) as file:
            file.rewind("/time", start / 4 - 0.25)
            write(file, start, start + 25)
        check("back.h5", start + 25, RECORDS + 25)


def one_series():
    with new("one.h5") as file:
        write(file, 0, RECORDS)
        file.truncate("free", 3)
        file.truncate("free", 3)
        assert "has 3 records" in fails("SHAPE", file.truncate, "free", 4)
        fails("ARGUMENT", file.truncate, "free", -1)
        fails("NOT_FOUND", file.truncate, "nothing", 0)
        assert "in one piece" in fails("SHAPE", file.truncate, "x", 0)
        file.append("free", np.float64(7))
        np.testing.assert_array_equal(file.read("free"), [0, 1, 2, 7])
        file.append("bare", np.float64(1), dims=["n"])
        for _ in range(5):
            file.append("bare", np.float64(1))
        file.commit()
        file.truncate("bare", 2)
    check("one.h5", RECORDS, 4)
    with xr.open_dataset("one.h5", engine="h5netcdf", phony_dims="sort") as data:
        assert data.sizes["n"] == 2


def refused():
    with new("refused.h5") as file:
        write(file, 0, RECORDS)
        fails("NOT_FOUND", file.rewind, "nothing", 1)
        fails("ARGUMENT", file.rewind, "time", float("nan"))
        fails("SHAPE", file.rewind, "u", 1)
        fails("TYPE", file.rewind, "group", 1)
        file.append("series", np.float64(1), dims=["n"])
        file.commit()
        assert "without coordinate" in fails("TYPE", file.rewind, "n", 1)
        # One that cannot be cut keeps all others as they are.
        file.write("whole", np.zeros(RECORDS))
        file.commit()
    with h5py.File("refused.h5", "r+") as file:
        file["whole"].dims[0].attach_scale(file["time"])
    with File("refused.h5", "r+") as file:
        assert "'whole'" in fails("SHAPE", file.rewind, "time", 1)
        file.delete("whole")
        file.delete("series")
    check("refused.h5", RECORDS)


def killed():
    """All are cut or none, whenever the program is killed: before, after each of some parts of a millisecond, at the end."""
    seen = []
    for when in ["before", *np.linspace(0, 0.012, 10), "after"]:
        with new("killed.h5") as file:
            write(file, 0, RECORDS)
        child = subprocess.Popen([sys.executable, __file__, ".", LIBVER, "child"], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
        assert child.stdout.readline() == "open\n"
        if when != "before":
            child.stdin.write("go\n")
            child.stdin.flush()
            if when == "after":
                assert child.stdout.readline() == "done\n"
            else:
                time.sleep(when)
        child.kill()
        assert child.wait() == -signal.SIGKILL
        with File("killed.h5", "a"):
            pass
        with File("killed.h5") as file:
            records = file.info("time")[1][0]
        assert records in [10, RECORDS], records
        seen.append(records)
        check("killed.h5", records)
    assert seen[0] == RECORDS and seen[-1] == 10, seen


def child():
    file = File("killed.h5", "r+", libver=LIBVER)
    print("open", flush=True)
    assert sys.stdin.readline() == "go\n"
    file.rewind("time", 9 / 4)
    print("done", flush=True)
    signal.pause()


if len(sys.argv) > 3:
    child()
back_and_on()
one_series()
refused()
killed()
print("rewind:", LIBVER)
