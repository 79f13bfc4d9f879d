"""What tests/c/axes.c and its twins in Fortran and Julia wrote, in the readers for which it is.

argv: the Python with VTK 9.3.1, and files that are named LANGUAGE_FORMAT_END.h5: the format is earliest or latest, and the end
of the program "whole", "kill" or "rewind"."""

import json
import os
import subprocess
import sys

import h5py
import netCDF4
import numpy as np
import xarray as xr
from h5sim_ctypes import File

old, *paths = sys.argv[1:]
HERE = os.path.dirname(os.path.abspath(__file__))
FIELD = np.arange(3.0)[:, None] * 10 + np.arange(4.0)


def steps_of(path):
    """The numbers of the steps in a file, and what was added to those that were written again."""
    steps = np.arange(5 if path.endswith("_rewind.h5") else 7)
    return steps, np.where(steps >= 5, 1000, 0)


def field_of(path):
    steps, again = steps_of(path)
    return steps[:, None, None] * 100 + FIELD + again[:, None, None]


def check_vtk(python):
    done = subprocess.run([python, os.path.join(HERE, "vtk_reader.py"), *paths], capture_output=True, text=True)
    assert done.returncode == 0 and "rror" not in done.stderr, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(found) == len(paths)
    for path, found in zip(paths, found):
        assert "rror" not in found["said"], found["said"]
        assert found["class"] == "vtkImageData" and found["times"] == (steps_of(path)[0] / 2).tolist()
        for step, wanted in zip(found["steps"], field_of(path)):
            np.testing.assert_array_equal(np.asarray(step["points"]["u"]).ravel(), wanted.ravel())
            assert step["bounds"] == [0, 1.5, 0, 2, 0, 0]


def check_xarray(path):
    steps, again = steps_of(path)
    for options in [{"engine": "netcdf4"}, {"engine": "h5netcdf", "phony_dims": "sort"}]:
        with xr.open_dataset(path, **options) as data:
            assert set(data.coords) == {"x", "y", "time"}, data
            np.testing.assert_array_equal(data.x, [0, 0.5, 1, 1.5])
            np.testing.assert_array_equal(data.y, [0, 1, 2])
            np.testing.assert_array_equal(data.time, steps / 2)
            np.testing.assert_array_equal(data["mean"], steps + again)
            assert data.x.attrs == {"units": "m", "long_name": "length"} and data.time.attrs["units"] == "s"
            assert data["mean"].dims == ("time",) and data.late.dims == ("y", "x") and data.bare.dims == ("rows", "columns")
            assert data.bare.shape == (3, 4) == data.nameless.shape and "rows" not in data.variables
        with xr.open_dataset(path, group="fields", **options) as data:
            assert data.u.dims == ("time", "y", "x") and data.u.attrs["units"] == "K"
            np.testing.assert_array_equal(data.u, field_of(path))


def check_h5py(path):
    with h5py.File(path) as file:
        assert [axis[0].name for axis in file["fields/u"].dims] == ["/time", "/y", "/x"]
        assert h5py.h5ds.is_attached(file["fields/u"].id, file["x"].id, 2)
        # The cut of a single series that no commit followed is none.
        wanted = range(7) if path.endswith("_rewind.h5") else [0, 1, 1005, 1006]
        np.testing.assert_array_equal(file["extra"], wanted)
        assert file["VTKHDF/Steps"].attrs["NSteps"] == len(steps_of(path)[0])


def check_netcdf(path):
    if "_earliest_" in path:
        # Debian's HDF5 1.10 reads no file of the latest format.
        done = subprocess.run(["ncdump", "-h", path], capture_output=True, text=True)
        assert done.returncode == 0 and "double u(time, y, x)" in done.stdout and "double x(x)" in done.stdout, done
    # With track_order netCDF adds to it.
    with netCDF4.Dataset(path, "a") as file:
        file.createVariable("added", "f8", ("y", "x"))[:] = FIELD
    with File(path) as file:
        assert file.dims("added") == ["y", "x"]
        np.testing.assert_array_equal(file.read("added"), FIELD)


for path in paths:
    if not path.endswith("_whole.h5"):
        # What a killed program has committed is still to be brought into the file.
        with File(path, "a") as file:
            assert file.exists("lost") is None
    check_xarray(path)
    check_h5py(path)
for python in [sys.executable, old]:
    check_vtk(python)
for path in paths:
    check_netcdf(path)
