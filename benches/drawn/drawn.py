"""Looks for patterns that nobody has thought of: pieces of work that are drawn at random, by h5sim and by HDF5's C calls.

Called by `make bench-drawn`, which has built the library. WHAT in the environment names what is drawn: "parts" of a dataset, what is
done to "objects" of a tree, or both (the default). SEEDS names the first and the number of the seeds (0 100), REPETITIONS how often
each is run (3). Both libraries run in turns; the list has the ratios of the medians, the lowest first, with the seed and what was drawn.
"""

import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

import run

CONTENDERS = ["h5sim", "hdf5"]


def measured(binary, seed):
    """Seconds, and what was drawn; the file that is left is removed."""
    done = subprocess.run([binary, str(seed)], cwd=run.FOLDER, stdout=subprocess.PIPE, text=True, check=True)
    os.unlink(os.path.join(run.FOLDER, "a.h5"))
    seconds, _, what = done.stdout.strip().partition(" ")
    return float(seconds), what


def compared(work, seeds, repetitions):
    """A row for each seed: the ratio, the seconds with h5sim, and what it was."""
    binaries = {name: run.program(os.path.join(HERE, f"{work}.{name}.c"), name)[0] for name in CONTENDERS}
    for seed in seeds:
        run.progress(f"{work} seed {seed}")
        times = {name: [] for name in CONTENDERS}
        for _ in range(repetitions):
            for name, binary in binaries.items():
                seconds, what = measured(binary, seed)
                times[name].append(seconds)
        own, theirs = (statistics.median(times[name]) for name in CONTENDERS)
        yield theirs / own, own, f"{work} seed {seed}: {what}"


def main():
    first, count = map(int, (os.environ.get("SEEDS") or "0 100").split())
    repetitions = int(os.environ.get("REPETITIONS") or 3)
    os.makedirs(run.FOLDER)
    rows = []
    try:
        for work in (os.environ.get("WHAT") or "parts objects").split():
            rows += compared(work, range(first, first + count), repetitions)
    finally:
        run.progress("")
        run.shutil.rmtree(run.FOLDER, ignore_errors=True)
    rows.sort()
    for ratio, own, what in rows:
        print(f"{ratio:6.2f}×  {1e3 * own:8.2f} ms  {what}")
    print(f"{sum(row[0] < 1 for row in rows)} of {len(rows)} are below HDF5's C calls.")


if __name__ == "__main__":
    main()
