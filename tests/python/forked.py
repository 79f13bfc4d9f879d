"""Ranks without MPI: forked processes, and an allgather through memory that they share."""

import ctypes
import mmap
import os
import signal
import sys
import traceback

from h5sim_ctypes import LIB, File, check, options_argument

LIBC = ctypes.CDLL(None, use_errno=True)
ALLGATHER = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p)
BARRIERS = 256
ATTRIBUTE = 64


class Communicator:
    """Memory for so many ranks, made before they are forked. A rank that does not come keeps the others waiting, for ever."""

    def __init__(self, ranks, room=16 << 20):
        self.ranks, self.room = ranks, room
        self.memory = mmap.mmap(-1, BARRIERS + ranks * room)
        self.start = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        attribute = ctypes.create_string_buffer(ATTRIBUTE)
        assert LIBC.pthread_barrierattr_init(attribute) == 0
        assert LIBC.pthread_barrierattr_setpshared(attribute, 1) == 0
        assert LIBC.pthread_barrier_init(ctypes.c_void_p(self.start), attribute, ranks) == 0
        self.callback = ALLGATHER(self.allgather)
        self.calls, self.bytes, self.fail_at, self.rank = 0, 0, None, None

    def wait(self):
        LIBC.pthread_barrier_wait(ctypes.c_void_p(self.start))

    def allgather(self, _, mine, count, everything):
        self.calls += 1
        self.bytes += count
        if self.fail_at is not None and self.calls >= self.fail_at:
            return -3
        assert count <= self.room, count
        slots = self.start + BARRIERS
        ctypes.memmove(slots + self.rank * self.room, mine, count)
        self.wait()
        for rank in range(self.ranks):
            ctypes.memmove(everything + rank * count, slots + rank * self.room, count)
        self.wait()
        return 0


class RankFile(File):
    """An open file of many ranks."""

    def __init__(self, communicator, path, mode="r", rank=None, ranks=None, **options):
        handle = ctypes.c_int64()
        rank = communicator.rank if rank is None else rank
        ranks = communicator.ranks if ranks is None else ranks
        check(LIB.h5sim_open_ranks(path if path is None else str(path).encode(), mode.encode(), options_argument(options), rank, ranks,
                                   ctypes.cast(communicator.callback, ctypes.c_void_p), None, ctypes.byref(handle)))
        self.handle = handle.value


def start(ranks, body, limit=60, room=16 << 20):
    """Forks the ranks, each of which calls body(communicator, rank); gives their process numbers."""
    sys.stdout.flush()
    communicator = Communicator(ranks, room)
    children = []
    for rank in range(ranks):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                signal.alarm(limit)
                communicator.rank = rank
                body(communicator, rank)
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
        children.append(child)
    return children


def run(ranks, body, limit=60, room=16 << 20):
    """Runs body(communicator, rank) on so many ranks; all have to end well in time."""
    statuses = [os.waitpid(child, 0)[1] for child in start(ranks, body, limit, room)]
    assert statuses == [0] * ranks, f"{body.__name__} on {ranks} ranks ended with {statuses}"
