"""The hash of the tutorial's metadata; the time of one."""

import hashlib
import json
import time

META = """{"model": {"k0": 1.2, "k1": 1.3, "tau": 0.01, "mass": 123.0},
 "integrator": {"dt": 0.001, "method": "rk4"},
 "data": {"source_path": "path/to/data", "host": "bluecrab"}}"""
HASHES = 20000

start = time.perf_counter()
for _ in range(HASHES):
    text = json.dumps(json.loads(META), ensure_ascii=True, sort_keys=True, default=str)
    found = hashlib.sha1(text.encode()).hexdigest()[:10]
print("hash", (time.perf_counter() - start) / HASHES)
assert found == "eba300792d"
