"""5,000 datasets of 1000x2 in one group."""

import time

import h5py
import numpy as np

data = np.random.random((1000, 2))

start = time.perf_counter()
with h5py.File("a.h5", "w") as file:
    group = file.create_group("timeseries")
    for i in range(5000):
        group.create_dataset(str(i), data=data)
print("write", time.perf_counter() - start)

start = time.perf_counter()
with h5py.File("a.h5", "r") as file:
    for i in range(5000):
        file[f"timeseries/{i}"][()]
print("read", time.perf_counter() - start)
