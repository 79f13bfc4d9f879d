"""256 MiB as one contiguous dataset."""

import time

import h5py
import numpy as np

data = np.random.random((4096, 8192))
found = np.ones_like(data)

start = time.perf_counter()
with h5py.File("a.h5", "w") as file:
    file.create_dataset("a", data=data)
print("write", time.perf_counter() - start)

start = time.perf_counter()
with h5py.File("a.h5", "r") as file:
    file["a"].read_direct(found)
print("read", time.perf_counter() - start)
assert (found == data).all()
