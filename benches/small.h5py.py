"""20,000 datasets of 8 float64 in one group."""

import time

import h5py
import numpy as np

data = np.random.default_rng(1).random((20_000, 8))

start = time.perf_counter()
with h5py.File("a.h5", "w") as file:
    group = file.create_group("group")
    for i in range(20_000):
        group[str(i)] = data[i]
print("write", time.perf_counter() - start)
