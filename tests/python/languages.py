"""What Fortran and Julia write, read by h5py, and the other way round.

languages.py check fortran|julia FILE    checks what tests/fortran/arrays or tests/julia/arrays.jl wrote
languages.py write fortran|julia FILE    writes what they read
"""

import json
import sys

import h5py
import numpy as np

action, language, path = sys.argv[1:]
EXTENTS = [5, 3, 2, 3, 2, 1, 2]
MOST = 7 if language == "fortran" else 4
TYPES = {"f64": "f8", "f32": "f4", "i64": "i8", "i32": "i4", "i16": "i2", "i8": "i1", "c128": "c16", "c64": "c8",
         "bool": "?"}
if language == "julia":
    TYPES.update(u64="u8", u32="u4", u16="u2", u8="u1")


def values(kind, rank):
    """Numbers 1, 2, 3 … in the order in which both sides keep them, made of the type."""
    shape = tuple(reversed(EXTENTS[:rank]))
    n = np.arange(1, int(np.prod(shape)) + 1).reshape(shape)
    made = {"bool": n % 3 == 0, "c128": n - 1j * n, "c64": n - 1j * n, "f64": n / 4, "f32": n / 4, "i64": n * 10**10}
    # Fortran has no integers that wrap around.
    made["i8"] = n % 100 if language == "fortran" else n
    return made.get(kind, n).astype(TYPES[kind])


def same(found, wanted):
    assert found.dtype == wanted.dtype and found.shape == wanted.shape, (found.dtype, found.shape, wanted.dtype, wanted.shape)
    assert np.array_equal(found[()], wanted), (found.name, found[()], wanted)


if action == "write":
    with h5py.File(path, "w") as file:
        for kind in TYPES:
            for rank in range(MOST + 1):
                file[f"whole/{kind}/{rank}"] = values(kind, rank)
        file["texts/note"] = "Grüße"
        file["texts/fixed"] = np.bytes_("fixed")
        file["texts/species"] = np.array([[b"H2", b"O2"], [b"H2O", b"N"]])
        file["texts/objects"] = np.array(["one", "zwölf"], dtype=h5py.string_dtype())
        file["meta"] = json.dumps({"a": [1, 2.5, None, True, "é\n\"\\\u0001😀"], "b": {"c": 10**30}})
        file["empty"] = h5py.Empty("f8")
        file.attrs["unit"] = "m"
        file.attrs["numbers"] = np.arange(6, dtype="i4").reshape(2, 3)
    sys.exit()

with h5py.File(path, "r") as file:
    for kind in TYPES:
        for rank in range(MOST + 1):
            whole = values(kind, rank)
            same(file[f"whole/{kind}/{rank}"], whole)
            if rank:
                rows = (slice(1, 3),) if rank > 1 else ()
                section = np.moveaxis(whole, -1, 0)[::-2]
                section = np.moveaxis(section, 0, -1)
                if rank > 1:
                    section = section[..., 1:3, :]
                same(file[f"section/{kind}/{rank}"], section)
                same(file[f"parts/{kind}/{rank}"], whole)
                records = np.concatenate([whole[..., ::-1], whole])
                same(file[f"records/{kind}/{rank}"], records)
            if rank < MOST:
                same(file[f"series/{kind}/{rank}"], np.stack([whole, whole]))
            if rank <= 2:
                attribute = file[f"whole/{kind}/{rank}"].attrs["same"]
                assert np.array_equal(attribute, whole) and attribute.dtype == whole.dtype
    if language == "fortran":
        plain = file["plain/a"]
        assert plain.dtype == "f4" and plain.chunks == (3, 1) and plain.compression == "gzip"
        assert np.array_equal(plain[()], -np.arange(1, 7).reshape(3, 2) / 8) and plain.attrs["unit"] == "m/s"
        assert list(plain.attrs) == ["unit"]
        words = file["keywords"]
        assert words.chunks == (1, 2) and words.maxshape == (None, 2) and words.shuffle and words.fillvalue == 0.5
        assert words.compression == "gzip" and words.compression_opts == 7
        assert file["components/reversed"][()].tolist() == [6, 5, 4, 3, 2, 1]
        assert file["none/a"].shape == (0, 3)
        assert json.loads(file["texts/meta"][()])["long"] == 9007199254740993
    else:
        chunked = file["chunked"]
        assert chunked.chunks == (2, 3) and chunked.maxshape == (None, 3) and chunked.compression == "gzip"
        assert chunked.dtype == "f4" and np.array_equal(chunked[()], np.arange(1, 13).reshape(4, 3))
        assert file["lazy"][()].tolist() == (np.arange(1, 13).reshape(4, 3) / 2).tolist()
        assert file.attrs["made by"] == "Jülia"
        assert json.loads(file["meta"][()]) == {"a": [1, 2.5, None, True, "é\n\"\\\u0001😀"], "b": {"c": 10**30}}
    assert file["texts/note"][()] == "Grüße".encode()
    assert file["texts/species"][()].tolist() == [b"H2", b"O2", b"H2O2"]
