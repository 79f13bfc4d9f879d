"""What many ranks have written to one file, as h5py and NumPy have it: FILE SEED COUNT RANKS."""

import sys

import h5py
import hdf5plugin  # noqa: F401  (Zstandard)
import numpy as np

path, seed, count, ranks = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
compressed = narrow = 0
with h5py.File(path) as file:
    assert len(file["blocks"]) == count
    for dataset in file["blocks"].values():
        expected = np.arange(dataset.size).reshape(dataset.shape) + seed
        assert (dataset[()] == expected).all(), dataset.name
        compressed += len(dataset._filters) > 0
        narrow += dataset.dtype.itemsize == 4
    assert count < 30 or (compressed and narrow), (compressed, narrow)

    length = 3 * ranks
    records = [100 * step + np.arange(length) + seed for step in range(5)]
    last = np.zeros(length)
    last[:2] = records[4][:2]
    for name in ("series", "packed"):
        assert (file[name][()] == np.array([*records, last])).all(), (name, file[name][()])
        assert file[name].maxshape == (None, length)
    assert file["packed"].compression == "gzip"
    for number, extent in enumerate((5, 700, 40000, 3, 1)):
        series = file[f"gathered/{number}"]
        wanted = 1000.0 * np.arange(len(series))[:, None] + np.arange(extent)
        assert (series[()].reshape(wanted.shape) == wanted).all(), (number, series)
        assert number == 2 or len(series) > 20, (number, series)
    width = ranks * (ranks - 1) // 2 + 2
    wanted = 1000 * np.arange(50)[:, None, None] + np.arange(3 * width).reshape(3, width)
    assert file["columns"].dtype == "i4" and (file["columns"][()] == wanted).all()
    assert (file["time"][()] == np.arange(4.0)).all()
    some = np.full(length, 8.0)
    some[:2] = 1, 2
    assert (file["some"][()] == some).all() and file["some"].fillvalue == 8
    assert (file["created"][()] == np.zeros((2, 3), "i4")).all() and file["created"].dtype == "i4"
    assert (file["whole"][()] == np.arange(1.0, 7).reshape(2, 3)).all()
    assert (file["replaced"][()] == np.arange(1.0, 4)).all()
    assert dict(file["whole"].attrs) == {"units": "m", "n": 7}
    assert dict(file.attrs) == {"title": "of all ranks"}
    assert file["texts/t"][()] == b"a text" and file["meta"][()] == b'{"k": 1}'
    assert list(file["names"][()]) == [b"H2", b"O"]
    assert isinstance(file["empty/group"], h5py.Group) and "gone" not in file
    names = set(file)
    assert names == {
        "blocks", "series", "packed", "gathered", "columns", "time", "some", "created", "whole", "replaced", "texts", "meta", "names", "empty",
    }, names
