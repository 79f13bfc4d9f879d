"""Each call that a program leads to fails once, or from one on: failing.py SEED SECONDS FOLDER FAULTS

A program that uses the whole interface runs beside the model of model.py, and one call fails: a system call, an
allocation of 64 KiB or more, a function of HDF5's. FAULTS is tests/c/faults.c as a library, which is preloaded. Then
either what the library refused can be repeated with success, or the file can only be closed, and holds its last
commit. Nothing crashes, and nothing is printed. All are tried if SECONDS suffices, or else every n-th.

    failing.py one KIND NUMBER ERRNO ONWARDS FOLDER FAULTS      one of them, with its calls
"""

import ctypes
import errno
import os
import subprocess
import sys
import time

import model
from model import Failure, expect

KINDS = {"changes": 1, "reads": 2, "allocations": 3, "hdf5": 4}

# No function of the interface is left out, and each writes in some of the ways that it has.
PROGRAM = [
    ("open", 0, 0, "w", "kill"),
    ("write", 0, "a", "f8", 1, False), ("write", 0, "g/a", "i4", 2, False), ("write", 0, "big", "f8", 3, False),
    ("many", 0, 4), ("many", 0, 5),
    ("create", 0, "c", "f8", 6, False), ("create", 0, "g/c", "i2", 7, False),
    ("write_slice", 0, "c", 8), ("write_slice", 0, "a", 9),
    *[("append", 0, "s", "f8", (400,), 30, 10 + number) for number in range(4)],
    *[("append", 0, "t", "f8", (), 1, 20 + number) for number in range(6)],
    ("set_attr", 0, "", "n", 30), ("set_attr", 0, "s", "unit", 31), ("set_attr", 0, "a", "n", 32),
    ("write_text", 0, "g/t", "a text"), ("write_texts", 0, "texts", 33), ("write_json", 0, "meta", '{"a": 1}'),
    ("commit", 0),
    ("look", 0),
    ("open", 1, 0, "r+", "kill"), ("open", 2, 0, "r", "kill"),
    *[("append", number % 2, "s", "f8", (400,), 30, 40 + number) for number in range(4)],
    ("append", 1, "t", "f4", (), 4, 50), ("append", 0, "u", "i4", (2, 2), 4, 51),
    ("read", 2, "s", 52), ("read", 1, "s", 53), ("read", 2, "big", 54), ("slice_shape", 2, "s", 55),
    ("write_slice", 1, "a", 56), ("write_slice", 0, "big", 57), ("write_hyperslab", 0, "s", 58), ("write_hyperslab", 1, "c", 59),
    ("write_block", 0, "blocks", "f8", 80, False), ("write_block", 1, "blocks", "f8", 81, False), ("append_block", 0, "s", "f8", (400,), 82),
    ("append_block", 1, "block s", "i4", (3, 2), 83), ("append_block", 0, "block s", "i4", (3, 2), 84), ("write_block", 1, "big", "f8", 85, True),
    ("write", 0, "a", "f8", 60, True), ("write", 1, "big", "f8", 61, True), ("write", 0, "c", "f8", 62, True),
    ("delete", 0, "g/a"), ("create_group", 1, "h/i"), ("exists", 2, "h"), ("keys", 2, ""), ("tree", 2, ""), ("info", 2, "s"),
    ("set_attr", 1, "", "n", 63), ("delete_attr", 0, "s", "unit"), ("get_attr", 2, "a", "n"), ("read_texts", 2, "texts"),
    ("repair",),
    ("commit", 1),
    ("look", 2),
    ("delete", 1, "many 1"), ("many", 1, 64), ("append", 1, "t", "f8", (), 1, 65),
    ("close", 0),
    ("append", 1, "s", "f8", (400,), 4, 66), ("write", 1, "late", "f8", 67, False),
    ("close", 1), ("close", 2),
    ("peek", 0),
    ("h5py", 0, 68),
    ("open", 0, 0, "r", "kill"), ("look", 0), ("close", 0),
    ("open", 0, 0, "a", "power"), ("append", 0, "s", "f8", (400,), 8, 69), ("write", 0, "big", "f8", 70, True), ("commit", 0),
    ("append", 0, "s", "f8", (400,), 8, 71), ("open", 1, 1, "w", "none"), ("append", 1, "s", "f8", (3,), 4, 72),
    ("write", 1, "x", "f8", 73, False),
    ("finalize",),
    ("open", 0, 0, "r+", "kill"), ("look", 0), ("delete", 0, "s"), ("create", 0, "s", "f8", 74, False), ("close", 0),
    ("open", 0, 1, "r", "kill"), ("look", 0), ("close", 0),
]


def hdf5_functions(library):
    """HDF5's functions, by their places in the library, and what they return when they fail."""
    listed = subprocess.run(["nm", library], check=True, capture_output=True, text=True).stdout
    zero = {"H5Tget_size", "H5Dget_storage_size", "H5Aget_storage_size", "H5Tget_member_name", "H5Tget_member_offset",
            "H5Tget_tag", "H5allocate_memory", "H5resize_memory", "H5Pget_class_name", "H5Pget_driver_info", "H5Tget_ebias", "H5Tget_precision"}
    found = []
    for line in listed.splitlines():
        address, kind, name = (line.split() + ["", "", ""])[:3] if len(line.split()) == 3 else ("", "", "")
        is_public = len(name) > 4 and name.startswith("H5") and name[2].isupper() and name.lstrip("H5ADEFGILOPSTVZRMCKX")[:1].islower()
        # What tells of errors, begins and ends HDF5, or gives something back does not fail here.
        if kind in "tT" and is_public and not name.startswith(("H5E", "H5I")) and "close" not in name and "free" not in name:
            found.append((int(address, 16), name, 0 if name in zero else -1))
    return sorted(found)


class Faulty(model.Runner):
    """Runs a program in which one call fails."""

    def __init__(self, kind, number, error, onwards, *arguments):
        super().__init__(*arguments)
        self.kind, self.onwards, self.excused = kind, onwards, False
        self.faults = ctypes.CDLL(os.environ["LD_PRELOAD"])
        self.faults.faults_last.restype = ctypes.c_char_p
        self.faults.faults_disarm.restype = self.faults.faults_fired.restype = ctypes.c_long
        self.faults.faults_arm.argtypes = [ctypes.c_int, ctypes.c_long, ctypes.c_int, ctypes.c_int]
        if kind == "hdf5":
            found = hdf5_functions(os.environ["H5SIM_LIB"])
            offsets = (ctypes.c_size_t * len(found))(*[address for address, _, _ in found])
            names = (ctypes.c_char_p * len(found))(*[name.encode() for _, name, _ in found])
            values = (ctypes.c_long * len(found))(*[value for _, _, value in found])
            expect(self.faults.faults_break(offsets, names, values, len(found)) == 0, "no breakpoints")
        self.faults.faults_arm(KINDS[kind], number, error, onwards)

    def is_tight(self):
        # A commit that stopped halfway is taken into the file at the next opening; till then the file only closes.
        return self.excused or any(getattr(disk, "is_broken", False) and disk.handles for disk in self.files)

    def fired(self):
        return self.faults.faults_fired()

    def status_of(self, name, call):
        before = self.fired()
        result, status = super().status_of(name, call)
        if self.fired() > before:
            where = self.faults.faults_last().decode()
            if self.trace:
                print(f"        (there {where} failed)", flush=True)
            self.excused = True
            if status is not None and status not in self.expected:
                may_be = {"IO", "FORMAT", "TYPE", "INTERNAL"} if self.kind == "hdf5" else {"IO"}
                expect(status in may_be, f"{name}: a failure of {where} was told as {status}:", result)
                status = "IO"
        return result, status

    def attempt(self, handle, name, call):
        """What was refused for the fault can be repeated, or the file can only be closed."""
        before = self.fired()
        result, status = self.status_of(name, call)
        if self.fired() > before and status == "IO" and "commit" in name:
            handle.disk.is_broken = True
        if self.fired() == before or status != "IO" or self.onwards or "append" in name:
            return result, status
        self.excused = True
        again, status = self.status_of(name + " again", call)
        if status is None or status in self.expected:
            handle.disk.is_broken = False
            return again, status
        # Only what could not go to the disk for good ends the file before its time.
        where = self.faults.faults_last().decode()
        expect(status == "IO" and (self.kind == "hdf5" or "sync" in where or "commit" in name),
               f"{name} cannot be repeated after a failure of {where}:", status, again)
        self.give_up(handle.disk, "commit" in name)
        return again, "IO"

    def give_up(self, disk, is_commit):
        """Closes a file that can only be closed; it holds its last commit."""
        states = list(disk.committed) + (self.currents(disk) if is_commit else []) + disk.unsure
        for slot, handle in enumerate(self.slots):
            if handle is not None and handle.disk is disk:
                super().status_of(f"{slot}.close to give up", handle.file.close)
                self.slots[slot] = None
        disk.handles, disk.tree, disk.doubt, disk.committed = [], None, None, [None]
        disk.states = list(dict.fromkeys(states))
        if disk.states != [None]:
            disk.states *= 2
            self.choose_state(disk)

    def close(self, handle, invoke):
        self.expected = set()
        before = self.fired()
        super().close(handle, invoke)
        if self.fired() > before and handle.disk.handles:
            handle.disk.is_broken = True

    def after_failed_close(self, disk):
        if disk.durability == "none":
            return super().after_failed_close(disk)
        states = list(dict.fromkeys([*disk.committed, *self.currents(disk), *disk.unsure]))
        # Two of them, so that it is recovered before it is looked at.
        return states * 2 if len(states) == 1 else states

    def op_open(self, slot, *arguments):
        was_free = self.slots[slot] is None
        super().op_open(slot, *arguments)
        if self.slots[slot] is None and was_free and self.excused and not self.onwards:
            super().op_open(slot, *arguments)
            expect(self.slots[slot] is not None, "opening cannot be repeated")

    def op_repair(self):
        """The cause is gone."""
        if self.onwards:
            self.tell(("calls", self.faults.faults_disarm()))
            self.onwards = False

    def run(self, operations, first):
        for index in range(first, len(operations)):
            self.index, self.excused = index, self.onwards and self.fired() > 0
            name, *arguments = operations[index]
            self.tell(("at", index))
            if self.trace:
                print(f"{operations[index]}", flush=True)
            getattr(self, "op_" + name)(*arguments)
        self.tell(("calls", self.faults.faults_disarm()))
        self.excused = False
        super().run(operations, len(operations))


def try_one(kind, number, error, onwards, folder, trace=False):
    """Runs the program with one fault; gives what was wrong, or None, and the number of calls of that kind."""
    counts = []

    def make(folder, states, small, tell, trace):
        def heard(message):
            if message[0] == "calls":
                os.write(write_end, b"%d " % message[1])
            tell(message)
        return Faulty(kind, number, error, onwards, folder, states, small, heard, trace)

    read_end, write_end = os.pipe()
    failure = model.failure_of(PROGRAM, folder, False, trace=trace, make_runner=make)
    os.close(write_end)
    counts = os.read(read_end, 1000).split()
    os.close(read_end)
    return failure, int(counts[0]) if counts else 0


def main():
    if sys.argv[1] == "one":
        kind, number, error, onwards, folder = sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5] == "True", sys.argv[6]
        failure, calls = try_one(kind, number, error, onwards, folder, trace=True)
        print(failure or "nothing is wrong", calls)
        return
    seed, seconds, folder = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
    ways = [("changes", errno.ENOSPC, False), ("changes", errno.EIO, False), ("changes", errno.ENOSPC, True),
            ("reads", errno.EIO, False), ("allocations", errno.ENOMEM, False), ("allocations", errno.ENOMEM, True), ("hdf5", errno.EIO, False)]
    wrong, tried, seen = 0, 0, {}
    for kind, error, onwards in ways:
        failure, calls = try_one(kind, 1 << 40, error, False, folder)
        if failure is not None:
            print(f"{kind}, undisturbed: {failure}")
            return 1
        begin, budget = time.monotonic(), seconds / len(ways)
        failure, _ = try_one(kind, seed % calls, error, onwards, folder)
        each = time.monotonic() - begin
        step = max(1, round(calls * each / budget))
        for number in range(seed % step, calls, step):
            failure, _ = try_one(kind, number, error, onwards, folder)
            tried += 1
            if failure is not None:
                wrong += 1
                alike = model.kind_of(failure)
                seen[alike] = seen.get(alike, 0) + 1
                if seen[alike] == 1:
                    print(f"failing.py one {kind} {number} {error} {onwards}: {failure}", flush=True)
    for alike, count in seen.items():
        if count > 1:
            print(f"{count} times: {alike}")
    print(f"{tried} faults, {wrong} answered wrongly, seed {seed}")
    return 0 if wrong == 0 and tried > 0 else 1


if __name__ == "__main__":
    if "LD_PRELOAD" not in os.environ:
        environment = {**os.environ, "LD_PRELOAD": os.path.abspath(sys.argv[-1])}
        os.execve(sys.executable, [sys.executable, *sys.argv], environment)
    sys.exit(main())
