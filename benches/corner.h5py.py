"""A 2x2 corner of a dataset, by path and slice; the time of one read."""

import time

import h5py
import numpy as np

READS = 5000
data = np.random.random((1000, 1000))
with h5py.File("a.h5", "w") as file:
    file.create_dataset("a", data=data)

with h5py.File("a.h5", "r") as file:
    start = time.perf_counter()
    for _ in range(READS):
        corner = file["a"][:2, :2]
    print("read", (time.perf_counter() - start) / READS)
assert corner[1, 1] == data[1, 1]
