import json

import h5py
import numpy as np
import yaml

from_yaml = """
model: {k0: 1.2, k1: 1.3, tau: 0.01, mass: 123.0}
integrator: {dt: 0.001, method: rk4}
data: {source_path: path/to/data, host: bluecrab}
"""
from_json = """{
  "model": {"k0": 1.2, "k1": 1.3, "tau": 0.01, "mass": 123.0},
  "integrator": {"dt": 0.001, "method": "rk4"},
  "data": {"source_path": "path/to/data", "host": "bluecrab"}
}"""
meta = yaml.safe_load(from_yaml)
assert json.loads(from_json) == meta

series = np.random.random((1000, 2))
with h5py.File("richer_data.hdf5", "w") as fp:
    for i in range(10):
        path = f"timeseries/{i}"
        fp.create_dataset(path, data=series + i)
    fp.create_dataset("meta", data=np.bytes_(json.dumps(meta)))

with h5py.File("richer_data.hdf5", "r") as fp:
    found = json.loads(fp["meta"][()].decode())
    print(yaml.dump(found), end="")
    print("time step:", found["integrator"]["dt"])
    eighth = fp["timeseries/8"][()]
    print("timeseries/8 is what was written:", np.array_equal(eighth, series + 8))
