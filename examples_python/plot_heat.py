"""Draws the snapshots of a run with xarray, which knows its axes and units: plot_heat.py heat_….h5 heat.png"""
import sys

import xarray

run = xarray.open_dataset(sys.argv[1])
run.temperature.plot(x="x", y="y", col="time", col_wrap=3, aspect=1.5, size=2, cmap="inferno").fig.savefig(sys.argv[2])
