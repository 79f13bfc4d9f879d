"""Axes with names, in the readers for which they are: xarray by both its engines, netCDF4, h5netcdf, h5py and
ncdump. argv[1] is a folder; argv[2] the format, earliest or latest."""

import os
import subprocess
import sys
import time

import h5py
import netCDF4
import numpy as np
import xarray as xr
from h5sim_ctypes import File, fails

os.chdir(sys.argv[1])
LIBVER = sys.argv[2]
ENGINES = ["netcdf4", "h5netcdf"]
X, Y = np.linspace(0.0, 1.0, 4), np.arange(3.0)
FIELD = np.arange(12.0).reshape(3, 4)


def new(name, mode="w", **options):
    return File(name, mode, libver=LIBVER, **options)


def opened(name, group=None):
    """The file as a dataset of xarray's, by each engine, with dates as they are in the file."""
    for engine in ENGINES:
        with xr.open_dataset(name, engine=engine, group=group, decode_timedelta=False,
                             **({"phony_dims": "sort"} if engine == "h5netcdf" else {})) as data:
            yield data.load()


def ncdump(name):
    """The header as netCDF's own program shows it, Debian's of which reads no file of the latest format."""
    done = subprocess.run(["ncdump", "-h", name], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def check_strings(name, path):
    """The text attributes of a scale are of the one kind that all readers take."""
    with h5py.File(name) as file:
        for attribute in ["CLASS", "NAME"]:
            kind = file[path].attrs.get_id(attribute).get_type()
            assert not kind.is_variable_str() and kind.get_strpad() == h5py.h5t.STR_NULLTERM, (path, attribute)
            assert kind.get_cset() == h5py.h5t.CSET_ASCII
        assert file[path].attrs.get_id("CLASS").get_type().get_size() == 16


def coordinates_before_and_after():
    for order in ["before", "after", "after a commit"]:
        name = f"coordinates {order}.h5"
        with new(name) as file:
            def coordinates():
                file.write("x", X, attrs={"units": "m"})
                file.write("y", Y, attrs={"units": "m", "axis": "Y"})
            if order == "before":
                coordinates()
            file.write("u", FIELD, dims=["y", "x"], attrs={"units": "m/s", "long_name": "velocity", "level": 3})
            assert file.dims("u") == ["y", "x"]
            if order == "after a commit":
                file.commit()
                assert file.dims("u") == ["y", "x"]
            if order != "before":
                # What does not fit is refused, and the right one can still come.
                said = fails("SHAPE", file.write, "x", np.arange(5.0))
                assert "length 4" in said and "5" in said, said
                fails("SHAPE", file.write, "x", np.zeros((4, 4)))
                coordinates()
            file.write("group/v", FIELD, dims=["y", "x"])
            # Chunks, compression: what HDF5 makes is labelled as well.
            file.write("packed", FIELD, dims=["y", "x"], compression="gzip", attrs={"units": "K"})
            file.create("created", "f4", (3, 4), dims=["y", "x"])
            file.write("bare", FIELD)
        for data in opened(name):
            assert data["u"].dims == ("y", "x") and set(data.coords) == {"x", "y"}
            assert data["u"].attrs == {"units": "m/s", "long_name": "velocity", "level": 3}, data["u"].attrs
            np.testing.assert_array_equal(data["u"].sel(y=2.0).values, FIELD[2])
            np.testing.assert_array_equal(data["x"].values, X)
            assert data["x"].attrs["units"] == "m" and data["packed"].dims == ("y", "x")
            assert data["created"].dims == ("y", "x") and data["bare"].shape == (3, 4)
        for data in opened(name, "group"):
            assert data["v"].dims == ("y", "x")
        check_strings(name, "x")
        with h5py.File(name) as file:
            u = file["u"]
            assert [axis[0].name for axis in u.dims] == ["/y", "/x"]
            # HDF5's own functions find the references in both directions.
            assert h5py.h5ds.is_attached(u.id, file["x"].id, 1) and h5py.h5ds.is_attached(u.id, file["y"].id, 0)
            assert h5py.h5ds.is_attached(file["group/v"].id, file["x"].id, 1)
            assert not h5py.h5ds.is_attached(file["bare"].id, file["x"].id, 1)
            assert len(file["x"].attrs["REFERENCE_LIST"]) == 4
        if LIBVER == "earliest":
            assert "double u(y, x)" in ncdump(name)
        with File(name) as file:
            assert file.dims("group/v") == ["y", "x"] and file.dims("x") == ["x"]
            assert file.dims("bare") == [None, None]


def without_coordinate():
    with new("bare.h5") as file:
        file.write("u", FIELD, dims=["rows", "columns"])
        file.write("deep/v", FIELD.T, dims=["columns", "rows"])
        file.write("deep/other", np.arange(7), dims=["n"])
        said = fails("SHAPE", file.write, "w", np.arange(5.0), dims=["rows"])
        assert "rows" in said and file.exists("w") is None
        file.write("scalar", np.float64(3.0), dims=[])
    for data in opened("bare.h5"):
        assert data["u"].dims == ("rows", "columns") and dict(data.sizes) == {"rows": 3, "columns": 4}
        assert set(data.variables) == {"u", "scalar"}
    for data in opened("bare.h5", "deep"):
        assert data["v"].dims == ("columns", "rows") and data["other"].dims == ("n",)
    with netCDF4.Dataset("bare.h5") as file:
        assert set(file.dimensions) == {"rows", "columns"} and set(file["deep"].dimensions) == {"n"}
    # A coordinate takes the place of a dimension in a later run, and axes follow it.
    with new("bare.h5", "a") as file:
        fails("SHAPE", file.write, "rows", np.arange(4.0))
        assert file.dims("u") == ["rows", "columns"]
        file.write("rows", Y)
        assert file.dims("u") == ["rows", "columns"]
    for data in opened("bare.h5"):
        assert data["u"].dims == ("rows", "columns") and set(data.coords) == {"rows"}
        np.testing.assert_array_equal(data["rows"].values, Y)
    for data in opened("bare.h5", "deep"):
        assert data["v"].dims == ("columns", "rows")


def series():
    for coordinate in [True, False]:
        name = f"series {coordinate}.h5"
        with new(name) as file:
            file.write("x", X)
            for step in range(5):
                if coordinate:
                    file.append("time", np.float64(step / 2), dims=["time"], attrs={"units": "seconds"})
                file.append("u", X + step, dims=["time", "x"], attrs={"units": "K"}, compression="gzip")
                file.append("mean", np.float64(step), dims=["time"])
                if step == 2:
                    file.commit()
        for data in opened(name):
            assert data["u"].dims == ("time", "x") and data.sizes["time"] == 5, data.sizes
            assert ("time" in data.coords) == coordinate
            np.testing.assert_array_equal(data["u"].isel(time=4).values, X + 4)
        with netCDF4.Dataset(name) as file:
            assert file.dimensions["time"].isunlimited() and len(file.dimensions["time"]) == 5
        # A later run goes on, and so does the dimension.
        with new(name, "a") as file:
            if coordinate:
                file.append("time", np.float64(9.0))
            file.append("u", X)
            file.append("mean", np.float64(1.0))
        for data in opened(name):
            assert data.sizes["time"] == 6, data.sizes
    # What grows goes with what grows.
    with new("fixed.h5") as file:
        file.write("time", X)
        said = fails("SHAPE", file.append, "u", np.float64(1), dims=["time"])
        assert "cannot" in said and file.exists("u") is None


def refused():
    with new("refused.h5") as file:
        file.write("x", X)
        file.write("table", FIELD)
        file.write("other/z", np.arange(2.0))
        before = file.tree()
        for dims, status, part in [
            (["x"], "SHAPE", "names 1 axes"),
            (["x", "x"], "SHAPE", "axis 0 of 'u' has length 3, the coordinate 'x' has 4"),
            (["y", None], "ARGUMENT", "no name for axis 1"),
            (["y", "other/x"], "ARGUMENT", "without '/'"),
            (["y", "table"], "SHAPE", "'table' has shape (3, 4)"),
            (["y", "other"], "TYPE", "'other' is a group"),
            (["u", "x"], "SHAPE", "as the dataset itself"),
            ("x", "ARGUMENT", "expected an array"),
            ([1, 2], "ARGUMENT", "expected an array"),
        ]:
            for call in [lambda **o: file.write("u", FIELD, **o), lambda **o: file.create("u", "f8", (3, 4), **o),
                         lambda **o: file.write("u", FIELD, chunks=True, **o)]:
                said = fails(status, call, dims=dims)
                assert part in said and said.startswith("refused.h5: ") and "'u': " in said, said
        for attrs in [{"a": None}, {"a": {"b": 1}}, {"DIMENSION_LIST": 1}, ["a"], {"a": ["t"]}]:
            fails("ARGUMENT", file.write, "u", FIELD, attrs=attrs)
        said = fails("SHAPE", file.set_dims, "table", ["a"])
        assert "names 1 axes" in said
        fails("NOT_FOUND", file.set_dims, "nothing", ["a"])
        fails("NOT_FOUND", file.dims, "nothing")
        fails("TYPE", file.dims, "other")
        assert file.tree() == before
    for data in opened("refused.h5"):
        assert "u" not in data


def existing():
    """h5sim_set_dims on what is there, also of other programs, and names taken away."""
    with h5py.File("existing.h5", "w", libver=LIBVER) as file:
        file["x"], file["y"], file["u"], file["i"] = X, Y, FIELD, np.arange(3)
        file["bare"] = np.zeros((3, 4))
        file["h5py"] = FIELD
        file["elsewhere/x"] = X
        file["x"].make_scale("a name of h5py's")
        file["elsewhere/x"].make_scale()
        file["h5py"].dims[1].attach_scale(file["x"])
        file["bare"].dims[1].attach_scale(file["elsewhere/x"])
    with File("existing.h5", "r+") as file:
        assert file.dims("h5py") == [None, "x"] and file.dims("bare") == [None, "/elsewhere/x"]
        file.set_dims("bare", None)
        assert file.dims("bare") == [None, None]
        file.set_dims("h5py", ["y", "x"])
        file.set_dims("u", ["i", "x"])
        file.set_dims("u", ["y", "x"])
        assert file.dims("u") == ["y", "x"]
    for data in opened("existing.h5"):
        assert data["u"].dims == ("y", "x") == data["h5py"].dims and "x" in data.coords
    with h5py.File("existing.h5") as file:
        assert h5py.h5ds.is_attached(file["h5py"].id, file["x"].id, 1)
        assert "REFERENCE_LIST" not in file["i"].attrs and len(file["y"].attrs["REFERENCE_LIST"]) == 2
        assert "DIMENSION_LIST" not in file["bare"].attrs and "REFERENCE_LIST" not in file["elsewhere/x"].attrs


def deleted_and_replaced():
    with new("deleted.h5") as file:
        file.write("x", X)
        file.write("y", Y)
        for name in ["u", "v", "group/w"]:
            file.write(name, FIELD, dims=["y", "x"])
        file.commit()
        file.delete("v")
        file.delete("group")
        # A coordinate of the same length is rewritten in place, one of another is refused, and one of another type takes its place.
        file.write("x", 2 * X, overwrite=True)
        said = fails("SHAPE", file.write, "x", np.arange(5.0), overwrite=True)
        assert "'x' is the coordinate of axis 1 of 'u'" in said, said
        file.write("x", np.arange(4, dtype="i4"), overwrite=True)
        file.delete("y")
        assert file.dims("u") == ["y", "x"]
        file.write("u2", FIELD, dims=["y", "x"])
        file.write("u2", FIELD + 1, overwrite=True, dims=["rows", "x"])
        file.write("gone", FIELD, dims=["y", "x"])
        file.write("gone", np.arange(3), overwrite=True)
    for data in opened("deleted.h5"):
        assert data["u"].dims == ("y", "x") and set(data.coords) == {"x"} and data["u2"].dims == ("rows", "x")
        np.testing.assert_array_equal(data["x"].values, np.arange(4))
    with h5py.File("deleted.h5") as file:
        for scale in ["x", "y"]:
            names = {file[reference].name for reference, _ in file[scale].attrs["REFERENCE_LIST"]}
            assert names <= {"/u", "/u2"} and "/u" in names, names
        assert "DIMENSION_LIST" not in file["gone"].attrs


def many():
    """More datasets than the list of a scale holds in the old format, each described alike."""
    count = 4200
    with new("many.h5") as file:
        file.write("x", X)
        for number in range(count):
            file.write(f"set/{number:04}", X + number, dims=["x"], attrs={"units": "m/s", "long_name": "velocity"})
        # One more commit adds to the list.
        file.commit()
        file.write("set/last", X, dims=["x"])
    with h5py.File("many.h5") as file:
        owners = file["x"].attrs["REFERENCE_LIST"]
        assert len(owners) == (4085 if LIBVER == "earliest" else count + 1), len(owners)
        for number in [0, 4084, 4199]:
            dataset = file[f"set/{number:04}"]
            assert dataset.dims[0][0].name == "/x" and dataset.attrs["long_name"] == "velocity"
            np.testing.assert_array_equal(dataset[()], X + number)
    with netCDF4.Dataset("many.h5") as file:
        assert len(file["set"].variables) == count + 1
        assert all(variable.dimensions == ("x",) for variable in file["set"].variables.values())
        assert file["set/4199"].units == "m/s"


def memory_is_short():
    """Labels survive that what waits is written for want of memory, with and without a coordinate."""
    with new("short.h5", memory="16 KiB") as file:
        for number in range(400):
            file.write(f"a/{number}", X, dims=["x"], attrs={"units": "m"})
            file.write(f"b/{number}", Y, dims=["n"])
        file.write("a/x", X)
    for data in opened("short.h5", "a"):
        assert len(data.variables) == 401 and all(variable.dims == ("x",) for variable in data.variables.values())
    with netCDF4.Dataset("short.h5") as file:
        assert all(variable.dimensions == ("n",) for variable in file["b"].variables.values())


def ordered():
    """netCDF adds to a file whose groups note the order in which links came."""
    for track in [True, False]:
        with new("ordered.h5", track_order=track) as file:
            file.write("z/x", X)
            file.write("z/u", FIELD, dims=["y", "x"])
            file.create_group("a/b")
            file.append("series", X, dims=["time", "n"])
        with new("ordered.h5", "a") as file:
            file.write("later/deeper/x", X, dims=["x"])
        for data in opened("ordered.h5", "z"):
            assert data["u"].dims == ("y", "x")
        try:
            with netCDF4.Dataset("ordered.h5", "a") as file:
                file["z"].createVariable("new", "f8", ("y", "x"))[:] = 2 * FIELD
                file["later/deeper"].createVariable("new", "f8", ("x",))[:] = 2 * X
                file.title = "added"
        except OSError:
            assert not track
            continue
        assert track
        with File("ordered.h5") as file:
            assert file.dims("z/new") == ["y", "x"]
            np.testing.assert_array_equal(file.read("z/new"), 2 * FIELD)
            assert file.get_attr_text("/", "title") == "added"


def of_netcdf():
    """What netCDF wrote is read, and continued."""
    with netCDF4.Dataset("netcdf.nc", "w") as file:
        file.createDimension("time", None)
        file.createDimension("x", 4)
        file.createDimension("y", 3)
        file.createVariable("x", "f8", ("x",))[:] = X
        file.createVariable("u", "f8", ("time", "y", "x"))[0] = FIELD
        file.createGroup("g").createVariable("v", "f8", ("y", "x"))[:] = FIELD
    with File("netcdf.nc", "r+") as file:
        assert file.dims("u") == ["time", "y", "x"] and file.dims("g/v") == ["y", "x"] and file.dims("x") == ["x"]
        file.append("u", 2 * FIELD)
        file.write("g/w", FIELD, dims=["y", "x"])
        file.write("y", Y)
    for data in opened("netcdf.nc"):
        assert data["u"].dims == ("time", "y", "x") and data["u"].shape == (2, 3, 4), data
        np.testing.assert_array_equal(data["u"].values[1], 2 * FIELD)
        np.testing.assert_array_equal(data["y"].values, Y)
    for data in opened("netcdf.nc", "g"):
        assert data["v"].dims == ("y", "x") == data["w"].dims


for case in [coordinates_before_and_after, without_coordinate, series, refused, existing, deleted_and_replaced, many,
             memory_is_short, ordered, of_netcdf]:
    begun = time.time()
    case()
    print(f"{LIBVER}: {case.__name__}: {time.time() - begun:.1f} s", flush=True)
