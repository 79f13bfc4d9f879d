"""Reads what the examples wrote as a user of h5py would. argv[1] is their folder."""

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

with h5py.File("my_data.hdf5", "r") as fp:
    assert list(fp.keys()) == ["result_1"]
    data = fp["result_1"]
    assert data.shape == (5, 4, 3) and data.dtype == np.float64
    assert data[:2, ..., :2].shape == (2, 4, 2)
    assert 0 <= data[()].min() < data[()].max() <= 1

with h5py.File("richer_data.hdf5", "r") as fp:
    assert list(fp["timeseries"].keys()) == [str(i) for i in range(10)]
    for i in range(10):
        data = fp[f"timeseries/{i}"]
        assert np.array_equal(data[()], i + np.arange(2000).reshape(1000, 2) / 2000)
    meta = fp["meta"]
    text = json.dumps(META)
    # As `create_dataset('meta', data=np.bytes_(text))` makes it.
    assert meta.shape == () and meta.dtype == np.dtype(f"S{len(text)}"), meta.dtype
    assert meta[()] == text.encode()
    assert json.loads(fp["meta"][()].decode()) == META

with h5py.File("data_eba300792d.h5py", "r") as fp:
    assert json.loads(fp["meta"][()].decode()) == META

with h5py.File("rewound.h5", "r") as fp:
    assert fp["time"][()].tolist() == [0, 1, 2, 3, 4, 5, 6, 6.25, 6.5, 6.75, 7]
    assert np.array_equal(fp["energy"], 10 - fp["time"][()])

with h5py.File("errors.hdf5", "r") as fp:
    assert list(fp.keys()) == ["a", "note"]
    assert fp["a"][()].tolist() == [[1, 2, 3], [4, 5, 6]]
