"""What VTK reads of files with the group VTKHDF, the newest and 9.3.1: argv[1] is a folder, argv[2] earliest, argv[3] the
Python that has VTK 9.3.1. The same files have to open in xarray."""

import json
import os
import subprocess
import sys

import ctypes
import h5py
import numpy as np
import xarray as xr
from h5sim_ctypes import LIB, File, check, fails

HERE = os.path.dirname(os.path.abspath(__file__))
os.chdir(sys.argv[1])
LIBVER = sys.argv[2]
NEWEST, OLD = sys.executable, os.path.abspath(sys.argv[3])


def vtkhdf(file, **options):
    check(LIB.h5sim_vtkhdf(file.handle, json.dumps(options).encode()))


def seen(name, pythons=None):
    """What each VTK finds in a file."""
    for python in pythons or [NEWEST, OLD]:
        done = subprocess.run([python, os.path.join(HERE, "vtk_reader.py"), name], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout.splitlines()[-1])
        assert "ERR" not in found["said"] and "rror" not in found["said"], found["said"]
        yield found


def same(found, expected):
    expected = np.asarray(expected)
    np.testing.assert_array_equal(np.asarray(found).reshape(expected.shape), expected)


def new(name, mode="w"):
    return File(name, mode, libver=LIBVER)


SHAPE = (3, 4, 5)
U = np.arange(60.0).reshape(SHAPE)
W = np.arange(180.0).reshape(*SHAPE, 3)
CELLS = np.arange(24, dtype="i4").reshape(2, 3, 4)


def static_images():
    with new("static.h5") as file:
        file.write("fields/u", U, compression="gzip", shuffle=True)
        file.write("w", W.astype("f4"))
        file.write("material", CELLS)
        vtkhdf(file, point_data=["/fields/u", "w"], cell_data=["material"], origin=[1, 2, 3], spacing=[0.5, 1, 2])
        size = os.path.getsize("static.h5")
    for found in seen("static.h5"):
        assert found["class"] == "vtkImageData" and found["times"] == []
        step = found["steps"][0]
        same(step["points"]["u"], U)
        same(step["points"]["w"], W)
        same(step["cells"]["material"], CELLS)
        assert step["bounds"] == [1, 3, 2, 5, 3, 7], step["bounds"]
    with new("plane.h5") as file:
        file.write("u", U[0])
        file.write("w", W[0])
        vtkhdf(file, type="ImageData", point_data=["u", "w"])
        fails("EXISTS", vtkhdf, file, point_data=["u"])
        vtkhdf(file, point_data=["w", "u"], spacing=[2, 3], overwrite=True)
    for found in seen("plane.h5"):
        same(found["steps"][0]["points"]["u"], U[0])
        same(found["steps"][0]["points"]["w"], W[0])
        assert found["steps"][0]["bounds"] == [0, 8, 0, 9, 0, 0]
    with h5py.File("plane.h5") as file:
        kind = file["VTKHDF"].attrs.get_id("Type").get_type()
        assert kind.get_size() == 9 and kind.get_strpad() == h5py.h5t.STR_NULLPAD and not kind.is_variable_str()
        assert file["VTKHDF/PointData"].get("u", getlink=True).path == "/u"


def append(file, first, last):
    for step in range(first, last):
        file.append("time", np.float64(step / 2), dims=["time"])
        file.append("u", U + step, dims=["time", "z", "y", "x"], compression="gzip", shuffle=True)
        file.append("w", W + step)
        file.append("material", CELLS + step)


def check_images(name, steps):
    for found in seen(name):
        assert found["times"] == [step / 2 for step in range(steps)], found["times"]
        for number, step in enumerate(found["steps"]):
            same(step["points"]["u"], U + number)
            same(step["points"]["w"], W + number)
            same(step["cells"]["material"], CELLS + number)
    with xr.open_dataset(name, engine="h5netcdf", phony_dims="sort") as data:
        assert data["u"].dims == ("time", "z", "y", "x") and data.sizes["time"] == steps


def images_with_time():
    with new("time.h5") as file:
        for axis, length in zip("zyx", SHAPE):
            file.write(axis, np.arange(float(length)))
        append(file, 0, 1)
        vtkhdf(file, point_data=["u", "w"], cell_data=["material"], time="time")
        append(file, 1, 3)
        # A step of which not all is there is not shown.
        file.append("time", np.float64(1.5))
        file.append("u", U + 3)
        file.commit()
        with h5py.File("time.h5", "r", locking=False) as other:
            assert other["VTKHDF/Steps"].attrs["NSteps"] == 3
        file.append("w", W + 3)
        file.append("material", CELLS + 3)
    check_images("time.h5", 4)
    # A later run goes on, and back.
    with new("time.h5", "a") as file:
        append(file, 4, 6)
    check_images("time.h5", 6)
    with new("time.h5", "r+") as file:
        # The two without names of axes are cut one by one.
        file.truncate("w", 2)
        file.truncate("material", 2)
        file.rewind("time", 0.6)
        append(file, 2, 5)
    check_images("time.h5", 5)


def deleted():
    """The steps go on when something is deleted, and wait for a series that is."""
    with new("deleted.h5") as file:
        append(file, 0, 1)
        vtkhdf(file, point_data=["u", "w"], cell_data=["material"], time="time")
        file.write("other", np.zeros(3))
        file.delete("other")
        append(file, 1, 3)
        file.commit()
        with h5py.File("deleted.h5", "r", locking=False) as other:
            assert other["VTKHDF/Steps"].attrs["NSteps"] == 3
        file.delete("w")
        file.append("time", np.float64(1.5))
        file.commit()
        file.create_group("w")
        file.commit()
        file.delete("w")
        file.truncate("time", 3)
        for step in range(3):
            file.append("w", W + step)
        append(file, 3, 5)
    check_images("deleted.h5", 5)


def killed():
    """After a kill the steps are those of the last commit, whatever was appended since."""
    child = f"""
import os, signal, sys
sys.argv = ["", {os.getcwd()!r}, {LIBVER!r}, {OLD!r}, "none"]
from vtkhdf import *
with_file = new("killed.h5")
append(with_file, 0, 2)
vtkhdf(with_file, point_data=["u", "w"], cell_data=["material"], time="time")
append(with_file, 2, 4)
with_file.commit()
append(with_file, 4, 7)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", child], env={**os.environ, "PYTHONPATH": HERE})
    assert done.returncode == -9, done
    with new("killed.h5", "a") as file:
        assert file.info("u")[1][0] == 4
    check_images("killed.h5", 4)


def rectilinear():
    x, y, z = np.arange(5.0) ** 2, np.arange(4.0) ** 3, np.arange(3.0)
    with new("rectilinear.h5") as file:
        for name, values in [("x", x), ("y", y), ("z", z)]:
            file.write(name, values)
        file.append("time", np.float64(0))
        file.append("u", U)
        vtkhdf(file, type="RectilinearGrid", x="x", y="y", z="z", point_data=["u"], time="time")
        file.append("time", np.float64(1))
        file.append("u", 2 * U)
    for found in seen("rectilinear.h5", [NEWEST]):
        assert found["class"] == "vtkRectilinearGrid" and found["times"] == [0, 1]
        same(found["steps"][1]["points"]["u"], 2 * U)
        assert found["steps"][0]["bounds"] == [0, 16, 0, 27, 0, 2]
    with new("flat.h5") as file:
        file.write("x", x)
        file.write("y", y)
        file.write("u", U[0])
        vtkhdf(file, type="RectilinearGrid", x="x", y="y", point_data=["u"])
    for found in seen("flat.h5", [NEWEST]):
        same(found["steps"][0]["points"]["u"], U[0])
        assert found["steps"][0]["bounds"] == [0, 16, 0, 27, 0, 0]


def particles():
    random = np.random.default_rng(1)
    counts = [5, 0, 7, 3, 7, 9]
    steps = [(random.random((count, 3)), random.random(count), random.random((count, 3))) for count in counts]

    def write(file, first, last):
        for step in range(first, last):
            places, mass, speed = steps[step]
            file.append("time", np.float64(step))
            file.append("count", np.int64(counts[step]))
            for name, values in [("p/places", places), ("p/mass", mass), ("p/speed", speed)]:
                array = np.ascontiguousarray(values)
                # As many records as particles.
                shape = array.shape[1:]
                extents = (ctypes.c_int64 * 2)(*shape)
                from h5sim_ctypes import CODES
                check(LIB.h5sim_append(file.handle, name.encode(), CODES[array.dtype], len(shape), extents,
                                       array.ctypes.data, json.dumps({"records": counts[step]}).encode()))

    def check_steps(name, number):
        for found in seen(name):
            assert found["class"] == "vtkPolyData" and len(found["times"]) == number
            for step, (places, mass, speed) in zip(found["steps"], steps):
                assert step["number of points"] == len(mass), step
                if len(mass):
                    same(step["points"]["mass"], mass)
                    same(step["points"]["speed"], speed)
                    low, high = places.min(0), places.max(0)
                    same(step["bounds"], np.stack([low, high], 1).ravel())
                    assert step["number of cells"] == 1

    with new("particles.h5") as file:
        write(file, 0, 3)
        vtkhdf(file, type="PolyData", points="p/places", point_data=["p/mass", "p/speed"], time="time", counts="count")
        write(file, 3, 4)
    check_steps("particles.h5", 4)
    with new("particles.h5", "r+") as file:
        write(file, 4, 6)
    check_steps("particles.h5", 6)
    with new("particles.h5", "r+") as file:
        file.rewind("time", 2)
        assert file.info("p/places")[1] == (12, 3) and file.info("count")[1] == (3,)
        write(file, 3, 5)
    check_steps("particles.h5", 5)
    with new("one.h5") as file:
        file.write("places", steps[0][0])
        file.write("mass", steps[0][1])
        vtkhdf(file, type="PolyData", points="places", point_data=["mass"])
    for found in seen("one.h5"):
        assert found["steps"][0]["number of points"] == 5 and found["times"] == []
        same(found["steps"][0]["points"]["mass"], steps[0][1])


def unstructured():
    places = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1.0]])

    def mesh(file):
        file.write("connectivity", np.array([0, 1, 2, 3, 1, 2, 3, 4]))
        file.write("offsets", np.array([0, 4, 8]))
        file.write("types", np.array([10, 10], dtype="u1"))

    names = {"connectivity": "connectivity", "offsets": "offsets", "types": "types", "points": "places"}
    with new("mesh.h5") as file:
        mesh(file)
        file.write("places", places)
        file.write("t", np.arange(5.0))
        file.write("q", np.arange(2))
        vtkhdf(file, type="UnstructuredGrid", **names, point_data=["t"], cell_data=["q"])
    for found in seen("mesh.h5"):
        step = found["steps"][0]
        assert found["class"] == "vtkUnstructuredGrid" and step["number of cells"] == 2 and step["number of points"] == 5
        same(step["points"]["t"], np.arange(5.0))
        same(step["cells"]["q"], np.arange(2))
    for moves in [False, True]:
        with new("moving.h5") as file:
            mesh(file)
            file.write("fixed", np.arange(5.0))
            if not moves:
                file.write("places", places)
            for step in range(4):
                file.append("time", np.float64(step))
                if moves:
                    for place in places:
                        file.append("places", place * (step + 1))
                for point in range(5):
                    file.append("t", np.float64(10 * step + point))
                for cell in range(2):
                    file.append("q", np.int32(10 * step + cell))
                if step == 1:
                    counts = {"counts": 5} if moves else {}
                    vtkhdf(file, type="UnstructuredGrid", **names, point_data=["t", "fixed"], cell_data=["q"],
                           time="time", **counts)
                    file.commit()
            if moves:
                file.rewind("time", 2.5)
        number = 3 if moves else 4
        for found in seen("moving.h5"):
            assert len(found["times"]) == number, found["times"]
            for step, data in enumerate(found["steps"]):
                same(data["points"]["t"], 10 * step + np.arange(5))
                same(data["points"]["fixed"], np.arange(5))
                same(data["cells"]["q"], 10 * step + np.arange(2))
                assert data["bounds"][1] == (step + 1 if moves else 1)


def refused():
    with new("refused.h5") as file:
        file.write("u", U)
        file.write("mask", U > 3)
        file.write("z", U + 1j)
        file.write("short", U[1:])
        file.write("places", np.zeros((5, 3)))
        file.write("a/u", U)
        file.write_text("text", "words")
        before = file.tree()
        for options, status, part in [
            ({"point_data": ["mask"]}, "TYPE", "'mask' is bool, for which VTK gives up the whole file: write it as u1"),
            ({"point_data": ["u", "z"]}, "TYPE", "'z' is c16, for which VTK"),
            ({"point_data": ["text"]}, "TYPE", "VTK"),
            ({"point_data": ["u", "short"]}, "SHAPE", "'short' with shape (2, 4, 5) is not of the grid"),
            ({"point_data": ["u"], "cell_data": ["short"]}, "SHAPE", "'short'"),
            ({"point_data": ["u", "a/u"]}, "ARGUMENT", "name 'u'"),
            ({"point_data": ["nothing"]}, "NOT_FOUND", "nothing"),
            ({"point_data": []}, "ARGUMENT", "has to name an array"),
            ({"point_data": ["u"], "time": "u"}, "SHAPE", "the times of steps"),
            ({"point_data": ["u"], "points": "places"}, "ARGUMENT", "'points' does not go with"),
            ({"point_data": ["u"], "spacing": [1]}, "ARGUMENT", "two or three"),
            ({"type": "Image"}, "ARGUMENT", "'type'"),
            ({"type": "PolyData"}, "ARGUMENT", "'points' has to name"),
            ({"type": "PolyData", "points": "u"}, "SHAPE", "(points, 3)"),
            ({"type": "PolyData", "points": "places", "cell_data": ["u"]}, "ARGUMENT", "'cell_data'"),
            ({"type": "UnstructuredGrid", "points": "places"}, "ARGUMENT", "'connectivity' has to"),
            ({"type": "RectilinearGrid", "x": "places", "point_data": ["u"]}, "SHAPE", "one axis"),
            ({"sort": 1}, "ARGUMENT", "no option here"),
        ]:
            said = fails(status, vtkhdf, file, **options)
            assert part in said, said
            assert file.exists("VTKHDF") is None
        assert file.tree() == before


if len(sys.argv) < 5:
    for case in [static_images, images_with_time, deleted, killed, rectilinear, particles, unstructured, refused]:
        case()
        print(LIBVER, case.__name__, flush=True)
