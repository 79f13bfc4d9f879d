"""Reads what the examples in Fortran and Julia wrote as a user of h5py would. argv[1] is their folder."""

import json
import os
import sys

import h5py
import numpy as np

os.chdir(sys.argv[1])
META = {
    "model": {"k0": 1.2, "k1": 1.3, "tau": 0.01, "mass": 123.0},
    "integrator": {"dt": 0.001, "method": "rk4"},
    "data": {"source_path": "path/to/data", "host": "bluecrab"},
}

with h5py.File("my_data.hdf5", "r") as file:
    assert list(file) == ["result_1"]
    assert file["result_1"].shape == (5, 4, 3) and file["result_1"].dtype == np.float64

with h5py.File("richer_data.hdf5", "r") as file:
    assert list(file["timeseries"]) == [str(i) for i in range(10)]
    assert all(file[f"timeseries/{i}"].shape == (1000, 2) for i in range(10))
    difference = file["timeseries/8"][999, 1] - file["timeseries/0"][999, 1]
    assert abs(difference - 8) < 1e-12, difference
    text = file["meta"][()]
    assert file["meta"].dtype == np.dtype(f"S{len(text)}") and json.loads(text.decode()) == META

with h5py.File("data_eba300792d.h5py", "r") as file:
    assert json.loads(file["meta"][()]) == META

with h5py.File("rewound.h5", "r") as file:
    assert file["time"][()].tolist() == [0, 1, 2, 3, 4, 5, 6, 6.25, 6.5, 6.75, 7]
    assert np.array_equal(file["energy"], 10 - file["time"][()])

with h5py.File("order.hdf5", "r") as file:
    # Fortran's and Julia's a(i, j) = 10 i + j, with i = 1 to 3 and j = 1 to 4.
    wanted = [[10 * i + j for i in range(1, 4)] for j in range(1, 5)]
    assert file["a"][()].tolist() == wanted
