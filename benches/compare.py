"""Tells in what the HDF5 files of two folders differ, as h5py reads them: names, shapes, types, values, attributes."""

import functools
import os

import h5py
import numpy


def same_values(left, right):
    left, right = numpy.asarray(left), numpy.asarray(right)
    if left.dtype.kind in "SOU" or right.dtype.kind in "SOU":
        return [text_of(value) for value in left.ravel()] == [text_of(value) for value in right.ravel()]
    return left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes()


@functools.cache
def names_by_address(file):
    """The names of a file's objects. HDF5 looks through the file for the name of each that is opened by its reference."""
    names = {}

    def note(name, item):
        names[h5py.h5o.get_info(item.id).addr] = name

    file.visititems(note)
    return names


def references(owner, name):
    """What the attributes of dimension scales refer to, by the names of the objects; other values as they are."""
    value = owner.attrs[name]
    target = lambda reference: names_by_address(owner.file)[h5py.h5o.get_info(h5py.h5r.dereference(reference, owner.id)).addr]
    if name == "DIMENSION_LIST":
        return [[target(reference) for reference in axis] for axis in value]
    if name == "REFERENCE_LIST":
        # In no order, and where there is no room for all of no matter which.
        return [*(int(axis) for _, axis in value), all(target(reference) for reference, _ in value)]
    return value


def text_of(value):
    """A text as a reader wants it: how it is padded and stored does not matter."""
    return value.rstrip(b"\0 ").decode() if isinstance(value, bytes) else str(value).rstrip("\0 ")


def attribute_differences(path, left, right):
    names = set(left.attrs) ^ set(right.attrs)
    found = [f"{path}: attribute '{name}' in one only" for name in sorted(names)]
    return found + [
        f"{path}: attribute '{name}'"
        for name in left.attrs
        if name not in names and not same_values(references(left, name), references(right, name))
    ]


def object_differences(path, left, right):
    found = attribute_differences(path, left, right)
    if isinstance(left, h5py.Group) != isinstance(right, h5py.Group):
        return [*found, f"{path}: a group and a dataset"]
    if isinstance(left, h5py.Group):
        found += [f"{path}/{name}: in one only" for name in sorted(set(left) ^ set(right))]
        for name in sorted(set(left) & set(right)):
            found += object_differences(f"{path}/{name}", left[name], right[name])
    elif left.shape != right.shape:
        found.append(f"{path}: shapes {left.shape} and {right.shape}")
    elif left.compression != right.compression or left.shuffle != right.shuffle:
        found.append(f"{path}: filters {left.compression} and {right.compression}")
    elif not same_values(left[()], right[()]):
        found.append(f"{path}: values, {left.dtype} and {right.dtype}")
    return found


def files(folder):
    return {name for name in os.listdir(folder) if name.endswith(".h5")}


def differences(left, right):
    """A sentence for each difference between the files of two folders."""
    found = [f"{name}: in one folder only" for name in sorted(files(left) ^ files(right))]
    for name in sorted(files(left) & files(right)):
        with h5py.File(os.path.join(left, name), "r") as one, h5py.File(os.path.join(right, name), "r") as other:
            found += object_differences(name, one, other)
    return found
