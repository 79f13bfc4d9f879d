"""What the crash tests need of stock h5py.

list                        listings of the files named on stdin, each read in a child with a timer
make PATH KIND SOURCE       makes a file of another kind with the content of SOURCE
die PATH                    opens a file in the newest format for writing and dies with it open
truncate PATH               tries h5py.File(PATH, "w") on a file that is open elsewhere
watch PATH                  prints the attribute "step" each time a line comes in on stdin
"""

import hashlib
import os
import signal
import sys

import h5py
import numpy as np

PATIENCE = 20


def listing(path):
    """The same lines as hdf5.rs makes."""
    lines = []

    def attributes(thing, name):
        for key in thing.attrs:
            values = np.asarray(thing.attrs[key], dtype="<i8")
            lines.append(f"{name}@{key} i {values.size} {hashlib.sha1(values.tobytes()).hexdigest()}")

    def visit(thing, name):
        attributes(thing, name)
        if isinstance(thing, h5py.Dataset):
            if h5py.check_string_dtype(thing.dtype):
                values = thing[...].ravel()
                data = b"".join(bytes(value) + b"\0" for value in values)
                kind = "s"
            elif thing.dtype.kind == "f":
                data, kind = thing[...].astype("<f8").tobytes(), "f"
            else:
                data, kind = thing[...].astype("<i8").tobytes(), "i"
            lines.append(f"{name} {kind} {thing.size} {hashlib.sha1(data).hexdigest()}")
            return
        lines.append(f"{name}/ group")
        for key in thing:
            visit(thing[key], f"{name}/{key}")

    with h5py.File(path, "r") as file:
        visit(file, "")
    return lines


def list_files():
    for path in sys.stdin.read().splitlines():
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            signal.alarm(PATIENCE)
            try:
                h5py.File(path, "r").close()
            except OSError:
                print("end\trefused", flush=True)
                os._exit(0)
            try:
                text = "".join(f"line\t{line}\n" for line in listing(path))
                print(f"{text}end\tread", flush=True)
            except Exception as error:
                print(f"end\t{path}: {error!r}".replace("\n", " "), flush=True)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status:
            print(f"end\t{path}: the reader ended with status {status}", flush=True)


KINDS = {
    "default": {},
    "latest": {"libver": "latest"},
    "user block": {"userblock_size": 1024},
    "pages": {"fs_strategy": "page", "fs_page_size": 4096, "libver": "latest"},
    "pages kept": {"fs_strategy": "page", "fs_persist": True, "libver": "latest"},
    "free space kept": {"fs_strategy": "fsm", "fs_persist": True},
    "ordered": {"track_order": True},
}


def make(path, kind, source):
    with h5py.File(source, "r") as old, h5py.File(path, "w", **KINDS[kind]) as new:
        for key in old:
            old.copy(key, new)
        for key in old.attrs:
            new.attrs.create(key, old.attrs[key])


def die(path):
    file = h5py.File(path, "w", libver="latest")
    file["a"] = np.arange(10)
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)


def truncate(path):
    try:
        h5py.File(path, "w")
    except OSError as error:
        print("refused", error)
        return
    print("not refused")


def watch(path):
    for _ in sys.stdin:
        try:
            with h5py.File(path, "r") as file:
                print(int(file.attrs["step"][0]), flush=True)
        except Exception as error:
            print(f"error {error!r}".replace("\n", " "), flush=True)


if __name__ == "__main__":
    task, *arguments = sys.argv[1:]
    {"list": list_files, "make": make, "die": die, "truncate": truncate, "watch": watch}[task](*arguments)
