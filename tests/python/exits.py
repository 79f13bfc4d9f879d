"""Checks that a file which nobody closed holds what it should: FILE KEY..."""

import sys

import h5py

path, *expected = sys.argv[1:]
with h5py.File(path, "r") as file:
    assert list(file.keys()) == expected, list(file.keys())
    for name in expected:
        if isinstance(file[name], h5py.Group):
            assert len(file[name]) >= (99 if name == "more" else 1), len(file[name])
            for dataset in file[name].values():
                assert dataset[()].tolist() == [1, 2, 3]
        else:
            assert file[name][()].tolist() == [1, 2, 3]
