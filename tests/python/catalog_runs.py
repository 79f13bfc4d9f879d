"""Producing runs once among many processes, and finding them while files come, go and change: SEED FOLDER."""

import ctypes
import fcntl
import hashlib
import json
import multiprocessing
import os
import random
import signal
import stat
import subprocess
import sys
import threading
import time

import h5py
import numpy as np
import yaml

from h5sim_ctypes import CONSTANTS, LIB, File, H5simError, check, fails, options_argument, take

if sys.argv[1] == "find":
    # A process of its own that must find nothing.
    pointer = ctypes.c_void_p()
    check(LIB.h5sim_find(sys.argv[2].encode(), None, None, ctypes.byref(pointer)))
    sys.exit(ctypes.string_at(pointer.value) != b"[]")

seed, folder = int(sys.argv[1]), sys.argv[2]
rng = random.Random(seed)
ABSENT, UNFINISHED, FINISHED = (CONSTANTS["H5SIM_RUN_" + name] for name in ["ABSENT", "UNFINISHED", "FINISHED"])


def produce(directory, parameters, suffix=".h5", digits=0, **options):
    path, state = ctypes.c_void_p(), ctypes.c_int32(-7)
    text = parameters if isinstance(parameters, str) else json.dumps(parameters)
    check(LIB.h5sim_produce(directory.encode(), b"run_", text.encode(), digits, suffix.encode(), options_argument(options),
                            ctypes.byref(path), ctypes.byref(state)))
    found = ctypes.string_at(path.value).decode()
    LIB.h5sim_free(path)
    return found, state.value


def is_claimed(path):
    claimed = ctypes.c_int32(-1)
    check(LIB.h5sim_is_claimed(path.encode(), ctypes.byref(claimed)))
    return claimed.value == 1


def release(path):
    check(LIB.h5sim_release(path.encode()))


def finish(file):
    check(LIB.h5sim_finish(file.handle))


def find(directory, query="", **options):
    text = query if isinstance(query, str) else json.dumps(query)
    return json.loads(take(LIB.h5sim_find, directory.encode(), text.encode(), options_argument(options)))


def paths(directory, query="", **options):
    return [run["path"] for run in find(directory, query, **options)]


def place(name):
    made = os.path.join(folder, name)
    os.makedirs(made)
    return made


def in_processes(count, work, *arguments):
    """What `work` gives in so many processes that begin at once."""
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(count), context.Queue()

    def run(number):
        barrier.wait()
        results.put(work(number, *arguments))

    processes = [context.Process(target=run, args=(number,)) for number in range(count)]
    for process in processes:
        process.start()
    found = [results.get(timeout=900) for _ in processes]
    for process in processes:
        process.join()
    return found


def life_of_a_run():
    directory, parameters = place("life"), {"k0": 1.2, "n": [1, 2]}
    path, state = produce(directory, parameters)
    assert state == ABSENT and is_claimed(path) and not os.path.exists(path)
    assert produce(directory, parameters) == (path, UNFINISHED)
    with File(path, "w") as file:
        file.write_json("meta", json.dumps(parameters))
        file.append("energy", np.float64(1))
        # Nothing is committed: nobody finds it, and to look for it commits nothing.
        assert find(directory) == []
        assert subprocess.run([sys.executable, __file__, "find", directory]).returncode == 0
        assert "written by this process" in find(directory, others=True)[0]["error"]
        file.commit()
        assert find(directory) == [{"path": os.path.basename(path), "status": "unfinished", "meta": parameters}]
        assert produce(directory, parameters) == (path, UNFINISHED)
        file.append("energy", np.float64(2))
        finish(file)
        assert not is_claimed(path)
    assert os.listdir(directory).count(f".{os.path.basename(path)}.claim") == 0
    assert produce(directory, '{"n": [1, 2], "k0": 1.2}') == (path, FINISHED)
    with h5py.File(path, "r") as file:
        assert file.attrs["h5sim_finished"] == 1 and file["energy"][()].tolist() == [1, 2]
    assert [run["status"] for run in find(directory)] == ["finished"]
    assert paths(directory, 'run.status == "finished" and k0 > 1') == [os.path.basename(path)]
    # A claim can be given back.
    path, state = produce(directory, {"other": 1})
    assert state == ABSENT and is_claimed(path)
    release(path)
    assert not is_claimed(path)
    release(path)
    path, state = produce(directory, {"other": 1})
    assert state == ABSENT and is_claimed(path)
    release(path)


def other_metadata():
    directory = place("other")
    path, state = produce(directory, {"model": {"k0": 1.2}, "dt": 1, "same": 0}, digits=1)
    release(path)
    with File(path, "w") as file:
        file.write_json("meta", '{"model": {"k0": 1.3}, "dt": 1.0, "same": 0, "new": null}')
    before = open(path, "rb").read()
    message = fails("EXISTS", produce, directory, {"model": {"k0": 1.2}, "dt": 1, "same": 0}, digits=1)
    for part in ["model.k0 is 1.2 asked for and 1.3 there", "dt is 1 asked for and 1.0 there", "new is not asked for and null there"]:
        assert part in message, message
    assert open(path, "rb").read() == before
    assert not is_claimed(path)
    os.unlink(path)
    with open(path, "w") as file:
        file.write("no HDF5 at all, but something that somebody wrote")
    fails("FORMAT", produce, directory, {"model": {"k0": 1.2}, "dt": 1, "same": 0}, digits=1)
    assert not is_claimed(path)
    fails("NOT_FOUND", produce, os.path.join(directory, "missing"), {})
    fails("JSON", produce, directory, "{")
    fails("ARGUMENT", produce, directory, {}, wait=-1)
    fails("ARGUMENT", produce, directory, {}, suffix="/x")


def thirty_at_once():
    directory, parameters = place("thirty"), {"thirty": 30}

    def work(number):
        path, state = produce(directory, parameters)
        if state == ABSENT:
            time.sleep(0.05)
            with File(path, "w") as file:
                file.write_json("meta", json.dumps(parameters))
                file.write("producer", np.arange(number + 1.0))
                finish(file)
        return path, state, number

    for _ in range(5):
        found = in_processes(30, work)
        states = [state for _, state, _ in found]
        assert states.count(ABSENT) == 1 and set(states) <= {ABSENT, UNFINISHED, FINISHED}, states
        path = found[0][0]
        producer = next(number for _, state, number in found if state == ABSENT)
        with h5py.File(path, "r") as file:
            assert file["producer"].shape == (producer + 1,)
        os.unlink(path)
    # Those who wait see it finished.
    found = in_processes(30, lambda number: work(number) if number == 0 else produce(directory, parameters, wait=60))
    states = [result[1] for result in found]
    waiting = [result[1] for result in found if len(result) == 2]
    if states.count(ABSENT) == 1 and ABSENT not in waiting:
        assert waiting == [FINISHED] * 29, states
    # Among threads, too, one is the producer.
    import threading
    barrier, results = threading.Barrier(8), []

    def thread():
        barrier.wait()
        results.append(produce(directory, {"threads": 8}))

    threads = [threading.Thread(target=thread) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(state for _, state in results) == [ABSENT] + [UNFINISHED] * 7
    release(results[0][0])


def killed_producers():
    directory = place("killed")
    context = multiprocessing.get_context("fork")

    def produce_and_be_killed(parameters, stage, ready):
        path, state = produce(directory, parameters)
        assert is_claimed(path)
        if stage > 0:
            file = File(path, "w" if state == ABSENT else "r+")
            if state == ABSENT:
                file.write_json("meta", json.dumps(parameters))
            if stage > 1:
                file.append("energy", np.float64(stage))
                file.commit()
                file.append("energy", np.float64(-1))
        ready.set()
        time.sleep(100)

    for stage, expected in [(0, ABSENT), (1, ABSENT), (2, UNFINISHED)]:
        parameters, ready = {"stage": stage}, context.Event()
        process = context.Process(target=produce_and_be_killed, args=(parameters, stage, ready))
        process.start()
        assert ready.wait(30)
        path, state = produce(directory, parameters)
        assert state == UNFINISHED and not is_claimed(path), (stage, state)
        begin = time.monotonic()
        assert produce(directory, parameters, wait=0.2)[1] == UNFINISHED
        assert time.monotonic() - begin >= 0.2
        os.kill(process.pid, signal.SIGKILL)
        if rng.random() < 0.5:
            process.join()
            path, state = produce(directory, parameters)
        else:
            path, state = produce(directory, parameters, wait=30)
        assert state == expected and is_claimed(path), (stage, state)
        process.join()
        with File(path, "w" if state == ABSENT else "r+") as file:
            if state == ABSENT:
                file.write_json("meta", json.dumps(parameters))
            else:
                assert file.read("energy").tolist() == [2]
            finish(file)
        assert produce(directory, parameters)[1] == FINISHED
    # A forked child has no claim of its parent's.
    path, state = produce(directory, {"fork": 1})
    assert state == ABSENT
    assert in_processes(1, lambda _: (is_claimed(path), produce(directory, {"fork": 1})[1])) == [(False, UNFINISHED)]
    assert is_claimed(path) and in_processes(1, lambda _: produce(directory, {"fork": 1})[1]) == [UNFINISHED]
    release(path)


def write_run(path, parameters, finished=False):
    with File(path, "w") as file:
        file.write_json("meta", json.dumps(parameters))
        if finished:
            finish(file)


def sorting_and_projecting():
    directory = place("sorting")
    for number in range(6):
        write_run(f"{directory}/{number}.h5", {"model": {"k": [3, 1, 2, 1, 2.5, "x"][number]}, "n": number}, number % 2 == 0)
    write_run(f"{directory}/9.h5", {"n": 9})
    assert paths(directory, sort="model.k") == ["1.h5", "3.h5", "2.h5", "4.h5", "0.h5", "5.h5", "9.h5"]
    assert paths(directory, sort=["-model.k", "-n"], limit=5) == ["5.h5", "0.h5", "4.h5", "2.h5", "3.h5"]
    assert find(directory, {"n": {"$lt": 2}}, project=["model.k", "run.status"]) == [
        {"path": "0.h5", "status": "finished", "meta": {"model": {"k": 3}, "run": {"status": "finished"}}},
        {"path": "1.h5", "status": "unfinished", "meta": {"model": {"k": 1}, "run": {"status": "unfinished"}}}]
    assert paths(directory, "run.size > 1 and run.path ~ '^[45]'", limit=1) == ["4.h5"]
    fails("ARGUMENT", find, directory, limit=-1)
    fails("ARGUMENT", find, directory, order="n")
    assert "'$foo'" in fails("ARGUMENT", find, directory, {"n": {"$foo": 1}})
    fails("NOT_FOUND", find, directory + "/missing")


def changes_and_caches():
    """Random changes of a directory, each followed by a search that must see it."""
    directory = place("changes")
    expected, counter = {}, 0

    def look():
        found = {run["path"]: (run["meta"], run["status"]) for run in find(directory, cache=rng.random() < 0.9)}
        assert found == expected, (seed, found, expected)

    os.makedirs(directory + "/inner/deep")
    for step in range(400):
        counter += 1
        change = rng.random()
        name = rng.choice([f"{rng.randint(0, 12)}.h5", f"inner/{rng.randint(0, 5)}.h5", f"inner/deep/{rng.randint(0, 3)}.hdf5"])
        path, finished = f"{directory}/{name}", rng.random() < 0.3
        if change < 0.5:
            parameters = {"step": counter % 10 if rng.random() < 0.5 else counter}
            if rng.random() < 0.5:
                write_run(path, parameters, finished)
            else:
                finished = False
                with h5py.File(path, "w") as file:
                    file["meta"] = np.bytes_(json.dumps(parameters))
            expected[name] = (parameters, "finished" if finished else "unfinished")
        elif change < 0.65 and name in expected:
            # In place, of the same length, within one tick of the clock, and with its old times.
            parameters = {"step": 10 + counter % 90}
            old = os.stat(path)
            with h5py.File(path, "r+") as file:
                del file["meta"]
                file["meta"] = np.bytes_(json.dumps(parameters))
            if rng.random() < 0.7:
                os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))
            expected[name] = (parameters, expected[name][1])
        elif change < 0.75 and expected:
            gone = rng.choice(list(expected))
            os.unlink(f"{directory}/{gone}")
            del expected[gone]
        elif change < 0.82 and expected:
            moved = rng.choice(list(expected))
            os.rename(f"{directory}/{moved}", path)
            expected[name] = expected.pop(moved)
        elif change < 0.87:
            with open(path, "wb") as file:
                file.write(rng.randbytes(rng.choice([0, 7, 100, 3000])))
            expected.pop(name, None)
        elif change < 0.92:
            with h5py.File(path, "w") as file:
                file["not_meta"] = 1
            expected.pop(name, None)
        elif os.path.exists(directory + "/.h5sim-catalog"):
            damage_the_cache(directory + "/.h5sim-catalog")
        if rng.random() < 0.7:
            look()
    look()
    # All at rest: the cache alone answers, and it is not written again.
    time.sleep(2.2)
    look(), find(directory)
    before = os.stat(directory + "/.h5sim-catalog")
    for _ in range(3):
        found = find(directory, "step >= 0 and not step < 0")
        assert {run["path"] for run in found} == set(expected)
    assert os.stat(directory + "/.h5sim-catalog").st_ino == before.st_ino
    assert [name for name in os.listdir(directory) if name.startswith(".h5sim-catalog.")] == []
    others = {one["path"] for one in find(directory, others=True) if "error" in one}
    everything = {os.path.relpath(os.path.join(at, name), directory) for at, _, names in os.walk(directory) for name in names}
    assert others == {name for name in everything - set(expected) if not name.startswith(".")}
    # Another dataset with metadata, another cache; directories inside left out.
    assert find(directory, meta="not_meta") == []
    assert {run["path"] for run in find(directory, recursive=False)} == {name for name in expected if "/" not in name}


def damage_the_cache(path):
    content = bytearray(open(path, "rb").read())
    kind = rng.randrange(5)
    if kind == 0:
        os.unlink(path)
        return
    if kind == 1:
        content = content[: rng.randrange(len(content) + 1)]
    elif kind == 2:
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    elif kind == 3:
        content = rng.randbytes(500)
    else:
        content = b""
    with open(path, "wb") as file:
        file.write(content)


def damaged_files():
    directory = place("damaged")
    write_run(directory + "/good.h5", {"a": 1})
    with h5py.File(directory + "/json.h5", "w") as file:
        file["meta"] = np.bytes_("{not JSON")
    with h5py.File(directory + "/number.h5", "w") as file:
        file["meta"] = 3.0
    os.symlink("good.h5", directory + "/link.h5")
    os.symlink("nowhere", directory + "/dangling.h5")
    os.mkfifo(directory + "/fifo.h5")
    good = open(directory + "/good.h5", "rb").read()
    for number in range(300):
        bad = bytearray(good)
        for _ in range(rng.choice([1, 3, 20])):
            bad[rng.randrange(len(bad))] = rng.randrange(256)
        with open(f"{directory}/bad{number}.h5", "wb") as file:
            file.write(bad[: len(bad) - rng.choice([0, 0, 1, 500])])
    found = {one["path"]: one for one in find(directory, others=True)}
    assert found["good.h5"]["meta"] == found["link.h5"]["meta"] == {"a": 1}
    assert "JSON" in found["json.h5"]["error"] and "error" in found["number.h5"]
    assert "dangling.h5" not in found and "fifo.h5" not in found and len(found) == 304
    assert find(directory, others=True) == list(found.values())


def read_only_directories():
    directory = place("readonly")
    parameters = {"a": 1}
    write_run(directory + "/x.h5", parameters)
    path, _ = produce(directory, parameters)
    release(path)
    write_run(path, parameters, True)
    os.chmod(directory, 0o555)
    try:
        if os.access(directory, os.W_OK):
            # Root may write anywhere: a mount that nobody may write.
            mounted = subprocess.run(["mount", "--bind", "-o", "ro", directory, directory], capture_output=True)
            if mounted.returncode == 0:
                mounted = subprocess.run(["mount", "-o", "remount,bind,ro", directory], capture_output=True)
            if mounted.returncode != 0:
                print("SKIPPED: a directory that root may not write: mount is not allowed here")
                return
        assert len(find(directory)) == 2 and len(find(directory)) == 2
        assert produce(directory, parameters) == (path, FINISHED)
        assert ".claim" in fails("READ_ONLY", produce, directory, {"b": 1})
        assert ".h5sim-catalog" not in os.listdir(directory)
    finally:
        subprocess.run(["umount", directory], capture_output=True)
        os.chmod(directory, 0o755)


def readers_and_writers_at_once():
    directory = place("busy")

    def work(number):
        own = random.Random(seed + number)
        if number % 3 == 0:
            for step in range(60):
                write_run(f"{directory}/{number}_{step % 20}.h5", {"number": number, "step": step}, step % 2 == 0)
            return True
        for _ in range(60):
            for run in find(directory, {"number": {"$exists": True}}, cache=own.random() < 0.8):
                assert run["path"].startswith(f"{run['meta']['number']}_"), run
                assert run["meta"]["step"] % 20 == int(run["path"].split("_")[1][:-3]), run
                assert run["status"] == "unfinished" or run["meta"]["step"] % 2 == 0, run
        return True

    assert in_processes(9, work) == [True] * 9
    assert len(find(directory)) == 60
    assert {run["meta"]["step"] for run in find(directory)} == set(range(40, 60))


def searches_stop_nobody():
    """A file that only HDF5 can read is opened by the search, which is to keep no writer from it: here, and elsewhere."""
    directory = place("looked_into")
    path = directory + "/run.h5"

    def write(step):
        with File(path, "w", libver="latest") as file:
            file.write_json("meta", json.dumps({"step": step}))

    def search(stop):
        while not stop.is_set():
            find(directory, cache=False, threads=1)

    write(0)
    for maker, event in [(threading.Thread, threading.Event()), (multiprocessing.Process, multiprocessing.Event())]:
        searches = [maker(target=search, args=(event,)) for _ in range(2)]
        for one in searches:
            one.start()
        try:
            for step in range(1, 300):
                write(step)
        finally:
            event.set()
            for one in searches:
                one.join()
    assert [run["meta"] for run in find(directory)] == [{"step": 299}]

    # One that is slow is waited for; a reader that stays is not.
    with open(path) as looked_into:
        fcntl.flock(looked_into, fcntl.LOCK_SH)
        threading.Timer(0.2, fcntl.flock, (looked_into, fcntl.LOCK_UN)).start()
        write(300)
        fcntl.flock(looked_into, fcntl.LOCK_SH)
        assert path in fails("LOCKED", write, 301)
        fcntl.flock(looked_into, fcntl.LOCK_UN)
    assert [run["meta"] for run in find(directory)] == [{"step": 300}]


def sorted_by_chance(value):
    if isinstance(value, dict):
        return len(value) > 1 and any(key != key for key in value) or any(map(sorted_by_chance, value.values()))
    return isinstance(value, list) and any(map(sorted_by_chance, value))


def named_by_documents():
    """Documents of YAML get the names that Python gives them, keys that are numbers, truth values and null included."""
    directory = place("documents")
    kinds = [["a", "b", "'2'", "é"], ["2", "10", "-1", "0x10", "yes", "12345678901234567890"], ["0.5", "10.5", "1.0e+16", ".inf", "-.inf"]]
    kinds += [kinds[1] + kinds[2], ["~"], [".nan", "1"]]

    def mapping(depth):
        keys = list(rng.choice(kinds)) + (rng.choice(kinds) if rng.random() < 0.1 else [])
        rng.shuffle(keys)
        value = lambda: mapping(depth + 1) if depth < 2 and rng.random() < 0.3 else rng.choice(["1", "1.0e-5", "x", "[{3: 1, 20: 0}]"])
        return "{" + ", ".join(f"{key}: {value()}" for key in keys[:rng.randrange(6)]) + "}"

    def name_of(document):
        return take(LIB.h5sim_json_hash_name, document, b"run_", 12, b".h5")

    named = refused = 0
    for _ in range(1000):
        text = mapping(0)
        document = ctypes.c_int64()
        check(LIB.h5sim_json_parse_yaml(text.encode(), ctypes.byref(document)))
        meta = yaml.safe_load(text)
        try:
            canonical = json.dumps(meta, ensure_ascii=True, sort_keys=True, default=str)
        except TypeError:
            canonical = None
        if canonical is None or sorted_by_chance(meta):
            assert "keys of one kind" in fails("JSON", name_of, document), text
            refused += 1
        else:
            digits = hashlib.sha1(canonical.encode()).hexdigest()
            assert take(LIB.h5sim_json_canonical, document) == canonical, text
            assert take(LIB.h5sim_json_hash, document, 40) == digits, text
            assert name_of(document) == f"run_{digits[:12]}.h5", text
            named += 1
        check(LIB.h5sim_json_free(document))
    assert named > 300 and refused > 30, (named, refused)

    # A run so named is found again, though the file's JSON has texts as keys; and names given by pointers are texts.
    document, pointer, state = ctypes.c_int64(), ctypes.c_void_p(), ctypes.c_int32()
    check(LIB.h5sim_json_parse_yaml(b"{10: a, 2: b}", ctypes.byref(document)))
    for expected in [ABSENT, FINISHED]:
        check(LIB.h5sim_json_produce(directory.encode(), b"run_", document, 12, b".h5", None, ctypes.byref(pointer), ctypes.byref(state)))
        path = ctypes.string_at(pointer.value).decode()
        LIB.h5sim_free(pointer)
        assert state.value == expected and os.path.basename(path) == name_of(document)
        if expected == ABSENT:
            with File(path, "w") as file:
                file.write_json("meta", take(LIB.h5sim_json_dump, document))
                finish(file)
    check(LIB.h5sim_json_set_i64(document, b"/10", 1))
    assert take(LIB.h5sim_json_canonical, document) == '{"2": "b", "10": 1}'
    check(LIB.h5sim_json_set_i64(document, b"/11", 1))
    assert fails("JSON", name_of, document).endswith("found the text '11' beside the number 10")
    check(LIB.h5sim_json_free(document))


for test in [life_of_a_run, other_metadata, named_by_documents, thirty_at_once, killed_producers, sorting_and_projecting, changes_and_caches,
             damaged_files, read_only_directories, readers_and_writers_at_once, searches_stop_nobody]:
    test()
