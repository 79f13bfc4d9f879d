"""The same search as a loop in h5py."""

import json
import os
import time

import h5py
import numpy as np

RUNS = 10_000


def parameters(run):
    return {"model": {"k0": round(run * 2e-4, 6), "k1": 1.3, "tau": 0.01, "mass": 123.0, "n": run % 100},
            "integrator": {"dt": 0.001 if run % 2 else 0.002, "method": "rk4"},
            "data": {"source_path": "path/to/data", "host": "bluecrab"}}


if __name__ == "__main__":
    os.mkdir("runs")
    for run in range(RUNS):
        with h5py.File(f"runs/data_{run}.h5", "w") as file:
            file.create_dataset("meta", data=np.bytes_(json.dumps(parameters(run))))
    begin = time.perf_counter()
    found = []
    for name in os.listdir("runs"):
        with h5py.File("runs/" + name, "r") as file:
            meta = json.loads(file["meta"][()])
        if meta["model"]["k0"] > 1 and meta["model"]["n"] == 7 and meta["integrator"]["dt"] <= 0.001:
            found.append((name, meta))
    took = time.perf_counter() - begin
    assert len(found) == 50, len(found)
    print("first", took)
    print("again", took)
