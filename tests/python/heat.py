"""The heat equation of examples_c/07_heat.c, call for call, so that its file is the same. argv[1] is its input."""

import ctypes
import json
import sys

import numpy as np
import yaml

from h5sim_ctypes import LIB, File, take

with open(sys.argv[1], encoding="utf-8") as text:
    parameters = yaml.safe_load(text)
grid, plate, run = parameters["grid"], parameters["plate"], parameters["run"]
meta = json.dumps(parameters)
name = take(LIB.h5sim_hash_name, b"heat_", meta.encode(), 10, b".h5")

field = np.full((grid["ny"] + 2, grid["nx"] + 2), plate["cold"])
field[:, 0] = plate["hot"]
rate = plate["diffusivity"] * run["time_step"] / (grid["spacing"] * grid["spacing"])
done = ctypes.c_int64(0)


def note(file):
    file.set_attr("snapshots", "steps done", np.int64(done.value))


with File(name, "a") as file:
    file.write_json("meta", meta)
    file.create_group("snapshots")
    note(file)
    file.commit()
    while done.value < run["steps"]:
        old = field.copy()
        inner = old[1:-1, 1:-1]
        around = old[1:-1, :-2] + old[1:-1, 2:] + old[:-2, 1:-1] + old[2:, 1:-1]
        field[1:-1, 1:-1] = inner + rate * (around - 4 * inner)
        done.value += 1
        if done.value % run["snapshot_every"] == 0 or done.value == run["steps"]:
            file.write(f"snapshots/{done.value:06d}", field[1:-1, 1:-1], strided=True)
            note(file)
            file.append("middle", field[grid["ny"] // 2, grid["nx"] // 2])
            file.commit()
