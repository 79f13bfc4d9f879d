"""Opens what the examples wrote with the netCDF library, which expects plain datasets:
argv[1] is their folder."""

import os
import sys

import netCDF4

os.chdir(sys.argv[1])
with netCDF4.Dataset("my_data.hdf5") as file:
    assert list(file.variables) == ["result_1"]
    assert file["result_1"].dtype == "f8" and file["result_1"][:2, ..., :2].shape == (2, 4, 2)
with netCDF4.Dataset("richer_data.hdf5") as file:
    assert list(file["timeseries"].variables) == [str(i) for i in range(10)]
    assert file["timeseries/8"][0, 1] == 8.0005
