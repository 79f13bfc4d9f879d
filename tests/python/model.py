"""The whole interface against a plain model: random programs, with kills, forks, h5py's edits and a full disk in between.

    model.py SEED SECONDS FOLDER [disk]     random programs for so long; with `disk` FOLDER is a small disk that may be filled
    model.py replay FILE FOLDER [disk]      runs the program in FILE, a Python list of operations, and prints each call

A program is a list of tuples, the operations: data, in which nothing refers to what came before, so that any part of
a program is a program. What an operation needs of the file (a slice that fits, say) it draws from its own seed. A program
that fails is shrunk, and printed. H5SIM_WITHOUT="fork fill" leaves operations out, H5SIM_SLOTS=1 all but one handle, and
H5SIM_LARGE=1 has arrays of up to some MiB, files in both formats, and little memory for what waits.

Each program runs in a process, which holds the model beside the files: for each file its tree as all handles see it,
and the tree of its last commit. Where it is killed or exits, another one continues with what must be on the disk now.
"""

import ast
import ctypes
import json
import os
import pickle
import re
import select
import signal
import struct
import sys
import threading
import time
import traceback

import h5py
import numpy as np

import random_cases as cases

PATHS = ["a", "b", "c", "/d/", "g", "g/a", "g/b", "g/h", "g/h/a", "g/h/b", "g/h/i/a", "n/x", "n/y", "n/z", "é/ü"]
NUMBERS = ["f8", "f4", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1"]
DTYPES = NUMBERS + ["?", "c16", "c8"]
SLOTS, FILES = int(os.environ.get("H5SIM_SLOTS", 4)), 2
WITHOUT = os.environ.get("H5SIM_WITHOUT", "").split()
LARGE = bool(os.environ.get("H5SIM_LARGE"))
# What the disk must have free so that nothing may fail for want of room.
ROOM = 64 << 20 if LARGE else 4 << 20


def normal(path):
    return "/".join(part for part in path.split("/") if part)


class Failure(Exception):
    """The library did not do what it says."""


def expect(condition, *what):
    if not condition:
        raise Failure(" ".join(str(part) for part in what))


class Refused(Exception):
    """The model says that a call must fail, with one of these statuses."""

    def __init__(self, *statuses):
        super().__init__(statuses)
        self.statuses = set(statuses)


class Node:
    """A group (no data), or a dataset: numbers, or texts as an array of objects."""

    def __init__(self, data=None, fill=0, grows=False):
        self.data, self.fill, self.grows, self.attributes = data, fill, grows, {}

    def is_group(self):
        return self.data is None

    def is_text(self):
        return self.data is not None and self.data.dtype == object


class Tree:
    """What a file holds."""

    def __init__(self):
        self.nodes = {"": Node()}

    def find(self, path, *kinds):
        """A node of one of these kinds: group, numbers, text."""
        path = normal(path)
        if path not in self.nodes:
            # A dataset on the way is no group that lacks a member.
            above = [path[:end] for end in range(len(path)) if path[end] == "/"]
            on_the_way = any(name in self.nodes and not self.nodes[name].is_group() for name in above)
            raise Refused("NOT_FOUND", *(["TYPE"] if on_the_way else []))
        node = self.nodes[path]
        kind = "group" if node.is_group() else "text" if node.is_text() else "numbers"
        if kinds and kind not in kinds:
            # The part may be looked at first.
            raise Refused("TYPE", *(["SHAPE"] if kind == "text" else []))
        return node

    def can_make(self, path, overwrite=False):
        path = normal(path)
        for end in range(len(path)):
            if path[end] == "/" and path[:end] in self.nodes and not self.nodes[path[:end]].is_group():
                raise Refused("TYPE")
        if path in self.nodes and (not overwrite or self.nodes[path].is_group()):
            raise Refused("EXISTS")
        return self.nodes.get(path)

    def put(self, path, node):
        path = normal(path)
        for end in range(len(path)):
            if path[end] == "/":
                self.nodes.setdefault(path[:end], Node())
        self.nodes[path] = node

    def remove(self, path):
        path = normal(path)
        for name in [name for name in self.nodes if name == path or name.startswith(path + "/")]:
            del self.nodes[name]

    def move(self, source, target):
        """A copy would share the nodes with what was moved; here nothing else has them."""
        for name in [name for name in self.nodes if name == source or name.startswith(source + "/")]:
            self.nodes[target + name[len(source):]] = self.nodes.pop(name)

    def copy_of(self, path):
        """Nodes of their own for an object and all below it, by their paths below it."""
        path = normal(path)
        below = {name[len(path):].strip("/"): node for name, node in self.nodes.items()
                 if not path or name == path or name.startswith(path + "/")}
        return pickle.loads(pickle.dumps(below))

    def members(self, path):
        path = normal(path)
        prefix = path + "/" if path else ""
        return sorted(name[len(prefix):] for name in self.nodes
                      if name and name.startswith(prefix) and "/" not in name[len(prefix):])


def snapshot(tree):
    return None if tree is None else pickle.dumps(tree)


def differences(path, tree, is_open=False):
    """What h5py finds in a file that is not the model; None if nothing.

    While h5sim has it open, elements of contiguous datasets that no commit has written, which are fill, may have later values.
    """
    with h5py.File(path, "r") as file:
        found = {"": file["/"]}
        file.visititems(lambda name, item: found.__setitem__(name, item))
        if found.keys() != tree.nodes.keys():
            return f"h5py finds {sorted(found)}, expected {sorted(tree.nodes)}"
        for name, node in tree.nodes.items():
            item = found[name]
            if node.is_group() != isinstance(item, h5py.Group):
                return f"'{name}' is another kind of object"
            for attribute in set(node.attributes) | set(item.attrs):
                if attribute not in node.attributes or attribute not in item.attrs:
                    return f"'{name}' has the attributes {sorted(item.attrs)}, expected {sorted(node.attributes)}"
                wanted, value = node.attributes[attribute], item.attrs[attribute]
                if isinstance(wanted, str) != isinstance(value, str) or (
                        value != wanted if isinstance(wanted, str) else not cases.same(value, wanted)):
                    return f"attribute '{attribute}' of '{name}' is {value!r}, expected {wanted!r}"
            if node.is_group():
                continue
            if node.is_text():
                value = [text.decode() for text in np.asarray(item[()]).ravel()]
                if item.shape != node.data.shape or value != list(node.data.ravel()):
                    return f"'{name}' is {value!r}, expected {node.data!r}"
                continue
            value = np.asarray(item[()])
            if value.dtype.newbyteorder("=") != node.data.dtype or value.shape != node.data.shape:
                return f"'{name}' is {value.dtype}{value.shape}, expected {node.data.dtype}{node.data.shape}"
            differs = np.asarray(value != node.data)
            if is_open and item.chunks is None:
                differs &= node.data != np.asarray(node.fill).astype(node.data.dtype)
            if differs.any():
                where = np.argwhere(differs)[0].tolist() if value.ndim else []
                return f"'{name}' differs in {differs.sum()} elements, the first at {where}: " \
                       f"{value[tuple(where)]}, expected {node.data[tuple(where)]}"
            if node.grows and item.maxshape[0] is not None:
                return f"'{name}' does not grow any more: {item.maxshape}"
    return None


class Disk:
    """A file as the process that runs has it: its handles' tree, and what its last commit was."""

    def __init__(self, path, states):
        self.path = path
        # What may be on the disk while nothing has it open; None is no HDF5 file.
        self.states = states
        self.tree, self.committed, self.handles = None, [None], []
        self.committed_explicitly, self.durability = False, "kill"
        # An append that failed may have been kept: its path and the series with it.
        self.doubt = None
        # What a commit that failed may have left in the journal.
        self.unsure = []


class Handle:
    def __init__(self, file, disk, mode):
        self.file, self.disk, self.mode, self.wrote = file, disk, mode, False


def values(rng, dtype, shape):
    """Small whole numbers, which every type holds."""
    return rng.integers(0, 2 if np.dtype(dtype) == bool else 100, shape).astype(dtype)


def texts(rng, shape):
    words = ["", "x", "H2O", "ünïcode", "a longer text with spaces", "1"]
    return np.array([str(rng.choice(words)) for _ in range(int(np.prod(shape)))] or [], dtype=object).reshape(shape)


def shape_of(rng):
    what = rng.random()
    if LARGE and what < 0.5:
        rank = int(rng.integers(1, 4))
        return tuple(int(rng.integers(1, [0, 250000, 500, 50][rank])) for _ in range(rank))
    if what < 0.06:
        return (int(rng.integers(9000, 30000)),)
    if what < 0.1:
        return (int(rng.integers(20, 60)), int(rng.integers(20, 60)))
    return cases.shape(rng, int(rng.integers(0, 4)), 6)


def chunk_of(rng, extent):
    """The extent of a chunk along an axis: any, or such that a large array has no more than some hundred chunks."""
    return -(-extent // int(rng.integers(1, 9))) if LARGE else int(rng.integers(1, extent + 1))


def filters_of(rng, shape, dtype):
    """Dataset options that fit the shape."""
    options = cases.filters(rng, shape, dtype)
    if LARGE and "chunks" in options:
        options["chunks"] = [chunk_of(rng, extent) for extent in shape]
    return options


class Runner:
    """Runs a program, call by call, beside the model."""

    def __init__(self, folder, states, small, tell, trace):
        import h5sim_ctypes

        self.api, self.folder, self.small, self.tell, self.trace = h5sim_ctypes, folder, small, tell, trace
        self.files = [Disk(os.path.join(folder, f"model{number}.h5"), state) for number, state in enumerate(states)]
        self.slots = [None] * SLOTS
        self.armed, self.index, self.closed = False, 0, h5sim_ctypes.File.__new__(h5sim_ctypes.File)
        self.closed.handle = 0
        self.called, self.expected = set(), set()

    # How calls are made.

    def is_tight(self):
        if not self.small:
            return False
        about = os.statvfs(self.folder)
        return about.f_bavail * about.f_frsize < ROOM

    def status_of(self, name, call):
        """Runs a call; None, or the status by its name without the prefix."""
        try:
            result = call()
            status = None
        except self.api.H5simError as error:
            result, status = error.message, str(error.status).replace("H5SIM_ERR_", "")
        if self.trace:
            print(f"    {name}: {status or 'OK'}{' ' + result if status else ''}", flush=True)
        return result, status

    def call(self, slot, name, plan, invoke, writes=True, commits=False):
        """Makes a call through the handle in a slot. `plan` looks at the tree and raises Refused, or gives what
        the call changes; `invoke` makes the call. Gives what it gave, or None if it failed as it must or may."""
        handle = self.slots[slot]
        if handle is None:
            result, status = self.status_of(name, lambda: invoke(self.closed))
            expect(status == "HANDLE", name, "through a closed handle:", status)
            return None
        disk = handle.disk
        if not self.settle_doubt(handle):
            return None
        expected, change = set(), None
        try:
            change = plan(disk.tree)
        except Refused as refused:
            expected = refused.statuses
        if writes and handle.mode == "r":
            expected = expected | {"READ_ONLY"}
        if expected == {"nothing"}:
            return None
        was_tight, self.expected = self.is_tight(), expected
        result, status = self.attempt(handle, f"{slot}.{name}", lambda: invoke(handle.file))
        if status == "IO" and (was_tight or self.is_tight()):
            return "IO"
        if expected:
            expect(status in expected, name, f"gave {status or 'success'}, expected {' or '.join(sorted(expected))}:", result)
            return None
        expect(status is None, name, "failed:", status, result)
        if writes:
            handle.wrote = True
            if change is not None:
                change()
        return result if result is not None else True

    def attempt(self, handle, name, call):
        return self.status_of(name, call)

    def settle_doubt(self, handle):
        """After an append that failed: whether its records were kept is seen in the file, if that can be read."""
        disk = handle.disk
        if disk.doubt is None:
            return True
        path, longer = disk.doubt
        before = self.expected
        if disk.tree.nodes.get(normal(path)) is None:
            # The append was to make it: that nothing is there is an answer, whatever else fails meanwhile.
            self.expected = before | {"NOT_FOUND"}
        (found, status) = self.status_of(f"info of {path}", lambda: handle.file.info(path))
        self.expected = before
        if status == "IO" and self.is_tight():
            return False
        node = disk.tree.nodes.get(normal(path))
        disk.doubt = None
        if status == "NOT_FOUND":
            expect(node is None, path, "is gone after an append that failed")
            return True
        expect(status is None, "info after an append that failed:", status, found)
        if node is None or found[1] != node.data.shape:
            expect(found[1] == longer.data.shape, path, "is", found[1], "after an append that failed")
            disk.tree.put(path, longer)
            handle.wrote = True
        return True

    def currents(self, disk):
        """The states that the handles may see."""
        states = [snapshot(disk.tree)]
        if disk.doubt is not None:
            other = pickle.loads(states[0])
            other.put(*disk.doubt)
            states.append(snapshot(other))
        return states

    def states(self):
        """What is on the disk after a kill now."""
        return [disk.committed if disk.handles else disk.states for disk in self.files]

    def report(self, extra=None):
        """Tells the parent what a kill from now on may leave."""
        if self.armed:
            states = [list(state) for state in self.states()]
            for disk, state in (extra or {}).items():
                states[self.files.index(disk)] += state
            self.tell(("states", self.index, self.durable(states)))

    def durable(self, states):
        """Without a journal a kill can leave anything."""
        return [["anything"] if disk.handles and disk.durability == "none" else state
                for disk, state in zip(self.files, states)]

    def is_committed(self, disk):
        disk.committed = self.currents(disk)
        for handle in disk.handles:
            handle.wrote = False

    # Operations: files.

    def op_open(self, slot, number, mode, durability, options={}):
        if self.slots[slot] is not None:
            return
        disk = self.files[number]
        if not disk.handles:
            self.choose_state(disk)
        is_there = bool(disk.handles) or disk.states != [None]
        expected = set()
        if mode in ["r", "r+"] and not is_there:
            expected = {"NOT_FOUND"}
        elif mode in ["w-", "x"] and is_there:
            expected = {"EXISTS"}
        elif mode == "w" and disk.handles:
            expected = {"LOCKED"}
        creates = mode == "w" or not is_there
        if creates and not expected:
            # Killed before the call returns: the old content, no file, or an empty one.
            self.report({disk: [None, snapshot(Tree())]})
        if disk.handles:
            durability = disk.durability
        was_tight = self.is_tight()
        result, status = self.status_of(f"{slot} = open {number} {mode} {durability} {options}",
                                        lambda: self.api.File(disk.path, mode, durability=durability, autocommit=0, **options))
        if status == "IO" and (was_tight or self.is_tight()):
            if creates:
                # Of a file that was to be emptied, something or nothing is left.
                disk.states = ["anything"]
                self.choose_state(disk)
            return
        if expected:
            expect(status in expected, f"open {mode} gave {status or 'success'}, expected", expected, result)
            return
        expect(status is None, f"open {mode} failed:", status, result)
        if not disk.handles:
            disk.durability, disk.committed_explicitly = durability, False
            # Of a file that was never committed a kill may leave an empty one, too.
            disk.committed = [None, snapshot(Tree())] if creates else list(disk.states)
            disk.tree = Tree() if creates else pickle.loads(disk.states[0])
        handle = Handle(result, disk, mode)
        disk.handles.append(handle)
        self.slots[slot] = handle
        # What makes a file is a write.
        handle.wrote = creates
        self.report()

    def choose_state(self, disk):
        """Finds out which of the states that are possible is on the disk."""
        if disk.states == [None] or "anything" in disk.states:
            for name in [disk.path, disk.path + "-journal"]:
                if os.path.lexists(name):
                    os.unlink(name)
            disk.states = [None]
        if disk.states == [None] or len(disk.states) == 1:
            return
        found = []
        if not os.path.exists(disk.path):
            expect(None in disk.states, disk.path, "is gone")
            disk.states = [None]
            return
        handle, status = self.status_of("open to recover", lambda: self.api.File(disk.path, "r+"))
        if status == "IO" and self.is_tight():
            # It can be opened when there is room again.
            self.op_room()
            handle, status = self.status_of("open to recover with room", lambda: self.api.File(disk.path, "r+"))
        if status is not None:
            expect(None in disk.states, "what a kill left cannot be opened:", status, handle)
            disk.states = [None]
            return self.choose_state(disk)
        result, status = self.status_of("close after recovering", handle.close)
        expect(status is None or (status == "IO" and self.is_tight()), "closing what was recovered:", status, result)
        if status is not None and None in disk.states and not h5py.is_hdf5(disk.path):
            # Nothing was there, and there was no room to begin it.
            disk.states = [None]
            return self.choose_state(disk)
        for state in disk.states:
            if state is None:
                continue
            difference = differences(disk.path, pickle.loads(state))
            if difference is None:
                disk.states = [state]
                return
            found.append(difference)
        raise Failure(f"{disk.path} holds none of the states that it may hold: " + "; ".join(found))

    def op_commit(self, slot):
        handle = self.slots[slot]
        if handle is None:
            return self.call(slot, "commit", None, lambda file: file.commit())
        disk = handle.disk
        if handle.mode == "r" and any(other.mode != "r" for other in disk.handles):
            return
        before = list(disk.committed)
        self.report({disk: self.currents(disk)})
        done = self.call(slot, "commit", lambda tree: None, lambda file: file.commit(), writes=False)
        if done == "IO" and handle.mode != "r":
            # The program has tried: at its exit either is right.
            disk.committed = before
            disk.tried = True
            disk.unsure = list(dict.fromkeys([*disk.unsure, *self.currents(disk)]))
        elif done and handle.mode != "r":
            disk.committed_explicitly = True
            disk.unsure = []
            self.is_committed(disk)
        self.report()

    def close(self, handle, invoke):
        """After a handle was closed with this outcome, what is on the disk."""
        disk = handle.disk
        commits = handle.wrote or len(disk.handles) == 1
        self.report({disk: self.currents(disk)})
        was_tight = self.is_tight()
        result, status = invoke()
        disk.handles.remove(handle)
        if status == "IO" and (was_tight or self.is_tight()):
            if disk.handles:
                # The others still have all of it, and the last one commits it.
                return self.report()
            disk.states = self.after_failed_close(disk)
        else:
            expect(status is None, "close failed:", status, result)
            if disk.handles:
                if commits:
                    self.is_committed(disk)
            else:
                disk.states = self.currents(disk)
        if not disk.handles:
            disk.tree, disk.doubt, disk.committed = None, None, [None]
        self.report()

    def after_failed_close(self, disk):
        return ["anything"] if disk.durability == "none" else list(disk.committed)

    def op_close(self, slot):
        handle = self.slots[slot]
        if handle is None:
            return self.call(slot, "close", None, lambda file: file.close())
        self.close(handle, lambda: self.status_of(f"{slot}.close", handle.file.close))
        self.slots[slot] = None
        _, status = self.status_of(f"{slot}.close again", handle.file.close)
        expect(status == "HANDLE", "closing twice gave", status)

    def op_finalize(self):
        was_tight = self.is_tight()
        self.report({disk: self.currents(disk) for disk in self.files if disk.handles})
        result, status = self.status_of("finalize", lambda: self.api.check(self.api.LIB.h5sim_finalize()))
        self.called.add("finalize")
        if status is not None:
            expect(status == "IO" and (was_tight or self.is_tight()), "finalize failed:", status, result)
        for disk in self.files:
            if disk.handles:
                disk.states = self.currents(disk) + (self.after_failed_close(disk) if status is not None else [])
                disk.handles, disk.tree, disk.doubt, disk.committed = [], None, None, [None]
        self.slots = [None] * SLOTS
        self.report()

    # Operations: the end of a process.

    def op_kill(self):
        self.tell(("states", self.index, self.durable(self.states())))
        os.kill(os.getpid(), signal.SIGKILL)

    def op_kill_after(self, microseconds):
        """Some time from now, in the middle of whatever it may be."""
        if not self.armed:
            self.armed = True
            self.report()
            # Its default action ends the process at once, and no handler runs.
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, microseconds * 1e-6)

    def op_exit(self):
        states = []
        for disk in self.files:
            if not disk.handles:
                states.append(disk.states)
                continue
            keeps = self.currents(disk)
            if disk.committed_explicitly and disk.durability != "none":
                states.append(disk.committed)
            elif self.is_tight() and disk.durability == "none":
                states.append(["anything"])
            elif self.is_tight() or getattr(disk, "tried", False) or disk.durability == "none":
                states.append(keeps + disk.committed)
            else:
                states.append(keeps)
        # A timer that is armed may still end it, before or after.
        if self.armed:
            states = [one + other for one, other in zip(states, self.durable(self.states()))]
        self.tell(("states", self.index, states))
        self.tell(("called", sorted(self.called)))
        ctypes.CDLL(None).exit(0)

    # Operations: the disk, other programs.

    def op_fill(self):
        if self.small:
            with open(os.path.join(self.folder, "filler"), "ab", buffering=0) as file:
                size = 1 << 20
                while size:
                    try:
                        if file.write(bytes(size)) < size:
                            size //= 2
                    except OSError:
                        size //= 2

    def op_room(self):
        filler = os.path.join(self.folder, "filler")
        if os.path.exists(filler):
            os.unlink(filler)

    def op_peek(self, number):
        """h5py reads the file: it finds the last commit."""
        disk = self.files[number]
        if not disk.handles:
            self.choose_state(disk)
            if disk.states != [None]:
                difference = differences(disk.path, pickle.loads(disk.states[0]))
                expect(difference is None, "the closed file:", difference)
            return
        if disk.durability == "none" or len(disk.committed) > 1 or self.is_tight():
            return
        difference = differences(disk.path, pickle.loads(disk.committed[0]), is_open=True)
        expect(difference is None, "h5py beside the open file:", difference)

    def op_h5py(self, number, seed):
        """h5py edits a file that nothing has open."""
        disk = self.files[number]
        if disk.handles or self.is_tight():
            return
        self.choose_state(disk)
        if disk.states == [None]:
            return
        rng = np.random.default_rng(seed)
        tree = pickle.loads(disk.states[0])
        # While h5py writes, a kill leaves anything.
        disk.states = ["anything"]
        self.report()
        with h5py.File(disk.path, "r+") as file:
            for _ in range(int(rng.integers(1, 8))):
                what, path = rng.random(), str(rng.choice(PATHS)).strip("/")
                names = sorted(name for name in tree.nodes if name)
                if what < 0.2 and path in tree.nodes:
                    del file[path]
                    tree.remove(path)
                elif what < 0.5:
                    try:
                        tree.can_make(path)
                    except Refused:
                        continue
                    data = values(rng, str(rng.choice(DTYPES)), shape_of(rng))
                    grows = data.ndim > 0 and data.size > 0 and rng.random() < 0.5
                    options = {"maxshape": (None, *data.shape[1:]), "chunks": tuple(max(1, n // 2) for n in data.shape)} if grows else {}
                    if grows and rng.random() < 0.5:
                        options["compression"] = "gzip"
                    file.create_dataset(path, data=data, **options)
                    tree.put(path, Node(data, 0, grows))
                elif what < 0.7 and names:
                    name = str(rng.choice(names))
                    tree.nodes[name].attributes["by h5py"] = text = str(rng.choice(["x", "y" * 300]))
                    file[name].attrs["by h5py"] = text
                elif names:
                    name = str(rng.choice(names))
                    node = tree.nodes[name]
                    if node.is_group() or node.is_text():
                        continue
                    if node.grows:
                        rows = int(rng.integers(0, node.data.shape[0] + 4))
                        file[name].resize(rows, axis=0)
                        data = np.full((rows, *node.data.shape[1:]), node.fill).astype(node.data.dtype)
                        kept = min(rows, len(node.data))
                        data[:kept] = node.data[:kept]
                        node.data = data
                    if node.data.size:
                        node.data = values(rng, node.data.dtype, node.data.shape)
                        file[name][...] = node.data
        disk.states = [snapshot(tree)]
        self.report()

    def op_fork(self, seed):
        """A child can do nothing with its parent's handles, and has files of its own."""
        rng = np.random.default_rng(seed)
        before = [os.stat(disk.path).st_size if os.path.exists(disk.path) else -1 for disk in self.files]
        if self.trace:
            sys.stdout.flush()
        signal.setitimer(signal.ITIMER_REAL, *((0, 0) if not self.armed else (1e-5, 0)))
        if self.armed:
            time.sleep(1)
        read_end, write_end = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                signal.alarm(40)
                for handle in [handle for handle in self.slots if handle is not None]:
                    for call in [lambda file: file.exists("a"), lambda file: file.append("a", np.array(1.0)),
                                 lambda file: file.commit(), lambda file: file.keys(), lambda file: file.close()]:
                        result, status = self.status_of("inherited", lambda: call(handle.file))
                        expect(status == "HANDLE" and "before fork" in str(result), "an inherited handle:", status, result)
                if rng.random() < 0.5:
                    self.api.check(self.api.LIB.h5sim_finalize())
                if rng.random() < 0.6 and not self.is_tight():
                    own = os.path.join(self.folder, "forked.h5")
                    with self.api.File(own, "w") as file:
                        file.append("s", np.arange(3.0))
                        file.write("g/x", np.arange(4))
                    with self.api.File(own, "r") as file:
                        expect(file.read("s").tolist() == [[0, 1, 2]], "the child's own file")
                    os.unlink(own)
                os.write(write_end, b"+")
            except BaseException:
                os.write(write_end, traceback.format_exc().encode()[-3000:])
                os._exit(1)
            if rng.random() < 0.5:
                os._exit(0)
            ctypes.CDLL(None).exit(0)
        os.close(write_end)
        answer = b""
        while chunk := os.read(read_end, 65536):
            answer += chunk
        os.close(read_end)
        _, status = os.waitpid(child, 0)
        expect(answer == b"+" and status == 0, f"a forked child ended with {status}:", answer.decode())
        after = [os.stat(disk.path).st_size if os.path.exists(disk.path) else -1 for disk in self.files]
        expect(before == after, "the child changed its parent's files")

    def op_threads(self, seed):
        """Threads that append to series of their own through any handles."""
        rng = np.random.default_rng(seed)
        handles = [handle for handle in self.slots if handle is not None and handle.mode != "r"]
        if not handles or self.is_tight() or any(handle.disk.doubt for handle in handles):
            return
        jobs, errors = [], []
        for number in range(3):
            handle, count = handles[int(rng.integers(len(handles)))], int(rng.integers(1, 20))
            path = f"thread {number}"
            node = handle.disk.tree.nodes.get(path) or Node(np.zeros(0), 0, True)
            if not (node.grows and node.data.ndim == 1 and node.data.dtype.kind not in "bc" and "thread" in path):
                continue
            jobs.append((handle, path, np.arange(count) + 10.0 * number, node))

        def work(handle, path, records, node):
            try:
                expected = list(node.data)
                for record in records:
                    handle.file.append(path, np.array(record))
                    expected.append(record)
                    if len(expected) % 4 == 0:
                        found = handle.file.read(path, dtype="f8").tolist()
                        expect(found == expected, path, "is", found, "expected", expected)
            except BaseException:
                errors.append(traceback.format_exc())

        threads = [threading.Thread(target=work, args=job) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        expect(not errors, "\n".join(errors))
        for handle, path, records, node in jobs:
            node.data = np.concatenate([node.data, records]).astype(node.data.dtype)
            handle.disk.tree.put(path, node)
            handle.wrote = True

    # Operations: objects.

    def op_create_group(self, slot, path):
        def plan(tree):
            tree.can_make(path)
            return lambda: tree.put(path, Node())
        self.call(slot, f"create_group({path!r})", plan, lambda file: file.create_group(path))

    def op_exists(self, slot, path):
        kind = self.call(slot, f"exists({path!r})", lambda tree: None, lambda file: [file.exists(path)], writes=False)
        if isinstance(kind, list):
            node = self.slots[slot].disk.tree.nodes.get(normal(path))
            expected = None if node is None else "group" if node.is_group() else "dataset"
            expect(kind == [expected], f"'{path}' is", kind[0], "expected", expected)

    def op_keys(self, slot, path):
        found = self.call(slot, f"keys({path!r})", lambda tree: tree.find(path, "group") and None,
                          lambda file: file.keys(path), writes=False)
        if isinstance(found, list):
            expected = self.slots[slot].disk.tree.members(path)
            expect(found == expected, f"keys of '{path}' are", found, "expected", expected)

    def op_tree(self, slot, path):
        found = self.call(slot, f"tree({path!r})", lambda tree: tree.find(path, "group") and None,
                          lambda file: file.tree(path), writes=False)
        if not isinstance(found, dict):
            return
        tree = self.slots[slot].disk.tree
        prefix = normal(path) + "/" if normal(path) else ""
        expected = {name[len(prefix):]: node for name, node in tree.nodes.items() if name and name.startswith(prefix)}
        expect(found.keys() == expected.keys(), "the tree has", sorted(found), "expected", sorted(expected))
        for name, node in expected.items():
            about = found[name]
            expect(about["kind"] == ("group" if node.is_group() else "dataset"), name, about)
            expect(sorted(about["attributes"]) == sorted(node.attributes), name, "has the attributes", sorted(about["attributes"]),
                   "expected", sorted(node.attributes))
            if not node.is_group():
                expect(tuple(about["shape"]) == node.data.shape, name, about, node.data.shape)

    def op_delete(self, slot, path):
        def plan(tree):
            if not normal(path):
                raise Refused("ARGUMENT")
            tree.find(path)
            return lambda: tree.remove(path)
        self.call(slot, f"delete({path!r})", plan, lambda file: file.delete(path))

    def op_move(self, slot, path, target):
        def plan(tree):
            source, to = normal(path), normal(target)
            if not source:
                raise Refused("ARGUMENT")
            tree.find(path)
            if source == to:
                return lambda: None
            if to.startswith(source + "/"):
                raise Refused("ARGUMENT", *self.refusals(tree, target))
            tree.can_make(target)

            def change():
                # The groups on the way.
                tree.put(target, Node())
                del tree.nodes[to]
                tree.move(source, to)
            return change
        self.call(slot, f"move({path!r}, {target!r})", plan, lambda file: file.move(path, target))

    def op_copy(self, slot, path, other, target):
        """Within a file or to the other one, whichever handle the second slot has."""
        to, changes = self.slots[other], []
        if to is None or to.mode == "r" or not self.settle_doubt(to):
            return

        def plan(tree):
            tree.find(path)
            copied = tree.copy_of(path)
            to.disk.tree.can_make(target)

            def change():
                to.disk.tree.put(target, copied[""])
                for name, node in copied.items():
                    if name:
                        to.disk.tree.nodes[f"{normal(target)}/{name}"] = node
            changes.append(change)
        if sum(node.data.nbytes for node in to.disk.tree.nodes.values() if node.data is not None) > ROOM // 4:
            return
        done = self.call(slot, f"copy({path!r}, to {other}, {target!r})", plan, lambda file: file.copy(path, target, to.file),
                         writes=False)
        if done and done != "IO":
            changes[0]()
            to.wrote = True

    def op_resize(self, slot, path, seed):
        rng = np.random.default_rng(seed)
        array, is_there = self.numbers_at(slot, path)
        handle = self.slots[slot]
        node = handle.disk.tree.nodes.get(normal(path)) if handle else None
        if not is_there or not node.grows:
            return
        rows = int(rng.integers(0, array.shape[0] + 9))

        def plan(tree):
            node = tree.find(path, "numbers")

            def change():
                data = np.full((rows, *node.data.shape[1:]), node.fill).astype(node.data.dtype)
                kept = min(rows, len(node.data))
                data[:kept] = node.data[:kept]
                node.data = data
            return change
        self.call(slot, f"resize({path!r}, {rows})", plan, lambda file: file.resize(path, (rows, *array.shape[1:])))

    def op_layout(self, slot, path):
        found = self.call(slot, f"layout({path!r})", lambda tree: tree.find(path, "numbers", "text") and None,
                          lambda file: file.layout(path), writes=False)
        if isinstance(found, dict):
            node = self.slots[slot].disk.tree.find(path)
            expect(tuple(found["shape"]) == node.data.shape, f"the layout of '{path}' has the shape", found["shape"], node.data.shape)
            expect(not node.grows or found["maxshape"][0] is None, f"'{path}' does not grow:", found)
            expect(node.is_text() or found["bytes"] == node.data.nbytes, f"'{path}' has", found["bytes"], "bytes, expected",
                   node.data.nbytes)

    # Operations: arrays.

    def op_write(self, slot, path, dtype, seed, overwrite):
        rng = np.random.default_rng(seed)
        shape = shape_of(rng)
        handle = self.slots[slot]
        there = handle.disk.tree.nodes.get(normal(path)) if handle else None
        if overwrite and there is not None and not there.is_group() and not there.is_text() and rng.random() < 0.6:
            shape, dtype = there.data.shape, there.data.dtype.str[1:] if there.data.dtype != bool else "?"
        data = values(rng, dtype, shape)
        is_strided = data.ndim > 0 and data.size < 1000 and rng.random() < 0.3
        if is_strided:
            whole, view = cases.strided(rng, dtype, shape)
            view[...] = data
            given = view
        else:
            given = data
        options, stored, fill, grows = {}, data, 0, False
        how = rng.random()
        if how < 0.4 and not overwrite:
            options = filters_of(rng, shape, dtype)
            grows = bool(options.get("maxshape")) and options["maxshape"][0] is None
        elif how < 0.5 and dtype in NUMBERS:
            options = {"dtype": str(rng.choice(["f4", "f8", ">f8", "<i4", ">i2", "u1"]))}
            stored = data.astype(np.dtype(options["dtype"]).newbyteorder("="))
        elif how < 0.6:
            options = {"threads": int(rng.integers(0, 3))}
        if overwrite:
            options["overwrite"] = True
            if how > 0.9 and shape and 0 not in shape:
                options["compression"] = "gzip"

        def plan(tree):
            old = tree.can_make(path, overwrite)

            def change():
                if old is not None and not old.is_text() and old.data.shape == stored.shape and old.data.dtype == stored.dtype:
                    old.data = stored.copy()
                else:
                    tree.put(path, Node(stored.copy(), fill, grows))
            return change

        if options == {} and dtype == "f8" and not is_strided:
            def invoke(file):
                api = self.api
                api.check(api.LIB.h5sim_write_f64(file.handle, path.encode(), given.ndim, api.longs(given.shape), api.address(given)))
        else:
            def invoke(file):
                file.write(path, given, strided=is_strided, **options)
        self.call(slot, f"write({path!r}, {dtype}{shape}, {'strided, ' if is_strided else ''}{options})", plan, invoke)

    def op_many(self, slot, seed):
        """Small datasets of a new group, and their attributes."""
        rng = np.random.default_rng(seed)
        group = f"many {int(rng.integers(0, 6))}"
        for number in range(int(rng.integers(1, 30))):
            path = f"{group}/{int(rng.integers(0, 40))}"
            data = values(rng, str(rng.choice(DTYPES)), cases.shape(rng, int(rng.integers(0, 3)), 5))

            def plan(tree):
                tree.can_make(path)
                return lambda: tree.put(path, Node(data))
            self.call(slot, f"write({path!r}, {data.dtype}{data.shape})", plan, lambda file: file.write(path, data))
            if rng.random() < 0.3:
                self.op_set_attr(slot, path, "n", int(rng.integers(1 << 30)))

    def op_create(self, slot, path, dtype, seed, overwrite):
        rng = np.random.default_rng(seed)
        shape = shape_of(rng)
        options = filters_of(rng, shape, dtype)
        grows = bool(options.get("maxshape")) and options["maxshape"][0] is None
        fill = 0
        if dtype in NUMBERS and rng.random() < 0.4:
            fill = options["fillvalue"] = int(rng.integers(0, 100))
        if overwrite:
            options["overwrite"] = True

        def plan(tree):
            tree.can_make(path, overwrite)
            return lambda: tree.put(path, Node(np.full(shape, fill).astype(dtype), fill, grows))
        self.call(slot, f"create({path!r}, {dtype}{shape}, {options})", plan, lambda file: file.create(path, dtype, shape, **options))

    def numbers_at(self, slot, path):
        """The array that the model has there, or one element."""
        handle = self.slots[slot]
        node = handle.disk.tree.nodes.get(normal(path)) if handle else None
        if node is None or node.is_group() or node.is_text():
            return np.zeros(1), False
        return node.data, True

    def op_write_slice(self, slot, path, seed):
        rng = np.random.default_rng(seed)
        array, _ = self.numbers_at(slot, path)
        text, index = cases.slice_of(rng, array.shape)
        part = array[index]
        if part.size == 0:
            return
        data = values(rng, array.dtype, part.shape)

        def plan(tree):
            node = tree.find(path, "numbers")

            def change():
                node.data[index] = data
            return change
        self.call(slot, f"write_slice({path!r}, {text!r}, {data.size} {data.dtype})", plan, lambda file: file.write_slice(path, text, data))

    def hyperslab(self, rng, shape):
        start, stride, count, block, index = [], [], [], [], []
        for extent in shape:
            b = int(rng.integers(1, extent + 1))
            s = b + int(rng.integers(0, 3))
            first = int(rng.integers(0, extent - b + 1))
            n = int(rng.integers(1, (extent - first - b) // s + 2))
            start.append(first), stride.append(s), count.append(n), block.append(b)
            index.append([first + i * s + j for i in range(n) for j in range(b)])
        return start, stride, count, block, np.ix_(*index)

    def op_write_hyperslab(self, slot, path, seed):
        rng = np.random.default_rng(seed)
        array, _ = self.numbers_at(slot, path)
        if array.ndim == 0 or array.size == 0:
            return
        start, stride, count, block, index = self.hyperslab(rng, array.shape)
        data = values(rng, array.dtype, array[index].shape)

        def plan(tree):
            node = tree.find(path, "numbers")

            def change():
                node.data[index] = data
            return change
        self.call(slot, f"write_hyperslab({path!r}, {start}, {stride}, {count}, {block})", plan,
                  lambda file: file.write_hyperslab(path, data, start, count, stride, block))

    def op_append(self, slot, path, dtype, shape, records, seed):
        rng = np.random.default_rng(seed)
        handle = self.slots[slot]
        there = handle.disk.tree.nodes.get(normal(path)) if handle else None
        if there is not None and there.grows and rng.random() < 0.8:
            shape = there.data.shape[1:]
        if there is not None and there.data is not None and not there.is_text():
            # Kinds that do not convert are for other tests.
            dtype = str(rng.choice(NUMBERS)) if there.data.dtype.kind in "fiu" else there.data.dtype.str.lstrip("<|>=")
            dtype = "?" if there.data.dtype == bool else dtype
        if records == 30 and np.prod(shape) < 10:
            # So many that a few of these outgrow the chunks of the series.
            records = 600
        data = values(rng, dtype, (records, *shape))
        options, stored = {}, data
        if rng.random() < 0.5 and 0 not in shape:
            options = {"chunks": [int(rng.integers(1, 9)), *(chunk_of(rng, n) for n in shape)]}
            for name, given in [("compression", "gzip"), ("shuffle", True), ("fletcher32", True)]:
                if rng.random() < 0.4:
                    options[name] = given
        if dtype in NUMBERS and rng.random() < 0.2:
            options["dtype"] = "f4"
            stored = data.astype("f4")
        if records != 1:
            options["records"] = records

        def appended(tree):
            node = tree.nodes.get(normal(path))
            if node is None:
                tree.can_make(path)
                return Node(stored.copy(), 0, True)
            if node.is_group():
                raise Refused("TYPE")
            if node.is_text():
                raise Refused("TYPE", "SHAPE")
            if not node.grows or node.data.shape[1:] != data.shape[1:]:
                raise Refused("SHAPE")
            longer = Node(np.concatenate([node.data, data.astype(node.data.dtype)]), node.fill, True)
            longer.attributes = node.attributes
            return longer

        def plan(tree):
            longer = appended(tree)
            return lambda: tree.put(path, longer)

        if options == {} and dtype == "f8":
            def invoke(file):
                api = self.api
                api.check(api.LIB.h5sim_append_f64(file.handle, path.encode(), len(shape), api.longs(shape), api.address(data)))
        else:
            def invoke(file):
                api = self.api
                api.check(api.LIB.h5sim_append(file.handle, path.encode(), api.CODES[data.dtype], len(shape), api.longs(shape),
                                               api.address(data), api.options_argument(options)))
        done = self.call(slot, f"append({path!r}, {dtype}{tuple(shape)}, {options})", plan, invoke)
        if done == "IO":
            try:
                handle.disk.doubt = (path, appended(handle.disk.tree))
            except Refused:
                pass

    def block_of(self, rng, shape):
        """Where a block of an array of that shape begins, its extents, and the index of it."""
        ends = [np.sort(rng.integers(0, extent + 1, 2)) for extent in shape]
        start, extents = [int(end[0]) for end in ends], [int(end[1] - end[0]) for end in ends]
        return start, extents, (*(slice(s, s + n) for s, n in zip(start, extents)), ...)

    def block_at(self, rng, slot, path, dtype, shape, leading):
        """A type that converts to that of the dataset at a path and mostly its shape, but for so many leading axes."""
        handle = self.slots[slot]
        there = handle.disk.tree.nodes.get(normal(path)) if handle else None
        if there is None or there.is_group() or there.is_text():
            return dtype, shape
        if rng.random() < 0.8 and there.data.ndim >= leading:
            shape = there.data.shape[leading:]
        if there.data.dtype.kind in "fiu":
            return str(rng.choice(NUMBERS)), shape
        return "?" if there.data.dtype == bool else there.data.dtype.str.lstrip("<|>="), shape

    def op_write_block(self, slot, path, dtype, seed, overwrite):
        rng = np.random.default_rng(seed)
        shape = shape_of(rng)
        dtype, shape = self.block_at(rng, slot, path, dtype, shape, 0)
        start, extents, index = self.block_of(rng, shape)
        if rng.random() < 0.2:
            start, extents, index = [0] * len(shape), list(shape), (...,)
        whole, data = cases.strided(rng, dtype, extents)
        data[...] = values(rng, dtype, extents)
        options, stored, fill, grows = {}, np.dtype(dtype), 0, False
        if rng.random() < 0.4:
            options = filters_of(rng, shape, dtype)
            grows = bool(options.get("maxshape")) and options["maxshape"][0] is None
        if dtype in NUMBERS and rng.random() < 0.3:
            fill = options["fillvalue"] = int(rng.integers(0, 100))
        if dtype in NUMBERS and rng.random() < 0.2:
            options["dtype"] = str(rng.choice(["f4", "f8", ">i4"]))
            stored = np.dtype(options["dtype"]).newbyteorder("=")
        if overwrite:
            options["overwrite"] = True

        def plan(tree):
            node = tree.nodes.get(normal(path))
            if node is not None and node.is_group():
                raise Refused("EXISTS" if overwrite else "TYPE")
            is_like = node is not None and not node.is_text() and node.data.shape == tuple(shape)
            if node is not None and not overwrite:
                if node.is_text():
                    raise Refused("TYPE", "SHAPE")
                if not is_like:
                    raise Refused("SHAPE")
            elif node is None or not is_like or node.data.dtype != stored:
                tree.can_make(path, overwrite)
                node = Node(np.full(shape, fill).astype(stored), fill, grows)

            def change():
                node.data[index] = data.astype(stored if tree.nodes.get(normal(path)) is not node else node.data.dtype)
                tree.put(path, node)
            return change
        self.call(slot, f"write_block({path!r}, {dtype}{tuple(extents)} at {start} of {tuple(shape)}, {options})", plan,
                  lambda file: file.write_block(path, data, shape, start, **options))

    def op_append_block(self, slot, path, dtype, shape, seed):
        rng = np.random.default_rng(seed)
        handle = self.slots[slot]
        dtype, shape = self.block_at(rng, slot, path, dtype, shape, 1)
        start, extents, index = self.block_of(rng, shape)
        whole, data = cases.strided(rng, dtype, extents)
        data[...] = values(rng, dtype, extents)
        options = {}
        if rng.random() < 0.5 and 0 not in shape:
            options = {"chunks": [int(rng.integers(1, 9)), *(chunk_of(rng, n) for n in shape)]}
            if rng.random() < 0.4:
                options["compression"] = "gzip"

        def appended(tree):
            node = tree.nodes.get(normal(path))
            if node is None:
                tree.can_make(path)
                node = Node(np.zeros((0, *shape), dtype), 0, True)
            elif node.is_group():
                raise Refused("TYPE")
            elif node.is_text():
                raise Refused("TYPE", "SHAPE")
            if not node.grows or node.data.shape[1:] != tuple(shape):
                raise Refused("SHAPE")
            record = np.full((1, *shape), node.fill).astype(node.data.dtype)
            record[(0, *index)] = data.astype(node.data.dtype)
            longer = Node(np.concatenate([node.data, record]), node.fill, True)
            longer.attributes = node.attributes
            return longer

        def plan(tree):
            longer = appended(tree)
            return lambda: tree.put(path, longer)
        done = self.call(slot, f"append_block({path!r}, {dtype}{tuple(extents)} at {start} of {tuple(shape)}, {options})", plan,
                         lambda file: file.append_block(path, data, shape, start, **options))
        if done == "IO":
            try:
                handle.disk.doubt = (path, appended(handle.disk.tree))
            except Refused:
                pass

    def op_info(self, slot, path):
        found = self.call(slot, f"info({path!r})", lambda tree: tree.find(path, "numbers", "text") and None,
                          lambda file: file.info(path), writes=False)
        if isinstance(found, tuple):
            node = self.slots[slot].disk.tree.find(path)
            dtype = "TEXT" if node.is_text() else self.api.NAMES[self.api.CODES[node.data.dtype]]
            expect(found == (dtype, node.data.shape), f"'{path}' is", found, "expected", (dtype, node.data.shape))

    def read_dtype(self, rng, array):
        return str(rng.choice(NUMBERS)) if array.dtype.kind in "fiub" and rng.random() < 0.3 else array.dtype

    def compare(self, slot, path, found, expected, dtype):
        if isinstance(found, np.ndarray):
            expected = np.asarray(expected).astype(dtype)
            expect(found.shape == expected.shape, f"'{path}' gave the shape", found.shape, "expected", expected.shape)
            expect((found == expected).all(), f"'{path}' gave", found.tolist() if found.size < 50 else found,
                   "expected", expected.tolist() if expected.size < 50 else expected)

    def op_read(self, slot, path, seed):
        rng = np.random.default_rng(seed)
        array, is_there = self.numbers_at(slot, path)
        text, index = cases.slice_of(rng, array.shape)
        dtype = self.read_dtype(rng, array)
        plan = lambda tree: tree.find(path, "numbers") and None
        way = rng.random()
        if way < 0.2 and array.dtype.kind in "fiub":
            dtype = "f8"
            target = np.empty(array[index].shape)

            def invoke(file):
                api = self.api
                api.check(api.LIB.h5sim_read_f64(file.handle, path.encode(), api.text_argument(text), target.size, api.address(target)))
                return target
        elif way < 0.4 and array[index].size < 2000:
            whole, view = cases.strided(rng, dtype, np.shape(array[index]))
            kept = whole.copy()

            def invoke(file):
                file.read_into(path, view, text)
                found = view.copy()
                # What is between the elements stays.
                view[...] = 0
                around = whole.copy()
                whole[...] = kept
                view[...] = 0
                expect(whole.tobytes() == around.tobytes(), f"reading '{path}' touched what is between the elements")
                return found
        elif way < 0.6 and array.ndim > 0 and array.size > 0:
            start, stride, count, block, index = self.hyperslab(rng, array.shape)
            invoke = lambda file: file.read_hyperslab(path, start, count, stride, block, dtype)
        elif way < 0.7 and array.size < 2000:
            start, extents, index = self.block_of(rng, array.shape)
            _, view = cases.strided(rng, dtype, extents)

            def invoke(file):
                file.read_block(path, view, start)
                return view.copy()
        else:
            invoke = lambda file: file.read(path, text, dtype)
        found = self.call(slot, f"read({path!r}, {text!r}, {dtype})", plan, invoke, writes=False)
        if is_there:
            self.compare(slot, path, found, array[index], dtype)

    def op_slice_shape(self, slot, path, seed):
        array, is_there = self.numbers_at(slot, path)
        text, index = cases.slice_of(np.random.default_rng(seed), array.shape)
        found = self.call(slot, f"slice_shape({path!r}, {text!r})", lambda tree: tree.find(path, "numbers") and None,
                          lambda file: file.slice_shape(path, text), writes=False) if is_there else None
        if isinstance(found, tuple):
            expect(found == array[index].shape, text, "has the shape", found, "expected", array[index].shape)

    # Operations: texts.

    def op_write_text(self, slot, path, text):
        def plan(tree):
            tree.can_make(path)
            return lambda: tree.put(path, Node(np.array(text, dtype=object)))
        self.call(slot, f"write_text({path!r}, {text!r})", plan, lambda file: file.write_text(path, text))

    def op_write_texts(self, slot, path, seed):
        rng = np.random.default_rng(seed)
        data = texts(rng, cases.shape(rng, int(rng.integers(0, 3)), 4))

        def plan(tree):
            tree.can_make(path)
            return lambda: tree.put(path, Node(data))
        self.call(slot, f"write_texts({path!r}, {data.tolist()!r})", plan, lambda file: file.write_texts(path, data))

    def op_write_json(self, slot, path, text):
        def plan(tree):
            try:
                json.loads(text)
            except ValueError:
                raise Refused("JSON", *self.refusals(tree, path))
            tree.can_make(path)
            return lambda: tree.put(path, Node(np.array(text, dtype=object)))
        self.call(slot, f"write_json({path!r}, {text!r})", plan, lambda file: file.write_json(path, text))

    def refusals(self, tree, path):
        try:
            tree.can_make(path)
        except Refused as refused:
            return refused.statuses
        return set()

    def op_read_texts(self, slot, path):
        found = self.call(slot, f"read_texts({path!r})", lambda tree: tree.find(path, "text") and None,
                          lambda file: file.read_texts(path), writes=False)
        if isinstance(found, list):
            data = self.slots[slot].disk.tree.find(path).data
            expected = data.tolist() if data.ndim else [data.item()]
            expect(found == expected, f"'{path}' gave", found, "expected", expected)

        def single(tree):
            if tree.find(path, "text").data.ndim:
                # An array of one text is one text too.
                raise Refused("nothing" if tree.find(path).data.size == 1 else "SHAPE")
        found = self.call(slot, f"read_text({path!r})", single, lambda file: file.read_text(path), writes=False)
        if isinstance(found, str) and found != "IO":
            expected = self.slots[slot].disk.tree.find(path).data.item()
            expect(found == expected, f"'{path}' gave", found, "expected", expected)

        def is_json(tree):
            single(tree)
            try:
                json.loads(tree.find(path).data.item())
            except ValueError:
                raise Refused("JSON")
        self.call(slot, f"read_json({path!r})", is_json, lambda file: file.read_json(path), writes=False)

    def op_overwrite_text(self, slot, path, text):
        def plan(tree):
            old = tree.can_make(path, True)

            def change():
                if old is not None and old.is_text() and not old.data.ndim and not hasattr(old, "is_log") \
                        and len(old.data.item().encode() or b"x") == len(text.encode() or b"x") \
                        and old.data.item().isascii() == text.isascii():
                    old.data = np.array(text, dtype=object)
                else:
                    tree.put(path, Node(np.array(text, dtype=object)))
            return change
        self.call(slot, f"write_text_with({path!r}, {text!r}, overwrite)", plan,
                  lambda file: file.write_text_with(path, text, overwrite=True))

    def op_append_text(self, slot, text):
        def plan(tree):
            old = tree.nodes.get("log")

            def change():
                node = Node(np.array([*(old.data if old else []), text], dtype=object))
                node.attributes, node.grows = old.attributes if old else {}, True
                tree.put("log", node)
            return change
        handle = self.slots[slot]
        if handle is not None and self.is_tight():
            return
        self.call(slot, f"append_text('log', {text!r})", plan, lambda file: file.append_text("log", text))

    # Operations: attributes.

    def op_set_attr(self, slot, path, name, seed):
        rng = np.random.default_rng(seed)
        if rng.random() < 0.4:
            value = str(rng.choice(["", "m/s", "ünï", "x" * 500]))
            invoke = lambda file: file.set_attr_text(path, name, value)
        else:
            dtype = str(rng.choice(DTYPES))
            value = values(rng, dtype, cases.shape(rng, int(rng.integers(0, 3)), 5))
            invoke = lambda file: file.set_attr(path, name, value)

        def plan(tree):
            node = tree.find(path)
            return lambda: node.attributes.__setitem__(name, value)
        what = repr(value) if isinstance(value, str) else f"{value.dtype}{value.shape}"
        self.call(slot, f"set_attr({path!r}, {name!r}, {what})", plan, invoke)

    def op_get_attr(self, slot, path, name):
        def plan(kind):
            def look(tree):
                node = tree.find(path)
                if name not in node.attributes:
                    raise Refused("NOT_FOUND")
                if kind and kind != isinstance(node.attributes[name], str):
                    raise Refused("TYPE")
            return look
        handle = self.slots[slot]
        node = handle.disk.tree.nodes.get(normal(path)) if handle else None
        value = node.attributes.get(name) if node else None
        info = self.call(slot, f"attr_info({path!r}, {name!r})", plan(None), lambda file: file.attr_info(path, name), writes=False)
        if isinstance(value, str):
            found = self.call(slot, f"get_attr_text({path!r}, {name!r})", plan(None), lambda file: file.get_attr_text(path, name),
                              writes=False)
            expect(found in [value, "IO", None], f"attribute '{name}' of '{path}' is", found, "expected", value)
            expect(not isinstance(info, tuple) or info[0] == "TEXT", "attr_info gave", info)
        elif value is not None:
            found = self.call(slot, f"get_attr({path!r}, {name!r})", plan(None), lambda file: file.get_attr(path, name, value.dtype),
                              writes=False)
            expect(not isinstance(found, np.ndarray) or cases.same(found, value), f"attribute '{name}' of '{path}' is", found,
                   "expected", value)
            expect(not isinstance(info, tuple) or info[1] == value.shape, "attr_info gave", info)
        found = self.call(slot, f"attr_keys({path!r})", lambda tree: tree.find(path) and None, lambda file: file.attr_keys(path),
                          writes=False)
        if isinstance(found, list):
            expect(found == sorted(node.attributes), f"'{path}' has the attributes", found, "expected", sorted(node.attributes))

    def op_delete_attr(self, slot, path, name):
        def plan(tree):
            node = tree.find(path)
            if name not in node.attributes:
                raise Refused("NOT_FOUND")
            return lambda: node.attributes.pop(name)
        self.call(slot, f"delete_attr({path!r}, {name!r})", plan, lambda file: file.delete_attr(path, name))

    # Everything.

    def op_look(self, slot):
        """All that a handle sees."""
        handle = self.slots[slot]
        if handle is None or not self.settle_doubt(handle):
            return
        self.op_tree(slot, "")
        for path, node in sorted(handle.disk.tree.nodes.items()):
            if node.is_text():
                self.op_read_texts(slot, path)
            elif not node.is_group():
                self.op_info(slot, path)
                found = self.call(slot, f"read({path!r})", lambda tree: None, lambda file: file.read(path, None, node.data.dtype),
                                  writes=False)
                self.compare(slot, path, found, node.data, node.data.dtype)
            for name in sorted(node.attributes):
                self.op_get_attr(slot, path, name)

    def begin(self):
        """What an earlier process left is one of the states that it may have left."""
        for disk in self.files:
            if disk.states == [None] or "anything" in disk.states:
                self.choose_state(disk)
                continue
            if None not in disk.states:
                # A reader beside a journal that is still to be applied.
                reader, status = self.status_of("open r", lambda: self.api.File(disk.path, "r"))
                expect(status is None, "what was left cannot be read:", status, reader)
                reader.close()
            disk.states = disk.states * 2 if len(disk.states) == 1 else disk.states
            self.choose_state(disk)

    def run(self, operations, first):
        for index in range(first, len(operations)):
            self.index = index
            name, *arguments = operations[index]
            self.tell(("at", index))
            if self.trace:
                print(f"{operations[index]}", flush=True)
            self.called.add(name)
            getattr(self, "op_" + name)(*arguments)
        # At the end everything is closed, and with room.
        self.op_room()
        self.index = len(operations)
        signal.setitimer(signal.ITIMER_REAL, 0)
        self.armed = False
        for slot in range(SLOTS):
            if self.slots[slot] is not None:
                self.op_look(slot)
        for slot in range(SLOTS):
            if self.slots[slot] is not None:
                self.op_close(slot)
        for number in range(FILES):
            self.op_peek(number)
            expect(not os.path.exists(self.files[number].path + "-journal"), "a journal is left after the last close")


def random_program(rng, length):
    """Operations as data; weights are what makes them meet."""
    def seed():
        return int(rng.integers(1 << 31))

    def path():
        return PATHS[int(rng.integers(len(PATHS)))]

    def pick(*choices):
        return choices[int(rng.integers(len(choices)))]

    def slot():
        return int(rng.choice(4, p=[0.5, 0.3, 0.15, 0.05])) % SLOTS

    def dtype():
        return pick("f8", *DTYPES)

    records = [(), (), (3,), (2, 2), (400,), *([(5000,), (70, 70)] if LARGE else [])]

    def options():
        chosen = {"libver": "latest"} if pick(*[False] * 3, True) else {}
        return {**chosen, "memory": pick(1 << 16, 1 << 20, "8 MiB", "256 MiB")} if LARGE else chosen

    def opening():
        return ("open", slot(), pick(0, 0, 0, 1), pick("r+", "r+", "a", "a", "r", "w", "w-"), pick("kill", "kill", "kill", "power", "none"),
                options())

    makers = [
        (10, opening),
        (5, lambda: ("close", slot())),
        (7, lambda: ("commit", slot())),
        (0.5, lambda: ("finalize",)),
        (1, lambda: ("kill",)),
        (1, lambda: ("kill_after", int(rng.integers(100, 60000)))),
        (0.7, lambda: ("exit",)),
        (0.8, lambda: ("fill",)),
        (2, lambda: ("room",)),
        (2, lambda: ("peek", pick(0, 1))),
        (2, lambda: ("h5py", pick(0, 0, 1), seed())),
        (1, lambda: ("fork", seed())),
        (1, lambda: ("threads", seed())),
        (2, lambda: ("create_group", slot(), path())),
        (2, lambda: ("exists", slot(), path())),
        (2, lambda: ("keys", slot(), pick("", "/", path()))),
        (1, lambda: ("tree", slot(), pick("", "g", path()))),
        (5, lambda: ("delete", slot(), pick("/", *PATHS * 3))),
        (4, lambda: ("move", slot(), path(), path())),
        (3, lambda: ("copy", slot(), pick("", path(), path(), path()), slot(), pick("g/copy", "copy", path()))),
        (3, lambda: ("resize", slot(), pick("s", "t", path()), seed())),
        (1, lambda: ("layout", slot(), path())),
        (12, lambda: ("write", slot(), path(), dtype(), seed(), pick(True, False))),
        (3, lambda: ("many", slot(), seed())),
        (5, lambda: ("create", slot(), path(), dtype(), seed(), pick(True, False, False))),
        (8, lambda: ("write_slice", slot(), path(), seed())),
        (4, lambda: ("write_hyperslab", slot(), path(), seed())),
        (20, lambda: ("append", slot(), pick("a", "g/a", "s", "s", "t", path()), pick("f8", "f8", dtype()),
                      pick(*records), pick(1, 1, 1, 4, 30), seed())),
        (6, lambda: ("write_block", slot(), path(), dtype(), seed(), pick(True, False, False))),
        (6, lambda: ("append_block", slot(), pick("a", "g/a", "s", "s", "t", path()), pick("f8", "f8", dtype()),
                     pick(*records), seed())),
        (2, lambda: ("info", slot(), path())),
        (6, lambda: ("read", slot(), pick("s", path()), seed())),
        (1, lambda: ("slice_shape", slot(), path(), seed())),
        (2, lambda: ("write_text", slot(), path(), pick("", "a text", '{"a": 1}', "ü"))),
        (1, lambda: ("write_texts", slot(), path(), seed())),
        (1, lambda: ("write_json", slot(), path(), pick('{"a": [1, 2.5]}', "[", "1"))),
        (2, lambda: ("overwrite_text", slot(), path(), pick("", "a text", "text b", "ü"))),
        (3, lambda: ("append_text", slot(), pick("", "a line", "ü"))),
        (2, lambda: ("read_texts", slot(), pick("log", path()))),
        (6, lambda: ("set_attr", slot(), pick("", "s", path()), pick("n", "unit", "x y"), seed())),
        (3, lambda: ("get_attr", slot(), pick("", "s", path()), pick("n", "unit", "by h5py"))),
        (2, lambda: ("delete_attr", slot(), pick("", "s", path()), pick("n", "unit", "by h5py"))),
        (3, lambda: ("look", slot())),
    ]
    weights = np.array([0 if maker()[0] in WITHOUT else weight for weight, maker in makers], float)
    weights /= weights.sum()
    program = [("open", 0, 0, "w", pick("kill", "kill", "power", "none"), options())]
    for _ in range(length):
        program.append(makers[int(rng.choice(len(makers), p=weights))][1]())
    return program


# Processes.

def child_process(operations, first, folder, states, small, write_end, trace, make_runner):
    """Runs the program from `first` on; never returns."""
    def tell(message):
        data = pickle.dumps(message)
        data = struct.pack("<Q", len(data)) + data
        while data:
            data = data[os.write(write_end, data):]

    try:
        runner = make_runner(folder, states, small, tell, trace)
        runner.begin()
        runner.run(operations, first)
        tell(("called", sorted(runner.called)))
        tell(("end",))
    except Failure as failure:
        tell(("failure", str(failure)))
    except BaseException:
        tell(("failure", traceback.format_exc()))
    sys.stdout.flush()
    os._exit(0)


PATIENCE = 120


def run_part(operations, first, folder, states, small, trace, make_runner):
    """One process of a program: gives its messages, how it ended, and what it had printed on stderr."""
    read_end, write_end = os.pipe()
    errors = os.memfd_create("stderr")
    process = os.fork()
    if process == 0:
        os.close(read_end)
        os.dup2(errors, 2)
        child_process(operations, first, folder, states, small, write_end, trace, make_runner)
    os.close(write_end)
    data, deadline, is_late = b"", time.monotonic() + PATIENCE, False
    while True:
        ready, _, _ = select.select([read_end], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            is_late = True
            os.kill(process, signal.SIGKILL)
            deadline += 10
            continue
        piece = os.read(read_end, 1 << 20)
        if not piece:
            break
        data += piece
    os.close(read_end)
    _, status = os.waitpid(process, 0)
    said = os.pread(errors, 1 << 20, 0).decode(errors="replace")
    os.close(errors)
    messages, at = [], 0
    while at + 8 <= len(data):
        length, = struct.unpack_from("<Q", data, at)
        if at + 8 + length > len(data):
            break
        messages.append(pickle.loads(data[at + 8:at + 8 + length]))
        at += 8 + length
    return messages, "late" if is_late else status, said


def failure_of(operations, folder, small, called=None, trace=False, make_runner=Runner):
    """Runs a program from an empty folder; gives what was wrong, or None."""
    for name in os.listdir(folder):
        os.unlink(os.path.join(folder, name))
    states, first = [[None] for _ in range(FILES)], 0
    while True:
        messages, status, said = run_part(operations, first, folder, states, small, trace, make_runner)
        at = max([message[1] for message in messages if message[0] in ["at", "states"]], default=first)
        where = f"operation {at}, {operations[at] if at < len(operations) else 'the end'}"
        for message in messages:
            if message[0] == "called" and called is not None:
                called.update(message[1])
            if message[0] == "failure":
                return f"{where}: {message[1]}"
        if said:
            return f"{where}: something was printed: {said}"
        if status == "late":
            return f"{where}: no end after {PATIENCE} seconds"
        if ("end",) in messages:
            return None if status == 0 else f"the end: wait status {status}"
        latest = [message for message in messages if message[0] == "states"]
        died = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        name = operations[at][0] if at < len(operations) else "end"
        is_meant = (died == signal.SIGKILL and name == "kill") or (died == signal.SIGALRM and latest) \
            or (status == 0 and name == "exit")
        if not is_meant or not latest:
            return f"{where}: the process ended with signal {died}, wait status {status}"
        states, first = [list(dict.fromkeys(state)) for state in latest[-1][2]], at + 1
        # A filler is in nobody's way in the next process.
        if os.path.exists(os.path.join(folder, "filler")):
            os.unlink(os.path.join(folder, "filler"))


def kind_of(failure):
    """What two failures have in common that come from one defect: the words, not names and numbers."""
    return failure and re.sub(r"'[^']*'|\[[^]]*\]|\d+", "", failure.partition("): ")[2] or failure)[:60]


def shrunk(operations, fails, seconds=60):
    """A shorter program that fails as well: parts are left out as long as it does, for so long."""
    deadline, size = time.monotonic() + seconds, len(operations) // 2
    while size >= 1 and time.monotonic() < deadline:
        at = 0
        while at < len(operations) and time.monotonic() < deadline:
            shorter = operations[:at] + operations[at + size:]
            if fails(shorter):
                operations = shorter
            else:
                at += size
        size //= 2
    return operations


# Programs on a small disk that were once answered wrongly.
ONCE_WRONG = [
    # A block that is refused lies over one that is there, of which the disk has taken the beginning.
    [("open", 0, 0, "a", "power"), ("write_block", 0, "n/z", "u4", 1082342406, False), ("fill",),
     ("write_block", 0, "n/z", "c8", 1462141085, False)],
    # The extents of a series are cut again, for which the chunk at the border is stored anew.
    [("open", 0, 0, "a", "power"), ("append", 0, "s", "i2", (), 1, 1996522079), ("fill",), ("commit", 0),
     ("append", 0, "s", "f8", (400,), 30, 673148078), ("commit", 0)],
    # What was to take the place of another one is there beside it, as it was the first time.
    [("open", 0, 0, "w", "kill"), ("create", 0, "b", "i4", 843864455, False), ("overwrite_text", 0, "b", "a text"),
     ("append", 0, "s", "f8", (2, 2), 4, 442659019), ("fill",), ("write", 0, "a", "c16", 1169287379, False),
     ("write", 0, "b", "i2", 29, True), ("room",), ("exists", 0, "b (new 0)"), ("look", 0)],
]


def main():
    small = sys.argv[-1] == "disk"
    if sys.argv[1] == "replay":
        with open(sys.argv[2]) as file:
            program = ast.literal_eval(file.read())
        failure = failure_of(program, sys.argv[3], small, trace=True)
        print(failure or "nothing fails")
        return 0 if failure is None else 1
    seed, seconds, folder = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
    begin, number, called = time.monotonic(), 0, set()
    for program in ONCE_WRONG if small else []:
        failure = failure_of(program, folder, small, called)
        if failure is not None:
            print(f"{program}: {failure}", flush=True)
            return 1
    while number < 3 or time.monotonic() - begin < seconds:
        rng = np.random.default_rng([seed, number])
        program = random_program(rng, int(rng.integers(5, 120)))
        failure = failure_of(program, folder, small, called)
        if failure is not None:
            print(f"seed {seed}, program {number}: {failure}", flush=True)
            program = shrunk(program, lambda shorter: kind_of(failure_of(shorter, folder, small)) == kind_of(failure))
            print("shrunk, for model.py replay:\n[")
            for operation in program:
                print(f"    {operation!r},")
            print("]\nwhich does:", flush=True)
            print(failure_of(program, folder, small, trace=True))
            return 1
        number += 1
    never = {name[3:] for name in dir(Runner) if name.startswith("op_")} - called - {"kill", "kill_after", "exit"} - set(WITHOUT)
    print(f"{number} programs, seed {seed}")
    # In a short run not all need to have happened.
    if seconds >= 60 and never - ({"fill"} if not small else set()):
        print("never called:", sorted(never))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
