"""Kills in the middle of appending: series_kills.py KILLS FOLDER

A child appends to several series, writes small datasets into a new group, and commits every third
step; it is killed at some moment. The file then holds exactly the steps of a commit: at least the last one that was
acknowledged, at most the one after it.
"""

import os
import signal
import subprocess
import sys
import time

import h5py
import numpy as np

SERIES = {
    "plain": dict(),
    "small": dict(chunks=[7, 3]),
    "gzip": dict(compression="gzip", shuffle=True, chunks=[50, 3]),
    "cut": dict(compression="gzip", chunks=[20, 2]),
    "sum": dict(fletcher32=True, chunks=[9, 3]),
    "packed": dict(compression="gzip"),
}

# Of these a few steps are enough to outgrow chunks.
WIDE = {"wide": 100, "wider": 1000}


def record(step):
    return np.array([step, np.sin(step), -step], "f8")


def child(path):
    import h5sim_ctypes as h5sim

    with h5sim.File(path, "a") as file:
        step = file.info("plain")[1][0] if file.exists("plain") else 0
        while True:
            for name, options in SERIES.items():
                file.append(name, record(step), **options)
            for name, width in WIDE.items():
                file.append(name, np.full(width, step, "f8"))
            for axis, value in zip("xyz", record(step)):
                file.write(f"steps/{step}/{axis}", np.array(value))
            step += 1
            if step % 3 == 0:
                file.commit()
                os.write(1, b"%d\n" % step)


def parent(kills, folder):
    import h5sim_ctypes as h5sim

    path = os.path.join(folder, "killed.h5")
    random = np.random.default_rng(5)
    before = 0
    for _ in range(kills):
        process = subprocess.Popen([sys.executable, __file__, "child", path], stdout=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(random.random() * 0.15)
        process.send_signal(signal.SIGKILL)
        lines = process.stdout.read().split()
        process.wait()
        acknowledged = int(lines[-1]) if lines else before
        # To open it for writing recovers it.
        h5sim.File(path, "r+").close()
        with h5py.File(path) as file:
            counts = {name: len(file[name]) for name in [*SERIES, *WIDE]}
            steps = counts["plain"]
            assert set(counts.values()) == {steps}, counts
            assert steps % 3 == 0 and acknowledged <= steps <= acknowledged + 3 * (1 + (not lines)), (acknowledged, steps)
            expected = np.array([record(step) for step in range(steps)])
            for name in SERIES:
                assert file[name][...].tobytes() == expected.tobytes(), name
            for name, width in WIDE.items():
                assert np.array_equal(file[name][...], np.repeat(np.arange(steps, dtype="f8"), width).reshape(steps, width)), name
            assert steps == 0 or len(file["steps"]) == steps
            for step in range(steps):
                found = [file[f"steps/{step}/{axis}"][()] for axis in "xyz"]
                assert np.array(found).tobytes() == expected[step].tobytes(), step
        before = steps
    assert before > 3 * kills
    print(before)


if sys.argv[1] == "child":
    child(sys.argv[2])
else:
    parent(int(sys.argv[1]), sys.argv[2])
