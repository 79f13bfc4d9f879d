"""Reads what h5py wrote, in all its forms: FOLDER."""

import ctypes
import os
import shutil
import sys

import h5py
import numpy as np

from checksums import HDF5
from h5sim_ctypes import File, H5simError, fails

folder = sys.argv[1]
path = os.path.join(folder, "foreign.hdf5")
elsewhere = os.path.join(folder, "elsewhere.hdf5")


def texts():
    utf8 = h5py.string_dtype("utf-8")
    with h5py.File(path, "w") as file:
        file["variable"] = "größe"
        file["bytes"] = np.bytes_("plain")
        file.create_dataset("fixed_utf8", data="ü".encode(), dtype=h5py.string_dtype("utf-8", 5))
        file.create_dataset("empty_variable", data="", dtype=utf8)
        file.create_dataset("list", data=["H2O", "CO2", ""], dtype=utf8)
        file.create_dataset("fixed_list", data=np.array([[b"a", b"bc"], [b"def", b""]]))
        file.create_dataset("no_texts", shape=(0,), dtype=utf8)
        file.create_dataset("latin1", data=np.bytes_(b"gr\xf6\xdfe"))
        file["variable"].attrs["unit"] = "m/s²"
        file["variable"].attrs["fixed"] = np.bytes_("fixed")
        file["variable"].attrs["list"] = ["x", "y"]
        # Padded with spaces, as Fortran's programs do.
        kind = h5py.h5t.C_S1.copy()
        kind.set_size(8)
        kind.set_strpad(h5py.h5t.STR_SPACEPAD)
        dataset = h5py.h5d.create(file.id, b"padded", kind, h5py.h5s.create(h5py.h5s.SCALAR))
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array(b"abc     ", "S8"), mtype=kind)
        file["json"] = np.bytes_('{"a": [1, 2]}')
        file["json_variable"] = '{"ü": null}'
    with File(path) as file:
        assert file.info("variable") == ("TEXT", ()) and file.read_text("variable") == "größe"
        assert file.read_text("bytes") == "plain"
        assert file.read_text("fixed_utf8") == "ü"
        assert file.read_text("empty_variable") == ""
        assert file.info("list") == ("TEXT", (3,)) and file.read_texts("list") == ["H2O", "CO2", ""]
        assert file.read_texts("fixed_list") == [["a", "bc"], ["def", ""]]
        assert file.read_texts("no_texts") == []
        assert file.read_text("padded") == "abc"
        assert file.get_attr_text("variable", "unit") == "m/s²"
        assert file.get_attr_text("variable", "fixed") == "fixed"
        assert file.read_json("json") == '{"a": [1, 2]}' and file.read_json("json_variable") == '{"ü": null}'
        fails("TYPE", file.read, "variable", None, "f8")
        assert "latin1" in fails("FORMAT", file.read_text, "latin1") or True
        fails("SHAPE", file.read_text, "list")


def user_block():
    """Where nothing was ever written, no bytes of the file are taken for data."""
    with h5py.File(path, "w", userblock_size=1024) as file:
        file["x"] = np.arange(100000.0)
        for name, count in [("small", 10), ("large", 50000)]:
            file.create_dataset(name, (count,), "f8", fillvalue=2.5)
    with File(path) as file:
        for name in ["small", "large"]:
            # The second read knows where the data are.
            for _ in range(3):
                assert (file.read(name) == 2.5).all()
        assert (file.read("x") == np.arange(100000.0)).all()


def numbers():
    values = np.arange(60.0).reshape(3, 4, 5)
    with h5py.File(path, "w") as file:
        for name in [">f8", ">f4", ">i2", ">u8", "<f2", ">c16"]:
            file[name] = values.astype(name)
        file.create_dataset("chunked", data=values, chunks=(2, 3, 2))
        file.create_dataset("gzip", data=values, chunks=(2, 3, 2), compression="gzip", shuffle=True, fletcher32=True)
        file.create_dataset("lzf", data=values, chunks=(2, 3, 2), compression="lzf")
        file.create_dataset("scaleoffset", data=values.astype("i4"), chunks=(3, 4, 5), scaleoffset=True)
        file["scalar"] = 2.5
        file["integer"] = 7
        file.create_dataset("missing_chunks", shape=(10, 10), chunks=(5, 5), dtype="f8", fillvalue=-1.0)
        file["missing_chunks"][:5, :5] = 3
        compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        compact.set_layout(h5py.h5d.COMPACT)
        small = h5py.h5d.create(file.id, b"compact", h5py.h5t.STD_I32BE, h5py.h5s.create_simple((3,)), compact)
        small.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([1, 2, 3], "i4"))
        file.create_dataset("never_written", shape=(2, 2), dtype="i8")
    with File(path) as file:
        assert file.info(">f8") == ("F64", (3, 4, 5)) and file.info(">i2") == ("I16", (3, 4, 5))
        for name in [">f8", ">f4", ">i2", ">u8", "<f2", ">c16"]:
            expected = values.astype("c16" if "c" in name else "f8")
            assert (file.read(name, dtype=expected.dtype) == expected).all(), name
            assert (file.read(name, "[1, ::-1, 1::2]", dtype=expected.dtype) == expected[1, ::-1, 1::2]).all(), name
        for name in ["chunked", "gzip", "scaleoffset"]:
            assert (file.read(name, dtype="f8") == values).all(), name
        # A filter that only h5py has.
        assert "lzf" in fails("UNSUPPORTED", file.read, "lzf").lower()
        assert file.read("scalar")[()] == 2.5 and file.info("integer") == ("I64", ())
        found = file.read("missing_chunks")
        assert (found[:5, :5] == 3).all() and (found[5:] == -1).all() and (found[:, 5:] == -1).all()
        assert file.info("compact") == ("I32", (3,)) and file.read("compact").tolist() == [1, 2, 3]
        assert not file.read("never_written").any()


def unusual_floats():
    """Floats whose bits mean something else are given as those that hold all of their values, as h5py gives them."""
    cases = []
    with h5py.File(path, "w") as file:
        # Bias, bits of the exponent, bits of the mantissa, bytes.
        for bias, exponent, mantissa, size in [(39, 8, 23, 4), (127, 8, 23, 4), (200, 8, 23, 4), (127, 8, 7, 4), (511, 10, 21, 4),
                                               (15, 5, 10, 2), (127, 8, 7, 2), (7, 4, 3, 1), (1023, 11, 52, 8), (127, 8, 23, 8),
                                               (100, 8, 55, 8), (1500, 11, 52, 8)]:
            kind = h5py.h5t.IEEE_F64LE.copy()
            kind.set_fields(exponent + mantissa, mantissa, exponent, 0, mantissa)
            kind.set_ebias(bias)
            kind.set_precision(1 + exponent + mantissa)
            kind.set_size(size)
            name = f"{bias} {exponent} {mantissa} {size}"
            dataset = h5py.h5d.create(file.id, name.encode(), kind, h5py.h5s.create_simple((4,)))
            # What all of these hold, and the largest of each.
            largest = min(2.0 ** (2**exponent - 2 - bias), 1e300)
            values = np.array([0.0, 1.0, -1.5, largest])
            dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, values, mtype=h5py.h5t.NATIVE_DOUBLE)
            try:
                cases.append((name, dataset.dtype))
            except ValueError:
                cases.append((name, None))
    with h5py.File(path) as theirs, File(path) as ours:
        for name, dtype in cases:
            if dtype is None or dtype.itemsize > 8:
                assert ours.info(name)[0] == "OTHER", name
                continue
            expected = "F32" if dtype.itemsize <= 4 else "F64"
            assert ours.info(name) == (expected, (4,)), (name, ours.info(name), dtype)
            for read in [ours.read(name), ours.read(name, dtype="f8")]:
                assert read.tolist() == theirs[name][()].tolist(), (name, read, theirs[name][()])
    # There are some of each kind.
    assert {dtype.itemsize > 4 for _, dtype in cases if dtype} == {True, False}, cases
    assert any(dtype is None or dtype.itemsize > 8 for _, dtype in cases), cases


def shared_attributes():
    """Attributes of many that several objects have as one, in a heap of the file's; and files as large that have none."""
    space = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    assert HDF5.H5Pset_shared_mesg_nindexes(ctypes.c_int64(space.id), 1) >= 0
    # Attributes of 10 bytes and more.
    assert HDF5.H5Pset_shared_mesg_index(ctypes.c_int64(space.id), 0, 1 << 12, 10) >= 0
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_libver_bounds(h5py.h5f.LIBVER_LATEST, h5py.h5f.LIBVER_LATEST)
    with h5py.File(h5py.h5f.create(path.encode(), fcpl=space, fapl=access)) as file:
        for name in ["a", "b"]:
            group = file.create_group(name)
            for number in range(20):
                group.attrs[f"attribute {number}"] = np.arange(40.0) + number // 3
    with open(path, "rb") as file:
        assert b"SMTB" in file.read()
    with h5py.File(path) as file:
        theirs = {group: dict(file[group].attrs) for group in file}
    for mode in ["r", "r+"]:
        with File(path, mode) as ours:
            for group, expected in theirs.items():
                assert sorted(ours.attr_keys(group)) == sorted(expected), group
                for name, value in expected.items():
                    assert ours.get_attr(group, name).tolist() == value.tolist(), (group, name)


def links():
    with h5py.File(elsewhere, "w") as file:
        file["x"] = np.arange(3.0)
        file["sub/a"] = np.arange(5.0)
    with h5py.File(path, "w") as file:
        file["group/a"] = np.arange(4.0)
        file["external_group"] = h5py.ExternalLink("elsewhere.hdf5", "/sub")
        file["soft"] = h5py.SoftLink("/group/a")
        file["soft_group"] = h5py.SoftLink("/group")
        file["dangling"] = h5py.SoftLink("/nowhere")
        file["external"] = h5py.ExternalLink("elsewhere.hdf5", "/x")
        file["lost"] = h5py.ExternalLink("no_such_file.hdf5", "/x")
        file["hard"] = file["group/a"]
    with File(path) as file:
        assert file.read("soft").tolist() == [0, 1, 2, 3] and file.exists("soft") == "dataset"
        assert file.keys("soft_group") == ["a"] and file.exists("soft_group") == "group"
        assert file.read("soft_group/a").tolist() == [0, 1, 2, 3]
        assert file.read("external").tolist() == [0, 1, 2] and file.info("external") == ("F64", (3,))
        # Reads from another file, though the last link is a hard one; at once and again.
        for _ in range(3):
            assert file.read("external_group/a", dtype="f8").tolist() == [0, 1, 2, 3, 4]
        assert file.read("hard").tolist() == [0, 1, 2, 3]
        assert file.exists("dangling") is None and file.exists("lost") is None
        fails("NOT_FOUND", file.read, "dangling", None, "f8")
        fails("NOT_FOUND", file.read, "lost", None, "f8")
        assert file.keys() == ["dangling", "external", "external_group", "group", "hard", "lost", "soft", "soft_group"]
        file.tree()
    # Cycles end.
    with h5py.File(path, "a") as file:
        file["group/up"] = file["/"]
        file["group/itself"] = h5py.SoftLink("/group")
    with File(path) as file:
        file.tree()
        assert file.read("group/up/group/itself/a").tolist() == [0, 1, 2, 3]


def appends_elsewhere():
    """Records of a series behind an external link go into that file, and not one byte of this one changes."""
    with h5py.File(elsewhere, "w") as file:
        file.create_group("sub")
    with h5py.File(path, "w") as file:
        file["pad"] = np.arange(3000.0)
        file["there"] = h5py.ExternalLink("elsewhere.hdf5", "/sub")
    record = np.arange(3.0)
    with File(elsewhere, "r+") as file:
        file.append("sub/series", record, compression="gzip", chunks=[50, 3])
    with File(path, "r+") as file:
        for step in range(1, 20):
            file.append("there/series", record + step)
            if step % 3 == 0:
                file.commit()
        file.write("there/new/x", record)
    with h5py.File(path) as file:
        assert (file["pad"][()] == np.arange(3000.0)).all()
        assert (file["there/series"][()] == record + np.arange(20)[:, None]).all()
        assert (file["there/new/x"][()] == record).all()


def other_types():
    with h5py.File(path, "w") as file:
        file["compound"] = np.array([(1, 2.0)], dtype=[("id", "i4"), ("x", "f8")])
        file["opaque"] = np.void(b"\x00\x01\x02")
        file.create_dataset("enum", data=[0, 1], dtype=h5py.enum_dtype({"RED": 0, "GREEN": 1}, "i4"))
        file.create_dataset("reference", data=file["enum"].ref, dtype=h5py.ref_dtype)
        file.create_dataset("ragged", data=[np.arange(2), np.arange(3)], dtype=h5py.vlen_dtype("i4"))
        file["complex"] = np.array([1 + 2j])
        file["bool"] = np.array([True, False])
        file["array_type"] = np.array([([1, 2],)], dtype=[("pair", "i4", (2,))])
        file["null"] = h5py.Empty("f8")
        file.create_dataset("datatype_named", data=[1.0])
        file["committed"] = np.dtype("f8")
    with File(path) as file:
        for name in ["compound", "opaque", "reference", "ragged", "array_type"]:
            assert file.info(name)[0] == "OTHER", name
            message = fails("TYPE", file.read, name, None, "f8")
            assert name in message, message
        assert "compound" in fails("TYPE", file.read, "compound", None, "f8")
        # An enumeration's numbers are numbers.
        assert file.info("enum")[0] in ["OTHER", "I32"]
        assert file.info("complex") == ("C128", (1,)) and file.read("complex").tolist() == [1 + 2j]
        assert file.info("bool") == ("BOOL", (2,)) and file.read("bool").tolist() == [True, False]
        fails("TYPE", file.read, "complex", None, "f8")
        file.tree()


def marked():
    """Files that say that they are being written, which nobody who dies takes back."""
    for swmr in [False, True]:
        with h5py.File(elsewhere, "w", libver="v110") as file:
            file["u"] = [1.0, 2.0]
            if swmr:
                file.swmr_mode = True
            file.flush()
            shutil.copy(elsewhere, path)
        for mode in ["r", "r+", "a"]:
            message = fails("LOCKED", File, path, mode)
            assert "marked as open for writing" in message and "h5clear -s" in message, message
            try:
                h5py.File(path, mode)
            except OSError:
                continue
            raise AssertionError("h5py opens it")
        # Nor is it read behind a link.
        with h5py.File("linking.hdf5", "w") as file:
            file["other"] = h5py.ExternalLink("foreign.hdf5", "/u")
        with File("linking.hdf5") as file:
            try:
                values = file.read("other")
            except H5simError:
                continue
            raise AssertionError(values)
    # As it was closed it is whole.
    with File(elsewhere) as file:
        assert file.read("u").tolist() == [1.0, 2.0]


os.chdir(folder)
marked()
texts()
user_block()
numbers()
unusual_floats()
shared_attributes()
links()
appends_elsewhere()
other_types()
