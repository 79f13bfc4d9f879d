"""What other processes see of a file that h5sim writes: readers.py CASE FOLDER, or a role of readers.py ROLE ARGUMENTS

The writer overwrites a field of 64 KiB in place, appends to a series, and makes and deletes a dataset, each time with
the number of the step, and commits. A reader that finds two numbers in one look has seen a mixture.
Cases take how often they look from H5SIM_READERS (100).
"""

import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np

from h5sim_ctypes import File, H5simError, fails

COUNT = int(os.environ.get("H5SIM_READERS", "100"))
FIELD = 8192
KEPT = 5
# The series begin anew after so many steps, so that a look costs the same however long the writer goes on.
ROUND = 100


# The writer.

def step(file, number):
    """Makes a step; the file of none is that of step 0."""
    file.write("step", np.array(number, "i8"), overwrite=True)
    file.write("u", np.full(FIELD, number, "f8"), overwrite=True)
    if number % ROUND == 0 and number > 0:
        file.delete("time")
        file.delete("zipped")
    file.append("time", np.array(float(number)), chunks=[64])
    file.append("zipped", np.full(50, number, "i4"), compression="gzip", chunks=[4, 50])
    file.write(f"snapshot{number}", np.full(100, number, "i4"))
    if number >= KEPT:
        file.delete(f"snapshot{number - KEPT}")
    file.commit()


def write(path, seconds, first, options):
    """Commits until it is told to stop, and says how many there were."""
    file = File(path, "r+" if int(first) else "w", autocommit=0, **json.loads(options))
    number = int(first)
    step(file, number)
    print("ready", flush=True)
    asked, stop = os.pipe()
    os.set_blocking(0, False)
    while True:
        try:
            told = os.read(0, 10)
        except BlockingIOError:
            told = None
        if told is not None:
            break
        time.sleep(float(seconds))
        number += 1
        step(file, number)
    file.close()
    print(number, flush=True)
    os.close(asked), os.close(stop)


class Writer:
    """The writer in another process."""

    def __init__(self, path, seconds, first=0, **options):
        self.process = subprocess.Popen(
            [sys.executable, __file__, "write", path, str(seconds), str(first), json.dumps(options)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n", "the writer does not begin"

    def stop(self):
        """Gives the number of its last step."""
        self.process.stdin.close()
        number = int(self.process.stdout.readline())
        assert self.process.wait() == 0
        return number

    def kill(self):
        self.process.kill()
        self.process.wait()


# What a look finds: the number of the step, or why it is none.

class Mixed(Exception):
    pass


def one_number(**found):
    numbers = set()
    for name, values in found.items():
        values = np.asarray(values)
        if values.size == 0:
            raise Mixed(f"{name} is empty")
        numbers |= {int(values.min()), int(values.max())}
    if len(numbers) != 1:
        raise Mixed(f"{found.keys()}: {sorted(numbers)[:4]}")
    return numbers.pop()


def look(steps, field, times, zipped, names, snapshot):
    begun = int(times[0]) if len(times) else 0
    number = one_number(step=steps, u=field, time=times[-1:], length=begun + len(times) - 1, zipped=zipped[-1:],
                        rows=begun + len(zipped) - 1)
    if not np.array_equal(times, np.arange(number - number % ROUND, number + 1.0)):
        raise Mixed(f"step {number}: time is {times}")
    expected = {f"snapshot{n}" for n in range(max(0, number - KEPT + 1), number + 1)}
    if {name for name in names if name.startswith("snapshot")} != expected:
        raise Mixed(f"step {number}: {sorted(names)}")
    one_number(step=number, snapshot=snapshot(f"snapshot{number}"))
    return number


def by_h5py(path):
    import h5py
    with h5py.File(path) as file:
        return look(file["step"][()], file["u"][:], file["time"][:], file["zipped"][:], list(file), lambda name: file[name][:])


def by_xarray(path):
    import xarray
    with xarray.open_dataset(path, engine="h5netcdf", phony_dims="sort") as data:
        return look(data["step"].values, data["u"].values, data["time"].values, data["zipped"].values, list(data),
                    lambda name: data[name].values)


def by_h5dump(path):
    """The whole file, as text."""
    done = subprocess.run(["h5dump", "-y", "-w", "0", path], capture_output=True, text=True)
    if done.returncode != 0:
        raise OSError(done.stderr.strip() or "h5dump says nothing")
    found = {name: np.array([float(value) for value in re.findall(r"[-.\d]+", values)])
             for name, values in re.findall(r'DATASET "(\w+)" \{.*?DATA \{(.*?)\}', done.stdout, re.S)}
    return look(found["step"], found["u"], found["time"], found["zipped"].reshape(-1, 50), list(found), found.get)


def by_h5sim(path):
    """Each call sees one commit, and the next one that or a later one."""
    with File(path) as file:
        return calls(file)


def calls(file):
    first = one_number(u=file.read("u", dtype="f8"))
    # Small ones that lie close together, which may come from memory.
    near = [one_number(u=file.read("u", f"{8 * turn}:{8 * turn + 8}", dtype="f8")) for turn in range(12)]
    if near != sorted(near) or first > near[0]:
        raise Mixed(f"back in time: {first}, then {near}")
    first = near[-1]
    tree = file.tree()
    newest = max(int(name[8:]) for name in tree if name.startswith("snapshot"))
    second = one_number(newest=newest, time=newest - newest % ROUND + tree["time"]["shape"][0] - 1,
                        zipped=newest - newest % ROUND + tree["zipped"]["shape"][0] - 1)
    third = one_number(zipped=file.read("zipped", "-1", dtype="i4"))
    fourth = int(file.read("step", dtype="i8"))
    if not first <= second <= third <= fourth:
        raise Mixed(f"back in time: {first}, {second}, {third}, {fourth}")
    return fourth


LOOKS = {"h5py": by_h5py, "xarray": by_xarray, "h5dump": by_h5dump, "h5sim": by_h5sim}


def looks(path, program, count):
    """Opens and reads a file so often; gives what became of it."""
    counts = {"looks": 0, "mixed": 0, "refused": 0, "failed": 0, "steps": 0, "why": []}
    latest = -1
    for _ in range(int(count)):
        counts["looks"] += 1
        try:
            number = LOOKS[program](path)
            if number < latest:
                raise Mixed(f"back in time: {latest}, {number}")
            counts["steps"] += number != latest
            latest = number
        except Mixed as error:
            counts["mixed"] += 1
            counts["why"].append(f"mixed: {error}")
        except Exception as error:  # Whatever a program says of a file that it cannot read.
            is_lock = re.search(r"unable to lock file|Resource temporarily unavailable|errno = 11|unable to open file", str(error))
            counts["refused" if is_lock else "failed"] += 1
            counts["why"].append(f"{type(error).__name__}: {error}"[:300])
    counts["why"] = sorted(set(counts["why"]))[:4]
    return counts


def storm(path, seconds, programs=tuple(LOOKS), count=COUNT):
    """All programs side by side while a writer commits every so many seconds."""
    writer = Writer(path, seconds)
    begun = time.time()
    readers = {program: subprocess.Popen([sys.executable, __file__, "look", path, program, str(count)],
                                         stdout=subprocess.PIPE, text=True) for program in programs}
    found = {program: json.loads(reader.communicate()[0]) for program, reader in readers.items()}
    passed = time.time() - begun
    last = writer.stop()
    assert not os.path.exists(path + "-journal")
    for program in programs:
        assert LOOKS[program](path) == last
    print(f"every {seconds * 1000:g} ms: {last} commits in {passed:.1f} s")
    for program, counts in found.items():
        print(f"  {program}: " + json.dumps(counts))
    return found


class Held:
    """Another program that has the file open, as h5py has it."""

    def __init__(self, path, program="h5py"):
        self.process = subprocess.Popen([sys.executable, __file__, "hold", path, program],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.step = int(self.ask(None))

    def ask(self, question="again"):
        """Looks again at what it has open; gives the number of the step."""
        if question is not None:
            self.process.stdin.write(question + "\n")
            self.process.stdin.flush()
        return self.process.stdout.readline()

    def still_sees(self):
        answer = self.ask()
        assert answer == f"{self.step}\n", (answer, self.step)

    def leave(self):
        self.process.stdin.close()
        assert self.process.wait() == 0

    def kill(self):
        self.process.kill()
        self.process.wait()


def hold(path, program):
    if program == "h5sim":
        file = File(path)
        see = lambda: calls(file)
    else:
        import h5py
        file = h5py.File(path)
        see = lambda: look(file["step"][()], file["u"][:], file["time"][:], file["zipped"][:], list(file), lambda name: file[name][:])
    print(see(), flush=True)
    for _ in sys.stdin:
        print(see(), flush=True)


def steps(path, count, mode="w", first=0, **options):
    """A file after so many steps, which is still open."""
    file = File(path, mode, autocommit=0, **options)
    for number in range(first, first + count):
        step(file, number)
    return file


def seen(path):
    return by_h5py(path)


# The cases.

def every_program_sees_one_commit(path):
    for seconds in [0.05, 0.005, 0.0005]:
        for program in LOOKS:
            found = storm(path, seconds, [program])[program]
            assert found["mixed"] == 0 and found["failed"] == 0 and found["steps"] > 0, found
            assert program != "h5sim" or found["refused"] == 0, found
        # All of them side by side: none keeps another from seeing one commit.
        for found in storm(path, seconds, count=COUNT // 5).values():
            assert found["mixed"] == 0 and found["failed"] == 0, found


def few_are_refused_at_ten_commits_a_second(path):
    found = [storm(path, 0.1, [program])[program] for program in LOOKS]
    assert all(counts["mixed"] == 0 for counts in found), found
    refused = sum(counts["refused"] + counts["failed"] for counts in found)
    looked = sum(counts["looks"] for counts in found)
    # Of a thousand less than one; of a few hundred one may be.
    assert refused <= max(1, (looked - 1) // 1000), found


def a_handle_moves_on_by_itself(path):
    writer = steps(path, 1)
    reader = Held(path, "h5sim")
    for number in range(1, 120):
        step(writer, number)
        assert int(reader.ask()) == number
    writer.close()
    assert int(reader.ask()) == 119
    # Writers that come and go, at once after each other; between them a series begins anew.
    for number in range(120, 260):
        steps(path, 1, "r+", number).close()
        assert int(reader.ask()) == number
    reader.leave()
    # What is not there is known of a file that is read until it comes.
    reader = File(path, "r")
    assert [reader.exists(f"snapshot{number}") for number in [259, 260, 260]] == ["dataset", None, None]
    subprocess.run([sys.executable, __file__, "append", path, "260"], check=True)
    assert [reader.exists(f"snapshot{number}") for number in [255, 260, 261]] == [None, "dataset", None]
    reader.close()


def a_long_read_beside_fast_commits(path):
    count = (1 << 27) if COUNT >= 1000 else (1 << 23)
    with File(path, "w") as file:
        file.create("large", "f8", (count,))
        for start in range(0, count, 1 << 20):
            file.write_slice("large", f"{start}:{start + (1 << 20)}", np.zeros(1 << 20))
    writer = subprocess.Popen([sys.executable, __file__, "ends", path, str(count)], stdin=subprocess.PIPE)
    numbers = []
    with File(path) as file:
        while len(numbers) < 20 or numbers[-1] <= 10:
            numbers.append(one_number(ends=file.read("large", dtype="f8")[[0, 1 << 20, count // 2, -1]]))
    assert numbers == sorted(numbers) and numbers[-1] > 10, numbers
    writer.stdin.close()
    assert writer.wait() == 0


def ends(path, count):
    """Changes elements at both ends of a dataset and between, and commits, every half millisecond."""
    count = int(count)
    os.set_blocking(0, False)
    with File(path, "r+", autocommit=0) as file:
        number = 0
        while True:
            number += 1
            for place in [0, 1 << 20, count // 2, count - 1]:
                file.write_slice("large", str(place), np.array(float(number)))
            file.commit()
            try:
                if os.read(0, 1) == b"":
                    return
            except BlockingIOError:
                time.sleep(0.0005)


def writers_that_come_while_a_handle_reads(path):
    """A handle on a file that nobody writes takes no lock; a writer that comes in the middle of a call is noticed.

    Of two writers the second does not wait for readers when it closes the file."""
    for patience in [10, 0]:
        visited(path, patience)


def visited(path, patience):
    count = 1 << 21
    with File(path, "w") as file:
        file.create("large", "f8", (count,))
        file.write_slice("large", ":", np.zeros(count))
    writer = subprocess.Popen([sys.executable, __file__, "visits", path, str(count), str(patience)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    numbers = []
    with File(path) as file:
        while not numbers or numbers[-1] < COUNT:
            time.sleep(0.005)
            numbers.append(one_number(ends=file.read("large", dtype="f8")[[0, 1 << 20, count // 2, -1]]))
            for turn in range(12):
                numbers.append(int(file.read("large", f"{count // 2}:{count // 2 + 3}", dtype="f8")[0]))
                # Pairs at both ends and between, which may come from memory.
                pairs = file.read_hyperslab("large", [0], [3], [count // 2 - 1], [2])
                numbers.append(one_number(pairs=pairs[[0, 3, 5]]))
    assert numbers == sorted(numbers), numbers
    last = int(writer.communicate()[0])
    assert writer.returncode == 0
    assert by_name(path, "large")[0] == last


def by_name(path, name):
    with File(path) as file:
        return file.read(name, dtype="f8")


def visits(path, count, patience):
    """Opens the file, changes elements at both ends of a dataset and between, and closes it, each time after a while."""
    count, number = int(count), 0
    os.set_blocking(0, False)
    while True:
        try:
            os.read(0, 1)
            print(number)
            return
        except BlockingIOError:
            time.sleep(0.012 + 0.001 * (number % 20))
        number += 1
        with File(path, "r+", autocommit=0, wait=float(patience)) as file:
            for place in [0, 1 << 20, count // 2, count - 1]:
                file.write_slice("large", str(place), np.array(float(number)))


def readers_that_stay_overlap_and_die(path):
    writer = steps(path, 3)
    first = Held(path)
    # In the long version it stays for a minute.
    end, number = time.monotonic() + (60 if COUNT >= 1000 else 0.5), 3
    while number < 8 or time.monotonic() < end:
        step(writer, number)
        number += 1
        if number % 10 == 0:
            first.still_sees()
        time.sleep(0.02)
    second = Held(path)
    assert (first.step, second.step) == (2, 2)
    first.still_sees()
    first.leave()
    step(writer, number)
    second.still_sees()
    # Whoever opens it meanwhile sees the same.
    assert seen(path) == 2
    second.kill()
    # Any call of the writer takes it in.
    writer.exists("u")
    assert seen(path) == number
    third = Held(path)
    step(writer, number + 1)
    third.still_sees()
    writer.close()
    assert seen(path) == number + 1 and not os.path.exists(path + "-journal")
    third.kill()


def kills_with_commits_waiting(path):
    steps(path, 2).close()
    reader = Held(path)
    own = Held(path, "h5sim")
    writer = Writer(path, 0.001, first=2)
    time.sleep(0.05)
    writer.kill()
    reader.still_sees()
    # The journal has the last commit, for h5sim's readers and for the next writer, who goes on from there.
    left = by_h5sim(path)
    assert left > 2 and int(own.ask()) == left
    for _ in range(3):
        again = Writer(path, 0.001, first=left + 1)
        time.sleep(0.02)
        reader.still_sees()
        again.kill()
        reader.still_sees()
        before, left = left, by_h5sim(path)
        assert left > before and int(own.ask()) == left
    with File(path, "r+", autocommit=0) as file:
        assert int(file.read("step")) == left
        step(file, left + 1)
        reader.still_sees()
    assert seen(path) == left + 1 and int(own.ask()) == left + 1
    reader.kill()
    own.leave()


def a_restart_beside_a_reader(path):
    steps(path, 3).close()
    for number in range(3, 6):
        reader = Held(path)
        with File(path, "r+", autocommit=0) as file:
            step(file, number)
            reader.still_sees()
        # The close has not waited.
        assert seen(path) == number
        reader.kill()


def emptying_beside_a_reader_is_refused(path):
    steps(path, 3).close()
    for program in ["h5py", "h5sim"]:
        reader = Held(path, program)
        message = fails("LOCKED", File, path, "w")
        assert f"process {reader.process.pid}, 'python" in message and '"wait": seconds' in message, message
        assert fails("LOCKED", File, path, "w", locking=True)
        reader.still_sees()
        reader.leave()
    File(path, "w").close()


def a_second_writer_is_named(path):
    for locking in [True, False]:
        writer = Writer(path, 0.01, locking=locking)
        for mode in ["w", "r+", "a"]:
            message = fails("LOCKED", File, path, mode, locking=locking)
            assert f"process {writer.process.pid} on this computer writes it" in message, message
            assert "MPI" not in message
        os.environ["OMPI_COMM_WORLD_RANK"] = "1"
        assert "give each rank a file of its own" in fails("LOCKED", File, path, "r+", locking=locking)
        del os.environ["OMPI_COMM_WORLD_RANK"]
        writer.stop()
        os.remove(path)


def a_journal_that_was_taken_away_is_told(path):
    writer = steps(path, 2)
    os.rename(path + "-journal", path + "-elsewhere")
    os.remove(path + "-elsewhere")
    writer.write("more", np.array(1.0))
    for _ in range(2):
        message = fails("IO", writer.commit)
        assert "may be damaged" in message and "taken away" in message, message
    try:
        writer.close()
    except H5simError:
        pass
    assert seen(path) == 1


def an_opening_waits(path):
    steps(path, 2).close()
    writer = Writer(path, 0.01, first=2)
    waiting = subprocess.Popen([sys.executable, __file__, "one", path], stdout=subprocess.PIPE, text=True)
    fails("LOCKED", File, path, "r+", wait=0.05)
    assert waiting.poll() is None
    last = writer.stop()
    assert waiting.communicate()[0] == f"{last}\n" and waiting.returncode == 0


def one(path):
    with File(path, "r+", wait=600) as file:
        print(int(file.read("step")))


def a_close_waits_for_readers(path):
    reader = None
    for wait in [0, 600]:
        writer = steps(path, 2, wait=wait)
        reader = Held(path)
        step(writer, 2)
        closing = None
        if wait:
            # It leaves when the close has begun to wait.
            closing = subprocess.Popen([sys.executable, "-c", f"import os, signal, time; time.sleep(0.3); os.kill({reader.process.pid}, signal.SIGKILL)"])
        writer.close()
        assert (reader.process.poll() is not None or reader_is_dead(reader)) == bool(wait)
        assert seen(path) == 2 and not os.path.exists(path + "-journal")
        reader.kill()
        if closing:
            closing.wait()


def reader_is_dead(reader):
    try:
        return open(f"/proc/{reader.process.pid}/stat").read().rsplit(")")[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def the_bound_for_waiting_commits(path):
    for then in ["apply", "error"]:
        writer = steps(path, 2, waiting_limit="2 MiB", at_waiting_limit=then)
        reader = Held(path)
        number, refused = 2, None
        while number < 200:
            try:
                step(writer, number)
            except H5simError as error:
                refused = error
                break
            number += 1
            if then == "apply" and seen(path) != 1:
                break
        assert 10 < number < 200, number
        if then == "apply":
            assert refused is None and seen(path) == number - 1
        else:
            assert refused.status == "H5SIM_ERR_LOCKED" and f"process {reader.process.pid}" in refused.message, refused
            reader.still_sees()
            reader.kill()
            # The same step, when the reader has gone.
            writer.commit()
            assert seen(path) == number
        reader.kill()
        writer.close()


def without_locks_a_call_sees_one_commit_or_says_so(path):
    writer = Writer(path, 0.002)
    numbers = []
    with File(path, locking=False) as file:
        while len(numbers) < COUNT:
            try:
                numbers.append(calls(file))
            except H5simError as error:
                assert error.status == "H5SIM_ERR_LOCKED", error
    assert len(set(numbers)) > 1
    writer.stop()


def elements_that_no_commit_has_written_are_zeros(path):
    writer = File(path, "w", autocommit=0)
    writer.create("field", "f8", (1000,))
    writer.commit()
    reader = subprocess.Popen([sys.executable, __file__, "field", path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def field():
        reader.stdin.write("\n")
        reader.stdin.flush()
        return int(reader.stdout.readline())

    assert field() == 0
    for part in range(10):
        writer.write_slice("field", f"{100 * part}:{100 * part + 100}", np.ones(100))
        assert field() == 100 * part
        writer.commit()
        assert field() == 100 * (part + 1)
    reader.stdin.close()
    assert reader.wait() == 0
    writer.close()


def field(path):
    with File(path) as file:
        for _ in sys.stdin:
            print(int(file.read("field").sum()), flush=True)


def the_file_grows_ahead_and_is_cut_at_the_close(path):
    writer = steps(path, 3)
    assert os.path.getsize(path) >= data_end(path) + (32 << 10)
    writer.close()
    assert os.path.getsize(path) == data_end(path)


def data_end(path):
    """Where the superblock says that the data end."""
    return int.from_bytes(open(path, "rb").read(48)[40:], "little")


def a_name_that_leads_elsewhere(path):
    steps(path, 2).close()
    with File(path) as reader:
        os.rename(path, path + ".moved")
        # Nothing has changed the file.
        assert calls(reader) == 1
        steps(path, 5).close()
        assert calls(reader) == 1
        other = subprocess.run([sys.executable, __file__, "append", path + ".moved", "2"])
        assert other.returncode == 0
        assert "leads to another file" in fails("NOT_FOUND", reader.keys)
        os.rename(path + ".moved", path)
        assert calls(reader) == 2


def append(path, first):
    steps(path, 1, "r+", int(first)).close()


if __name__ == "__main__":
    role = sys.argv[1]
    if role == "write":
        write(*sys.argv[2:])
    elif role == "look":
        print(json.dumps(looks(*sys.argv[2:])), flush=True)
    elif role in ["hold", "ends", "visits", "one", "field", "append"]:
        globals()[role](*sys.argv[2:])
    elif role == "storm":
        storm(sys.argv[2], float(sys.argv[3]), count=int(sys.argv[4]), programs=sys.argv[5:] or tuple(LOOKS))
    else:
        globals()[role](os.path.join(sys.argv[2], "live.h5"))
