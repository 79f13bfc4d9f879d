"""Random programs that write and read here and there in datasets in one piece, beside NumPy arrays.

parts.py SEED ROUNDS FOLDER   each round makes a file, changes it, and compares all of it with NumPy, through h5sim and h5py.
"""

import os
import sys

import h5py
import numpy as np

from h5sim_ctypes import File

seed, rounds = int(sys.argv[1]), int(sys.argv[2])
os.chdir(sys.argv[3])
print("seed", seed, flush=True)
random = np.random.default_rng(seed)

# From less than a part in memory to many; rows that end inside one, and rows that are longer than one.
SHAPES = [(3000,), (90, 90), (200, 150), (40, 5000), (3, 20000), (30, 31, 33), (300000,), (8, 64, 64, 5)]
STORED = ["f8", "f4", "i4", "u1", "i8", "c16", "?"]


def axis(extent):
    """A slice of an axis, as text and for NumPy: an index, a range, steps, backwards."""
    kind = random.integers(0, 6)
    start = int(random.integers(0, extent))
    if kind == 0:
        return str(start), slice(start, start + 1)
    stop = int(random.integers(start + 1, extent + 1))
    step = int(random.integers(1, 5)) if kind == 1 else 1
    if kind == 2:
        stop = min(start + int(random.integers(1, 5)), extent)
    if kind == 3:
        start, stop = 0, extent
    if kind == 4 and start > 0:
        low = int(random.integers(0, start))
        return f"{start}:{low}:-{step}", slice(start, low, -step)
    return f"{start}:{stop}:{step}", slice(start, stop, step)


def part(shape):
    axes = [axis(extent) for extent in shape]
    return ", ".join(text for text, _ in axes), tuple(one for _, one in axes)


def numbers(shape, dtype):
    values = random.integers(0, 100, shape)
    return np.asarray(values % 2 if dtype == "?" else values).astype(dtype)


def given(dtype):
    """A type that is converted exactly, and often the same one."""
    others = {"f8": ["f4", "i4"], "f4": ["f8"], "i4": ["i8"], "i8": ["i4"], "u1": ["i4", "u1"]}.get(dtype, [])
    return str(random.choice([dtype, dtype, *others]))


def same(found, expected, what):
    if not (found.shape == expected.shape and np.array_equal(found, expected)):
        sys.exit(f"{what}: {np.argwhere(found != expected)[:5].tolist()} differ")


def look(file, arrays, name):
    array = arrays[name]
    text, where = part(array.shape)
    wanted = given(array.dtype.char if array.dtype != np.dtype("c16") else "c16")
    wanted = {"d": "f8", "f": "f4", "i": "i4", "l": "i8", "B": "u1", "D": "c16"}.get(wanted, wanted)
    found = file.read(name, text, wanted)
    same(found.reshape(array[where].shape), array[where].astype(wanted), f"{name}[{text}] as {wanted}")


def change(file, arrays, name):
    array = arrays[name]
    kind = {"d": "f8", "f": "f4", "i": "i4", "l": "i8", "B": "u1", "D": "c16", "?": "?"}[array.dtype.char]
    text, where = part(array.shape)
    data = numbers(array[where].shape, given(kind))
    if random.integers(0, 8) == 0:
        text, where, data = ", ".join(":" for _ in array.shape), ..., numbers(array.shape, kind)
    file.write_slice(name, text, data)
    array[where] = data


def columns(file, arrays, name):
    """A column after another, as codes write boundary planes."""
    array = arrays[name]
    if array.ndim < 2 or array.dtype.char == "?":
        return
    kind = {"d": "f8", "f": "f4", "i": "i4", "l": "i8", "B": "u1", "D": "c16"}[array.dtype.char]
    first = int(random.integers(0, array.shape[-1]))
    for column in range(first, min(first + 6, array.shape[-1])):
        data = numbers(array.shape[:-1], kind)
        file.write_slice(name, ", ".join(":" for _ in array.shape[:-1]) + f", {column}", data)
        array[..., column] = data


def everything(path, arrays):
    with h5py.File(path, "r") as file:
        for name, array in arrays.items():
            same(file[name][...], array, f"{path}: {name} by h5py")


def program(number):
    path = f"{number}.h5"
    memory = str(random.choice(["256 MiB", "1 MiB", "300 KiB"]))
    durability = str(random.choice(["kill", "kill", "power", "none"]))
    arrays, committed = {}, {}
    file = File(path, "w", memory=memory, durability=durability)
    for index in range(3):
        name = f"a{index}"
        shape, dtype = SHAPES[random.integers(0, len(SHAPES))], str(random.choice(STORED))
        arrays[name] = np.zeros(shape, dtype)
        if random.integers(0, 2):
            arrays[name] = numbers(shape, dtype)
            file.write(name, arrays[name])
        else:
            file.create(name, dtype, shape)
    for step in range(int(random.integers(10, 60))):
        name = str(random.choice(sorted(arrays)))
        action = random.integers(0, 20)
        if action < 8:
            change(file, arrays, name)
        elif action < 10:
            columns(file, arrays, name)
        elif action < 15:
            look(file, arrays, name)
        elif action < 17:
            file.commit()
            committed = {name: array.copy() for name, array in arrays.items()}
            if durability != "none":
                everything(path, arrays)
        elif action == 17:
            file.close()
            everything(path, arrays)
            committed = {name: array.copy() for name, array in arrays.items()}
            file = File(path, str(random.choice(["r+", "a"])), memory=memory, durability=durability)
        elif action == 18 and len(arrays) > 1:
            file.delete(name)
            del arrays[name]
        elif action == 19:
            other = f"copy{step}"
            file.copy(name, other)
            arrays[other] = arrays[name].copy()
    if committed and durability != "none" and random.integers(0, 3) == 0:
        file.discard()
        arrays = committed
    else:
        file.close()
    everything(path, arrays)
    with File(path, "r") as file:
        for name, array in arrays.items():
            for _ in range(3):
                look(file, arrays, name)
            same(file.read(name, dtype=None), array, name)
    os.unlink(path)


for number in range(rounds):
    program(number)
print("done", rounds)
