import hashlib
import json

import h5py
import numpy as np

meta = json.loads("""{
  "model": {"k0": 1.2, "k1": 1.3, "tau": 0.01, "mass": 123.0},
  "integrator": {"dt": 0.001, "method": "rk4"},
  "data": {"source_path": "path/to/data", "host": "bluecrab"}
}""")
text = json.dumps(meta, ensure_ascii=True, sort_keys=True, default=str)
print(text)
name = "data_" + hashlib.sha1(text.encode()).hexdigest()[:10] + ".h5py"

with h5py.File(name, "w") as fp:
    fp.create_dataset("meta", data=np.bytes_(text))
with h5py.File(name, "r") as fp:
    found = json.loads(fp["meta"][()].decode())
print("found by its parameters:", found == meta)
print(name)
