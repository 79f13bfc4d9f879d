"""Random arrays and slices, from one seeded generator."""

import numpy as np

TYPES = ["f8", "f4", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "?", "c16", "c8"]


def array(rng, dtype, shape):
    """Any bit pattern there is, NaNs and infinities included; booleans are 0 or 1."""
    dtype = np.dtype(dtype)
    if dtype == bool:
        return rng.integers(0, 2, shape).astype(bool)
    count = int(np.prod(shape, dtype=np.int64))
    return np.frombuffer(rng.bytes(count * dtype.itemsize), dtype).reshape(shape).copy()


def same(one, other):
    """Equal in type, shape and every bit."""
    one, other = np.asarray(one, order="C"), np.asarray(other, order="C")
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


def shape(rng, rank=None, largest=6):
    """Ranks 0 to 6; an axis of length 0 now and then."""
    rank = int(rng.integers(0, 7)) if rank is None else rank
    return tuple(0 if rng.random() < 0.04 else int(rng.integers(1, largest + 1)) for _ in range(rank))


def strided(rng, dtype, wanted):
    """An array of that shape inside a bigger one: ghost cells, steps, axes in any order,
    backwards."""
    order = rng.permutation(len(wanted))
    steps = [int(rng.choice([1, 1, 2, 3])) for _ in wanted]
    before = [int(rng.integers(0, 3)) for _ in wanted]
    outer = [b + n * s + int(rng.integers(0, 3)) for b, n, s in zip(before, wanted, steps)]
    whole = array(rng, dtype, [outer[axis] for axis in order]).transpose(np.argsort(order))
    view = whole[(*(slice(b, b + n * s, s) for b, n, s in zip(before, wanted, steps)), ...)]
    for axis in range(view.ndim):
        if rng.random() < 0.2:
            view = np.flip(view, axis)
    assert view.shape == tuple(wanted)
    return whole, view


def slice_of(rng, shape):
    """A slice as text and as an index, valid for that shape."""
    texts, index = [], []
    axes = len(shape) if rng.random() < 0.7 else int(rng.integers(0, len(shape) + 1))
    dots = int(rng.integers(0, axes + 1)) if axes < len(shape) or rng.random() < 0.3 else None
    # What comes after `...` counts from the last axis.
    lengths = list(shape[:axes]) if dots is None else list(shape[:dots]) + list(shape[len(shape) - (axes - dots):])
    for axis, length in enumerate(lengths):
        if axis == dots:
            texts.append("...")
            index.append(Ellipsis)
        if length > 0 and rng.random() < 0.3:
            number = int(rng.integers(-length, length))
            texts.append(str(number))
            index.append(number)
            continue
        ends = [None if rng.random() < 0.4 else int(rng.integers(-length - 2, length + 3)) for _ in range(2)]
        step = None if rng.random() < 0.5 else int(rng.choice([1, 2, 3, -1, -2, -3, 7, -7]))
        text = ":".join("" if end is None else str(end) for end in ends)
        texts.append(text + ("" if step is None else f":{step}"))
        index.append(slice(*ends, step))
    if dots is not None and dots == len(lengths):
        texts.append("...")
        index.append(Ellipsis)
    if not texts:
        return None, ()
    text = ",".join(texts)
    return (f"[{text}]" if rng.random() < 0.5 else text), tuple(index)


def filters(rng, shape, dtype):
    """Dataset options by h5py's names, those that fit the shape."""
    # As h5py has it, chunks are no larger than the shape, and so an empty one has none.
    if not shape or 0 in shape or rng.random() < 0.4:
        return {}
    options = {"chunks": [int(rng.integers(1, n + 1)) for n in shape]}
    if rng.random() < 0.5:
        options["compression"] = "gzip"
        options["compression_opts"] = int(rng.integers(0, 10))
    if rng.random() < 0.4:
        options["shuffle"] = True
    if rng.random() < 0.3:
        options["fletcher32"] = True
    if rng.random() < 0.3:
        options["maxshape"] = [None if rng.random() < 0.5 else n + 3 for n in shape]
    return options
