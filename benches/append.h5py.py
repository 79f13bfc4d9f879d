"""Records of 8 float64, one after the other. Only 20,000 of the 1,000,000: the time is multiplied."""

import time

import h5py
import numpy as np

data = np.random.default_rng(1).random((1024, 8))
records = 20_000

start = time.perf_counter()
with h5py.File("a.h5", "w") as file:
    dataset = file.create_dataset("a", (0, 8), "f8", maxshape=(None, 8), chunks=(4096, 8))
    for i in range(records):
        dataset.resize(i + 1, axis=0)
        dataset[i] = data[i % 1024]
print("append", (time.perf_counter() - start) * (1_000_000 / records))
