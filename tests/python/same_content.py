"""Two files hold the same, but for how it is stored: FILE FILE [GROUP]. Prints how many datasets there are.

What is in GROUP is left out.
"""

import sys

import h5py
import numpy as np


left_out = sys.argv[3] if len(sys.argv) > 3 else None


def contents(path):
    found = {}
    with h5py.File(path, "r") as file:
        def take(name, node):
            if left_out and (name + "/").startswith(left_out + "/"):
                return
            attributes = {key: np.asarray(value).tolist() for key, value in node.attrs.items()
                          if key not in ("DIMENSION_LIST", "REFERENCE_LIST")}
            data = node[()] if isinstance(node, h5py.Dataset) else None
            found[name] = (data, attributes)
        file.visititems(take)
        found[""] = (None, {key: np.asarray(value).tolist() for key, value in file.attrs.items()})
    return found


def differ(one, other):
    if one is None or other is None:
        return one is not other
    one, other = np.asarray(one), np.asarray(other)
    if one.shape != other.shape or one.dtype.newbyteorder("=") != other.dtype.newbyteorder("="):
        return True
    return one.astype(one.dtype.newbyteorder("=")).tobytes() != other.astype(other.dtype.newbyteorder("=")).tobytes()


one, other = (contents(path) for path in sys.argv[1:3])
assert sorted(one) == sorted(other), sorted(set(one) ^ set(other))
for name, (data, attributes) in one.items():
    theirs, their_attributes = other[name]
    assert not differ(data, theirs), (name, data, theirs)
    assert attributes == their_attributes, (name, attributes, their_attributes)
print(len([data for data, _ in one.values() if data is not None]), "datasets")
