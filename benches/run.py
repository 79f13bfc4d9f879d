"""Runs the comparisons and shows them: a table, target/bench.json, target/bench.svg.

Called by `make bench`, which has built the library. ROWS in the environment names the
work to do (all), or single rows as WORK.METRIC, REPETITIONS how often (7). With CLOCK=cpu the programs
in C measure processor time, of all threads together, on a machine that has other work. With CHECK=1 the
files that h5sim and HDF5's C calls leave are compared: both must have done the same work.
"""

import glob
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys

from compare import differences
from rows import ROWS

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
RELEASE = os.path.join(ROOT, "target", "release")
# Files in memory: a disk that is busy with other things varies by a factor of ten from run to
# run, which hides what the libraries cost. H5SIM_BENCH_FOLDER names a folder on a disk instead.
PLACE = os.environ.get("H5SIM_BENCH_FOLDER") or ("/dev/shm" if os.access("/dev/shm", os.W_OK) else ROOT + "/target")
FOLDER = os.path.join(PLACE, f"h5sim-bench-{os.getpid()}")
# The order of the columns; others follow.
KNOWN = ["h5sim", "hdf5", "h5py", "python", "system"]
TITLES = {"hdf5": "HDF5's C calls", "system": "system calls", "python": "Python", "packet": "H5PTappend (1.10)", "few": "few of them", "plain": "without names and attributes", "one": "one thread"}
# The same work through h5sim's own interfaces, which has a table of its own: contender -> language.
LANGUAGES = {"cxx": "C++", "fortran": "Fortran", "julia": "Julia", "julia_view": "Julia, a view"}
# How much longer than from C an append is to take from them, in seconds.
MOST_ABOVE_C = 60e-9


def newest(pattern):
    """The latest of the build folders that cargo has for one package."""
    found = glob.glob(os.path.join(RELEASE, "build", pattern))
    if not found:
        sys.exit(f"bench: nothing at target/release/build/{pattern}: run make first")
    return max(found, key=os.path.getmtime)


def sources(work):
    """The programs of a piece of work: contender -> path."""
    found = {}
    for folder in (HERE, os.path.join(HERE, "patterns")):
        for path in glob.glob(os.path.join(folder, f"{work}.*")):
            ending = os.path.splitext(path)[1]
            if ending in (".c", ".py") or (ending in PROGRAMS and shutil.which(PROGRAMS[ending][0])):
                found[os.path.basename(path).split(".")[1]] = path
    return found


def libraries(contender, source):
    """The compiler's arguments for what a contender links."""
    extra = os.path.splitext(source)[0] + ".libraries"
    more = open(extra).read().split() if os.path.exists(extra) else []
    if contender == "system":
        return more
    if contender != "hdf5" and "hdf5" not in more:
        return ["-I" + os.path.join(ROOT, "include"), "-L" + RELEASE, "-lh5sim", "-Wl,-rpath," + RELEASE, *more, "-lm", "-pthread"]
    # The very HDF5 that is in the shared library, and its zlib.
    archive = newest("hdf5-metno-src-*/out/lib*/libhdf5.a")
    hdf5 = os.path.dirname(os.path.dirname(archive))
    high_level = glob.glob(os.path.join(os.path.dirname(archive), "libhdf5_hl.a"))
    zlib = glob.glob(os.path.join(RELEASE, "build", "libz-sys-*/out/lib/libz.a"))
    compression = max(zlib, key=os.path.getmtime) if zlib else "-lz"
    more = [word for word in more if word != "hdf5"]
    return ["-isystem", os.path.join(hdf5, "include"), *high_level, archive, compression, *more, "-lm", "-ldl", "-pthread"]


def program(source, contender):
    """The command that runs a contender's program, compiled if it is in C."""
    if source.endswith(".py"):
        return [sys.executable, source]
    stem = os.path.splitext(source)[0]
    binary = os.path.join(FOLDER, os.path.basename(stem))
    if source.endswith(tuple(PROGRAMS)):
        return PROGRAMS[os.path.splitext(source)[1]][1](source, binary)
    command = ["cc", "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-O2", "-Wall", "-Wextra", "-I" + HERE, "-o", binary]
    if os.environ.get("CLOCK") == "cpu":
        command.append("-DBENCHES_CPU")
    subprocess.run([*command, source, *libraries(contender, source)], check=True)
    return [binary]


def order(contender):
    return (KNOWN.index(contender) if contender in KNOWN else len(KNOWN), contender)


def in_cplusplus(source, binary):
    command = ["g++", "-std=c++17", "-O2", "-Wall", "-Wextra", "-I" + HERE, source, "-o", binary]
    subprocess.run([*command, *libraries("cxx", source)], check=True)
    return [binary]


def in_fortran(source, binary):
    module = os.path.join(ROOT, "include", "h5sim.f90")
    command = ["gfortran", "-O2", "-J", FOLDER, module, source, "-o", binary]
    subprocess.run([*command, "-L" + RELEASE, "-lh5sim", "-Wl,-rpath," + RELEASE], check=True)
    return [binary]


def in_julia(source, _):
    os.environ["JULIA_LOAD_PATH"] = os.path.join(ROOT, "julia", "H5Sim") + ":@stdlib"
    os.environ["H5SIM_LIB"] = os.path.join(RELEASE, "libh5sim.so")
    return ["julia", "--startup-file=no", "--compiled-modules=no", source]


# Programs in other languages than C and Python: ending -> what they need, and how they get to run.
PROGRAMS = {".cpp": ("g++", in_cplusplus), ".f90": ("gfortran", in_fortran), ".jl": ("julia", in_julia)}


def progress(text):
    """Shows on one line what is going on, to a person who watches."""
    if sys.stderr.isatty():
        print("\r" + text.ljust(60), end="" if text else "\r", file=sys.stderr, flush=True)


class Failed(Exception):
    """A program did not do its work."""


def run(work, contender, command, place):
    """Runs a program in an empty folder: metric -> what it measured."""
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(place)
    if PLACE != "/dev/shm":
        os.sync()
    done = subprocess.run(command, cwd=place, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Failed(f"{work}.{contender} failed")
    return {metric: float(value) for metric, value in map(str.split, done.stdout.splitlines())}


def check(work, commands):
    """Compares what h5sim and HDF5's C calls leave."""
    if not {"h5sim", "hdf5"} <= commands.keys():
        return
    places = [os.path.join(FOLDER, contender) for contender in ("h5sim", "hdf5")]
    for contender, place in zip(("h5sim", "hdf5"), places):
        run(work, contender, commands[contender], place)
    found = differences(*places)
    for place in places:
        shutil.rmtree(place)
    if found:
        raise Failed(f"{work}: h5sim and HDF5's C calls did different work: " + "; ".join(found[:5]))


def measure(work, repetitions):
    """All samples of a piece of work: contender -> metric -> seconds of each repetition."""
    commands = {contender: program(source, contender) for contender, source in sources(work).items()}
    commands = {contender: commands[contender] for contender in sorted(commands, key=order)}
    samples = {contender: {} for contender in commands}
    if os.environ.get("CHECK") == "1":
        check(work, commands)
    for repetition in range(repetitions):
        # Who begins changes too: the first may find the disk busy with what was before.
        turns = list(commands)
        turns = turns[repetition % len(turns):] + turns[: repetition % len(turns)]
        for contender in turns:
            progress(f"{work}: {repetition + 1}/{repetitions} {contender}")
            place = os.path.join(FOLDER, "run")
            for metric, value in run(work, contender, commands[contender], place).items():
                samples[contender].setdefault(metric, []).append(value)
            shutil.rmtree(place)
    progress("")
    return samples


def amount_text(amount, unit):
    if unit == "seconds":
        return time_text(amount)
    if unit == "number":
        return f"{amount:.3g}"
    return f"{amount / 2**20:.1f} MiB" if amount >= 2**20 else f"{amount / 2**10:.3g} KiB"


def time_text(seconds):
    for unit, size in [("s", 1), ("ms", 1e-3), ("µs", 1e-6)]:
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def ratio_text(ratio):
    return f"{ratio:.2f}×" if ratio < 10 else f"{ratio:.0f}×"


def is_wanted(row, wanted):
    return not wanted or row.work in wanted or f"{row.work}.{row.metric}" in wanted


def results(repetitions, wanted):
    """A line of the table for each row, and what failed. One failure does not take the others along."""
    rows = [row for row in ROWS if is_wanted(row, wanted)]
    samples, failures = {}, []
    for work in dict.fromkeys(row.work for row in rows):
        try:
            samples[work] = measure(work, repetitions)
        except (Failed, subprocess.CalledProcessError) as failure:
            progress("")
            print(f"bench: {failure}", file=sys.stderr)
            failures.append(str(failure))
    table = []
    for row in rows:
        if row.work not in samples:
            continue
        values = {
            contender: metrics[row.metric] for contender, metrics in samples[row.work].items() if row.metric in metrics
        }
        if "h5sim" not in values:
            failures.append(f"{row.work}.h5sim measures no {row.metric}")
            continue
        medians = {contender: statistics.median(seconds) for contender, seconds in values.items()}
        ours = medians["h5sim"]
        table.append({
            "work": row.work,
            "metric": row.metric,
            "title": row.title,
            "medians": medians,
            "calls": row.calls,
            # How many times h5sim is faster than each.
            "ratios": {
                contender: median / ours if ours else float("inf") for contender, median in medians.items() if contender != "h5sim"
            },
            "targets": row.targets,
            "most": row.most,
            "unit": row.unit,
            "samples": values,
        })
    return table, failures


def show(table, repetitions):
    """The table, in Markdown, so that it can be quoted."""
    columns = [name for name in KNOWN[1:] if any(name in row["ratios"] for row in table)]
    columns += sorted({name for row in table for name in row["ratios"]} - set(columns) - set(LANGUAGES))
    print("Times of h5sim, and how many times faster it is than the others (in brackets: the target).\n")
    print("| row | work | h5sim | " + " | ".join(TITLES.get(name, name) for name in columns) + " |")
    print("| --- | --- | ---: |" + " ---: |" * len(columns))
    missed, slower = 0, []
    for row in table:
        title = f"{row['work']}.{row['metric']}"
        cells = []
        for name in columns:
            ratio, target = row["ratios"].get(name), row["targets"].get(name)
            cell = "" if ratio is None else ratio_text(ratio)
            if ratio is not None and target is not None:
                reached = ratio >= target
                missed += not reached
                cell += f" (≥ {target:g}{'' if reached else ', missed'})"
            cells.append(cell)
        ours = amount_text(row["medians"]["h5sim"], row["unit"])
        if row["most"] is not None:
            reached = row["medians"]["h5sim"] <= row["most"]
            missed += not reached
            ours += f" (≤ {amount_text(row['most'], row['unit'])}{'' if reached else ', missed'})"
        print(f"| {title} | {row['title']} | {ours} | " + " | ".join(cells) + " |")
        if row["ratios"].get("hdf5", 1) < 1:
            slower.append((row["ratios"]["hdf5"], title))
    print(f"\n{machine()}; medians of {repetitions} runs in turns; "
          f"files in {'memory' if PLACE == '/dev/shm' else PLACE}.")
    if missed:
        print(f"{missed} target(s) missed.")
    if slower:
        print(f"\n{len(slower)} of {sum('hdf5' in row['ratios'] for row in table)} rows are below HDF5's C calls:")
        for ratio, title in sorted(slower):
            print(f"  {ratio_text(ratio) if ratio >= 0.1 else f'{ratio:.3f}×'} {title}")


def show_languages(table):
    """What a call costs from each language beside C, and how much more that is."""
    rows = [row for row in table if row["calls"] and any(name in row["medians"] for name in LANGUAGES)]
    if not rows:
        return
    columns = [name for name in LANGUAGES if any(name in row["medians"] for row in rows)]
    print("\nA call from each language, and how much more than from C "
          f"(an append is to take no more than {time_text(MOST_ABOVE_C)} more).\n")
    print("| row | call | C | " + " | ".join(LANGUAGES[name] for name in columns) + " |")
    print("| --- | --- | ---: |" + " ---: |" * len(columns))
    for row in rows:
        of_c = row["medians"]["h5sim"] / row["calls"]
        cells = []
        for name in columns:
            if name not in row["medians"]:
                cells.append("")
                continue
            of_one = row["medians"][name] / row["calls"]
            missed = row["work"] == "append" and of_one - of_c > MOST_ABOVE_C
            sign = "-" if of_one < of_c else "+"
            cells.append(f"{of_one * 1e9:.0f} ns ({sign}{abs(of_one - of_c) * 1e9:.0f}{', missed' if missed else ''})")
        print(f"| {row['work']}.{row['metric']} | {row['title']} | {of_c * 1e9:.0f} ns | " + " | ".join(cells) + " |")


def commits(repetitions):
    """What a commit costs, beside HDF5's own driver that flushes at the same points."""
    command = ["cargo", "bench", "--quiet", "--bench", "journal", "--", "--json", "--runs", str(repetitions)]
    # Commits are about the disk: these files are on one.
    command += ["--directory", os.path.join(ROOT, "target")]
    progress("commits")
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    progress("")
    if done.returncode != 0:
        sys.exit("bench: the comparison of commits failed")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def show_commits(rows):
    print("\nTotal time with commits, as a multiple of HDF5's own driver with H5Fflush at the same points")
    print("(with flush and fdatasync for power cuts; in brackets: the most it may be).\n")
    print("| work | H5Fflush | safe against kills | safe against power cuts |")
    print("| --- | ---: | ---: | ---: |")
    for row in rows:
        missed = ", missed" if row["ratio"] > row["limit"] else ""
        power = row["power_seconds"] / row["flush_sync_seconds"] if "power_seconds" in row else None
        print(f"| {row['work']} | {time_text(row['flush_seconds'])} | {row['ratio']:.2f} (≤ {row['limit']:g}{missed}) "
              f"| {'' if power is None else f'{power:.2f}'} |")


def machine():
    model = "unknown processor"
    try:
        with open("/proc/cpuinfo") as file:
            model = next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{os.cpu_count()} cores of {model}, {platform.system()} {platform.release()}"


def draw(table, path):
    """A chart: one bar for each comparison, to the right of 1 where h5sim is faster."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import FuncFormatter, NullFormatter

    bars = [(row["title"], name, ratio) for row in table for name, ratio in row["ratios"].items()
            if 0 < ratio < float("inf") and name not in LANGUAGES]
    colours = {"hdf5": "#3465a4", "h5py": "#73a857", "python": "#73a857", "system": "#999999"}
    figure, axes = plt.subplots(figsize=(9, 1 + 0.3 * len(bars)), layout="constrained")
    positions = range(len(bars))
    axes.set_xscale("log")
    axes.barh(
        positions,
        [ratio - 1 for *_, ratio in bars],
        left=1,
        height=0.7,
        color=[colours.get(name, "#c17d11") for _, name, _ in bars],
    )
    axes.set_yticks(positions, [f"{title}  ·  {TITLES.get(name, name)}" for title, name, _ in bars], fontsize=8)
    for position, (*_, ratio) in zip(positions, bars):
        axes.annotate(f" {ratio_text(ratio)}", (max(ratio, 1), position), va="center", fontsize=8)
    ratios = [ratio for *_, ratio in bars]
    axes.set_xlim(min(0.5, min(ratios) / 1.2), max(ratios) * 2)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.axvline(1, color="black", linewidth=1)
    axes.invert_yaxis()
    axes.set_xlabel("times faster than the other; to the right h5sim is faster")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path)


def main():
    wanted = os.environ.get("ROWS", "").split()
    repetitions = int(os.environ.get("REPETITIONS") or 7)
    known = {"commits", *(row.work for row in ROWS), *(f"{row.work}.{row.metric}" for row in ROWS)}
    if set(wanted) - known:
        sys.exit(f"bench: no row is called {' or '.join(sorted(set(wanted) - known))}; benches/rows.py has them")
    os.makedirs(FOLDER)
    try:
        table, failures = results(repetitions, wanted)
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)
    if table:
        show(table, repetitions)
        show_languages(table)
    flushes = commits(repetitions) if not wanted or "commits" in wanted else []
    if flushes:
        show_commits(flushes)
    with open(os.path.join(ROOT, "target", "bench.json"), "w") as file:
        json.dump({"machine": machine(), "repetitions": repetitions, "rows": table, "commits": flushes}, file, indent=1, ensure_ascii=False)
    if table:
        draw(table, os.path.join(ROOT, "target", "bench.svg"))
    print("Written: target/bench.json, target/bench.svg")
    if failures:
        sys.exit("bench: " + "\nbench: ".join(failures))


if __name__ == "__main__":
    main()
