"""Looks into a run with xarray, at places and times rather than at indices: select_heat.py heat_….h5"""
import sys

import xarray

run = xarray.open_dataset(sys.argv[1])
print(dict(run.sizes))
print("temperature in", run.temperature.units, "along", run.temperature.dims)

there = run.temperature.sel(time=800, x=0.475, y=0.315, method="nearest")
print(f"at {float(there.time):g} {run.time.units}, x = {float(there.x):g} {run.x.units}: {float(there):.4f} {there.units}")

edge = run.temperature.isel(time=-1).mean("y")          # along x, at the last step
print(f"the mean over y falls from {float(edge[0]):.2f} to {float(edge[-1]):.2f}")
