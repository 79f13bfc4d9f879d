"""Files for the command line to look into: FOLDER."""

import hashlib
import json
import os
import sys

import h5py
import numpy as np
import yaml

folder = sys.argv[1]
os.chdir(folder)


def digest(document):
    text = json.dumps(document, ensure_ascii=True, sort_keys=True, default=str)
    return hashlib.sha1(text.encode()).hexdigest()


meta = {"model": {"k0": 1.2, "name": "Rössler"}, "list": [1, 2.5]}
with h5py.File("run.h5", "w") as file:
    file["meta"] = np.bytes_(json.dumps(meta))
    file["timeseries/0"] = np.arange(8.0).reshape(4, 2)
    file["timeseries"].attrs["unit"] = "m"
    field = np.tile(np.arange(10, dtype="f4") / 10, (100, 1))
    made = file.create_dataset("timeseries/1", data=field, chunks=(50, 10), compression="gzip", shuffle=True)
    made.attrs["range"] = [0.0, 1.5]
    made.attrs["spin"] = 1 - 2j
    file["u"] = np.arange(8, dtype="i4").reshape(2, 2, 2)
    file["names"] = np.array([b"H2", b"O,2", b'N"'])
    file["link"] = h5py.SoftLink("/u")

with h5py.File("long.h5", "w") as file:
    file["long"] = np.arange(3_000_000.0)

with h5py.File("other.h5", "w") as file:
    file["meta"] = np.bytes_(json.dumps({"model": {"k0": 1.2000001, "name": "Rössler", "new": None}, "list": [1, 2]}))
    data = np.arange(8.0).reshape(4, 2)
    data[1, 1] += 1e-4
    data[3, 0] += 1e-4
    file["timeseries/0"] = data
    file["timeseries"].attrs["unit"] = "cm"
    file.create_dataset("timeseries/1", data=field[:99]).attrs["range"] = [0.0, 1.5]
    file["u"] = np.arange(8, dtype="i8").reshape(2, 2, 2)
    file["names"] = np.array([b"H2", b"O", b'N"'])
    file["extra"] = 1

parameters = {"b": [1, 2.0, None], "a": {"x": 1e-5}, "é": True}
with open("parameters.json", "w") as file:
    json.dump(parameters, file)
deck = "{10: a, 9: b, x: {2: c, 10: d}}".replace("x: ", "11: ")
with open("parameters.yaml", "w") as file:
    file.write(deck)
with open("hashes.txt", "w") as file:
    print(digest(meta)[:10], digest(parameters)[:10], digest(yaml.safe_load(deck)), sep="\n", file=file)
with open("text.txt", "w") as file:
    file.write("no HDF5 and no JSON")

os.makedirs("runs/inner")
for path, meta in [("a.h5", {"k": 1}), ("b.h5", {"k": 2, "name": "x y"}), ("inner/c.h5", {"k": 10.5, "name": "z"})]:
    with h5py.File("runs/" + path, "w") as file:
        file["meta"] = np.bytes_(json.dumps(meta))
        if path == "a.h5":
            file.attrs["h5sim_finished"] = np.int8(1)
with h5py.File("runs/none.h5", "w") as file:
    file["x"] = 1
with open("runs/text.txt", "w") as file:
    file.write("no HDF5")
