"""A file of the heat equation, whichever language wrote it, in the readers for which it is: argv[1] is the file, argv[2] the Python
that has VTK 9.3.1."""

import json
import os
import subprocess
import sys

import h5py
import numpy as np
import xarray as xr

path, old = sys.argv[1:]
with h5py.File(path) as file:
    temperature, meta = file["temperature"][()], json.loads(file["meta"][()])
spacing, (ny, nx) = meta["grid"]["spacing"], temperature.shape[1:]
times = np.arange(9) * meta["run"]["snapshot_every"] * meta["run"]["time_step"]
assert (ny, nx) == (meta["grid"]["ny"], meta["grid"]["nx"]) and np.all(temperature[0] == meta["plate"]["cold"])

for options in [{"engine": "netcdf4"}, {"engine": "h5netcdf", "phony_dims": "sort"}]:
    with xr.open_dataset(path, **options) as data:
        assert data.temperature.dims == ("time", "y", "x") and data.middle.dims == ("time",)
        np.testing.assert_array_equal(data.time, times)
        np.testing.assert_array_equal(data.x, (np.arange(nx) + 0.5) * spacing)
        np.testing.assert_array_equal(data.y, (np.arange(ny) + 0.5) * spacing)
        np.testing.assert_array_equal(data.temperature, temperature)
        units = {name: data[name].attrs["units"] for name in ["time", "x", "y", "temperature", "middle"]}
        assert units == {"time": "s", "x": "m", "y": "m", "temperature": "degC", "middle": "degC"}, units
        assert data.attrs == {"Conventions": "CF-1.11", "steps_done": 4000}, data.attrs
        # The cells are found by where they are, and when.
        middle = data.temperature.sel(time=800.0, x=0.475, y=0.315, method="nearest")
        assert middle == data.middle[-1] == temperature[8, 31, 47]

for python in [sys.executable, old]:
    reader = os.path.join(os.path.dirname(os.path.abspath(__file__)), "vtk_reader.py")
    done = subprocess.run([python, reader, path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert "rror" not in found["said"], found["said"]
    assert found["class"] == "vtkImageData" and found["times"] == times.tolist()
    for step, field in zip(found["steps"], temperature):
        np.testing.assert_array_equal(np.asarray(step["cells"]["temperature"]).ravel(), field.ravel())
        np.testing.assert_allclose(step["bounds"], [0, nx * spacing, 0, ny * spacing, 0, 0])
