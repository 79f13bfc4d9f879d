"""Reads what tests/cpp/arrays.cpp wrote as a user of h5py would. argv[1] is the file."""

import json
import sys

import h5py
import numpy as np

TYPES = {"f64": "f8", "f32": "f4", "i64": "i8", "long_long": "i8", "i32": "i4", "i16": "i2", "i8": "i1", "u64": "u8",
         "u32": "u4", "u16": "u2", "u8": "u1", "c128": "c16", "c64": "c8"}

with h5py.File(sys.argv[1], "r") as file:
    for name, dtype in TYPES.items():
        wanted = np.arange(1, 13).astype(dtype)
        for found in (file[f"types/{name}"], file[f"types/{name}"].attrs["all"], file[f"series/{name}"][0]):
            assert found.dtype == wanted.dtype and np.array_equal(found[()], wanted), name
        assert file[f"scalars/{name}"][()] == wanted[4] and file[f"series/{name}"].shape == (3, 12)
        assert not file[f"series/{name}"][1:].any()
    assert file["types/bool"].dtype == bool and file["types/bool"][()].tolist() == [True, False, True]
    table = np.arange(12.0).reshape(3, 4)
    for name in ("c_array", "array", "vector_of_arrays", "options"):
        assert np.array_equal(file[name][()], table), name
    options = file["options"]
    assert options.chunks == (3, 2) and options.maxshape == (None, 4) and options.dtype == "f4" and options.shuffle
    assert options.compression == "gzip" and options.compression_opts == 7 and options.fillvalue == np.float32(0.1)
    inside = np.arange(1.0, 31.0).reshape(5, 6)[1:4, 1:5]
    assert np.array_equal(file["inside"][()], inside) and np.array_equal(file["transposed"][()], inside.T)
    assert np.array_equal(file["inside_series"][()], [inside])
    assert file["note"][()].decode() == "Grüße" and file.attrs["unit"] == "m/s"
    assert file["species"][()].tolist() == [b"H2", b"O2", b"H2O2"]
    assert json.loads(file["meta"][()])["text"] == 'x"y'
    if "eigen" in file:
        assert file["eigen"][()].tolist() == [[1, 2, 3], [4, 5, 6]] and file["eigen_series"].shape == (1, 2, 3)
