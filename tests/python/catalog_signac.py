"""Finding runs, against signac's own search on the same documents and queries: SEED QUERIES FOLDER."""

import ctypes
import json
import os
import random
import sys
import time

import h5py
import numpy as np
from signac._search_indexer import _SearchIndexer
from signac.errors import InvalidKeyError

from h5sim_ctypes import LIB, H5simError, check, take

seed, queries, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
rng = random.Random(seed)

# Booleans have keys of their own: Python takes True for 1, JSON does not.
NAMES = ["a", "b", "model.k0", "model.n", "model.deep.x", "text", "list", "mixed"]
BOOLEANS = ["flag", "model.on"]
TEXTS = ["rk4", "euler", "Rössler", "", "a b", "RK4", "x1", "x10"]


# Not -1 and -2: signac takes an integer for a float of the same value where their hashes are the same by accident.
WHOLE = [-4, -3, 0, 1, 2, 3, 4, 5]


def number():
    return rng.choice([rng.choice(WHOLE), float(rng.choice(WHOLE)), rng.randint(0, 40) / 10 + 0.05, 0.001, 1e22,
                       10**22, 2**60 + 1, -0.0])


def value(name):
    if name in BOOLEANS:
        return rng.random() < 0.5
    if name.startswith("list"):
        return [number() if rng.random() < 0.7 else rng.choice(TEXTS) for _ in range(rng.randint(0, 3))]
    if name == "text":
        return rng.choice(TEXTS)
    if name == "mixed":
        return rng.choice([number(), rng.choice(TEXTS), None, [number()]])
    return number()


def document():
    found = {}
    for name in rng.sample(NAMES + BOOLEANS, rng.randint(1, 8)):
        place = found
        *outer, last = name.split(".")
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = value(name)
    return found


def operator(name):
    op = rng.choice(["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$type", "$near", "$regex"])
    if op in ["$in", "$nin"]:
        return {op: [value(name) for _ in range(rng.randint(0, 4))]}
    if op == "$exists":
        return {op: rng.random() < 0.5}
    if op == "$type":
        return {op: rng.choice(["int", "float", "bool", "str", "list", "null"])}
    if op == "$near":
        return {op: rng.choice([number(), [number()], [number(), 0.5], [number(), 0.1, 1.0]])}
    if op == "$regex":
        return {op: rng.choice(["^r", "[0-9]$", "(?i)^rk4$", "ö", "", r"\w\s\w", "x1+"])}
    return {op: value(name)}


def query(depth=0):
    kind = rng.random()
    if depth < 3 and kind < 0.12:
        return {rng.choice(["$or", "$and"]): [query(depth + 1) for _ in range(rng.randint(1, 3))]}
    if depth < 3 and kind < 0.18:
        return {"$not": query(depth + 1)}
    found = {}
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        name = rng.choice(NAMES + BOOLEANS)
        test = value(name) if rng.random() < 0.4 else operator(name)
        if isinstance(test, dict) and rng.random() < 0.2:
            # The operator as part of a dotted key.
            (op, argument), = test.items()
            found[f"{name}.{op}"] = argument
        elif rng.random() < 0.5:
            found[name] = test
        else:
            place = found
            *outer, last = name.split(".")
            for part in outer:
                if not isinstance(place.get(part), dict):
                    place[part] = {}
                place = place[part]
            place[last] = test
    return found


def confuses_booleans(test):
    """Whether signac may take a boolean for a number: a boolean's key with a number's operator."""
    text = json.dumps(test)
    return any(op in text for op in ["$near", '"int"', "$gt", "$lt", "$regex"]) and \
        any(name.split(".")[-1] in text for name in BOOLEANS)


documents = {}
for index in range(80):
    documents[f"run{index}.h5"] = {"sp": document()}
    path = os.path.join(folder, f"run{index}.h5")
    if index % 9 == 8:
        # Unusual ways to hold the text, which HDF5 reads.
        with h5py.File(path, "w", libver="latest" if index % 2 else "earliest") as file:
            file.create_dataset("meta", data=json.dumps(documents[f"run{index}.h5"]["sp"]))
    else:
        with h5py.File(path, "w") as file:
            file.create_dataset("meta", data=np.bytes_(json.dumps(documents[f"run{index}.h5"]["sp"])))
            if index % 3 == 0:
                file["more/of/it"] = np.arange(3.0)
indexer = _SearchIndexer({name: held["sp"] for name, held in documents.items()})
assert len(indexer.find({})) == 80


def ours(test):
    found = json.loads(take(LIB.h5sim_find, folder.encode(), json.dumps(test).encode(), None))
    for run in found:
        expected = documents[run["path"]]["sp"]
        assert json.dumps(run["meta"], sort_keys=True) == json.dumps(expected, sort_keys=True), run
    return {run["path"] for run in found}


time.sleep(2.2)  # Files that were just written are not taken from the cache.
compared = skipped = matched = 0
while compared < queries:
    test = query()
    if confuses_booleans(test):
        skipped += 1
        continue
    try:
        theirs = indexer.find(json.loads(json.dumps(test)))
    except (TypeError, ValueError, KeyError, OverflowError, InvalidKeyError):
        # signac fails where values cannot be compared; ours do not match then.
        try:
            ours(test)
        except H5simError as error:
            assert error.status == "H5SIM_ERR_ARGUMENT", error
        skipped += 1
        continue
    found = ours(test)
    assert found == theirs, f"seed {seed}: {json.dumps(test)}\nsignac {sorted(theirs - found)} more\nours {sorted(found - theirs)} more"
    compared += 1
    matched += 0 < len(theirs) < 80
assert matched > queries / 4, matched
print(f"{compared} queries, {matched} of them with some runs, {skipped} more that signac cannot answer")
