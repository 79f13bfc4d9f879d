"""The heat equation of examples_c/07_heat.c, call for call, so that its file is the same. argv[1] is its input."""

import json
import sys

import numpy as np
import yaml

from h5sim_ctypes import LIB, File, check, take

with open(sys.argv[1], encoding="utf-8") as text:
    parameters = yaml.safe_load(text)
grid, plate, run = parameters["grid"], parameters["plate"], parameters["run"]
meta = json.dumps(parameters)
name = take(LIB.h5sim_hash_name, b"heat_", meta.encode(), 10, b".h5")

field = np.full((grid["ny"] + 2, grid["nx"] + 2), plate["cold"])
field[:, 0] = plate["hot"]
rate = plate["diffusivity"] * run["time_step"] / (grid["spacing"] * grid["spacing"])
done = 0


def coordinate(file, name, cells):
    file.write(name, (np.arange(cells) + 0.5) * grid["spacing"], attrs={"units": "m", "axis": name.upper()})


def record(file):
    file.append("time", np.float64(done * run["time_step"]), dims=["time"], attrs={"units": "s"})
    file.append_from("temperature", field[1:-1, 1:-1], dims=["time", "y", "x"], attrs={"units": "degC"})
    file.append("middle", field[grid["ny"] // 2, grid["nx"] // 2], dims=["time"], attrs={"units": "degC"})
    file.set_attr("/", "steps_done", np.int64(done))


with File(name, "a") as file:
    file.write_json("meta", meta)
    file.set_attr_text("/", "Conventions", "CF-1.11")
    coordinate(file, "x", grid["nx"])
    coordinate(file, "y", grid["ny"])
    record(file)
    paraview = {"cell_data": ["temperature"], "time": "time", "spacing": [grid["spacing"]] * 2}
    check(LIB.h5sim_vtkhdf(file.handle, json.dumps(paraview).encode()))
    file.commit()
    while done < run["steps"]:
        old = field.copy()
        inner = old[1:-1, 1:-1]
        around = old[1:-1, :-2] + old[1:-1, 2:] + old[:-2, 1:-1] + old[2:, 1:-1]
        field[1:-1, 1:-1] = inner + rate * (around - 4 * inner)
        done += 1
        if done % run["snapshot_every"] == 0 or done == run["steps"]:
            record(file)
            file.commit()
