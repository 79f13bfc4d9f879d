"""What the objects programs of Fortran, Julia and C++ leave. argv: a folder, and the language."""

import json
import sys

import h5py
import numpy as np

folder, language = sys.argv[1:]
U = np.array([[1.0, 2, 3], [4, 5, 6]])
with h5py.File(f"{folder}/{language}.h5") as file:
    assert sorted(file) == ["elsewhere", "g", "initial", "kept", "latest", "log", "meta", "shallow", "species", "state", "status"], list(file)
    assert file["status"][()] == b"step 10" and json.loads(file["meta"][()])["compression"] == "gzip"
    assert file["species"].asstr()[()].tolist() == ["H2", "OH", "H2O"]
    assert file["log"].asstr()[()].tolist() == ["line 1", "line 2", "line 3"]
    assert file["state"].attrs["axes"].tolist() == ["x", "longer"] and file["state"].attrs["fixed"].tolist() == [b"a", b"b"]
    assert len(file["g"]) == 0
    np.testing.assert_array_equal(file["state/u"][()], np.vstack([U, np.zeros((1, 3))]))
    for name in ["initial/u", "shallow/state/u", "kept", "elsewhere"]:
        np.testing.assert_array_equal(file[name][()], U)
    assert file["state/u"].chunks == (1, 3) and file["initial/u"].maxshape == (None, 3) and file["kept"].compression == "gzip"
    assert file["initial/u"].attrs["unit"] == "m" and len(file["shallow/state/u"].attrs) == 0
    assert file["kept"] == file["initial/u"]
    assert file.get("latest", getlink=True).path == "/state/u"
    assert file.get("elsewhere", getlink=True).filename == f"{language}_other.h5"
print("as h5py reads them")
