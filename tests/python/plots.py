"""The pictures of `h5sim plot`, pixel by pixel beside NumPy and matplotlib's viridis.

plots.py make FOLDER     writes the files that are drawn
plots.py check FOLDER    looks at the pictures
plots.py watch FOLDER    draws a film by the command in H5SIM_COMMAND at a terminal, which shows how far it is"""

import json
import os
import pty
import sys

import h5py
import matplotlib
import numpy as np
from PIL import Image

action, folder = sys.argv[1:]
os.chdir(folder)
random = np.random.default_rng(7)
TIMES = np.array([0.0, 0.5, 2.0, 3.0])
X, Y = np.array([0.0, 1.0, 2.0, 4.0, 8.0]), np.linspace(3.0, -3.0, 7)
SERIES = random.normal(size=(4, 7, 5)) * 50 + 20
T = np.linspace(0, 4, 201)
SIGNAL = np.sin(3 * T) * np.exp(-T / 4) * 1e-4
HOLES = random.random((6, 8))
HOLES[2, 3:5] = np.nan
FINE = random.normal(size=(3000, 2500)) + np.linspace(-3, 3, 2500)
MANY = random.normal(size=(40, 3, 4))
VIRIDIS = np.round(matplotlib.colormaps["viridis"](range(256))[:, :3] * 255).astype(int)

if action == "make":
    with h5py.File("plots.h5", "w") as file:
        for name, values, units in [("time", TIMES, "s"), ("x", X, "m"), ("y", Y, "m"), ("t", T, "ms")]:
            file[name] = values
            file[name].make_scale(name)
            file[name].attrs["units"] = units
        for name, values, axes in [("group/series", SERIES, ["time", "y", "x"]), ("signal", SIGNAL, ["t"]), ("holes", HOLES, []),
                                   ("fine", FINE, []), ("many", MANY, []), ("flags", HOLES > 0.5, []),
                                   ("numbers", np.arange(12, dtype="i2").reshape(3, 4), []), ("flat", np.full((3, 3), 7.0), [])]:
            file[name] = values
            for number, axis in enumerate(axes):
                file[name].dims[number].attach_scale(file[axis])
        file["group/series"].attrs["units"] = "K"
        file["signal"].attrs.update({"units": "V", "long_name": "Spannung über R\u2081"})
        file["gaps"] = [1.0, 2.0, np.nan, 3.0, np.nan, 2.0, 1.0]
        file["text"], file["texts"], file["one"] = "words", ["a", "b"], 1.0
        file["four"], file["empty"], file["nan"] = np.zeros((2, 2, 2, 2)), np.zeros((0, 3)), np.full((4, 4), np.nan)
        file["noise"] = FINE.ravel()[:1000000]
        file["complex"] = np.ones(3) * 1j
        file["pair"] = np.zeros(3, dtype=[("a", "i4"), ("b", "f8")])
    with open("range.txt", "w") as file:
        print(f"{SERIES.min()},{SERIES.max()}", end="", file=file)
    sys.exit()


if action == "watch":
    child, terminal = pty.fork()
    if child == 0:
        os.execl(os.environ["H5SIM_COMMAND"], "h5sim", "plot", "plots.h5", "many", "-o", "many.gif", "--size", "2400x1800")
    shown = b""
    while True:
        try:
            shown += os.read(terminal, 4096)
        except OSError:
            break
    assert os.waitpid(child, 0)[1] == 0, shown
    assert b"\r[#" in shown and b" of 80 steps" in shown, shown
    # Nothing of it stays.
    assert shown.rstrip(b"\r").endswith(b" "), shown[-80:]
    sys.exit()


class Picture:
    """A picture, and what its comment says of it."""

    def __init__(self, name):
        with Image.open(name) as image:
            assert image.format == "PNG" and image.mode == "RGB", image
            self.text = image.text
            self.pixels = np.asarray(image).astype(int)
        self.where = json.loads(self.text["Comment"])
        self.panels = self.where["panels"]
        assert self.text["Software"].startswith("h5sim ")

    def inside(self, area):
        left, top, right, bottom = area
        return self.pixels[top:bottom, left:right]

    def has_ink(self, left, top, right, bottom):
        """Whether something dark stands there."""
        return bool((self.pixels[max(top, 0):bottom, max(left, 0):right].sum(-1) < 300).any())


def expected(values, low, high):
    """The colours of an array."""
    part = np.clip((values - low) / (high - low) * 256, 0, 255)
    colours = VIRIDIS[np.nan_to_num(part).astype(int)]
    colours[~np.isfinite(values)] = 205
    return colours


def edges(values):
    middles = (values[1:] + values[:-1]) / 2
    return np.concatenate([[values[0] - (values[1] - values[0]) / 2], middles, [values[-1] + (values[-1] - values[-2]) / 2]])


def check_image(picture, area, values, x, y, low, high):
    """Each cell's middle, at the place that the axes say, has the colour of its value; y goes upwards."""
    inside = picture.inside(area)
    height, width = inside.shape[:2]
    order_x, order_y = np.argsort(x), np.argsort(y)
    values = values[order_y][:, order_x]
    ex, ey = edges(np.sort(x)), edges(np.sort(y))
    np.testing.assert_allclose([ex[0], ex[-1]], picture.where["x"]["range"])
    np.testing.assert_allclose([ey[0], ey[-1]], picture.where["y"]["range"])
    at = lambda e, pixels: (((e[1:] + e[:-1]) / 2 - e[0]) / (e[-1] - e[0]) * pixels).astype(int)
    columns, rows = at(ex, width), height - 1 - at(ey, height)
    found = inside[rows][:, columns]
    wanted = expected(values, low, high)
    assert abs(found - wanted).max() <= 3, (found, wanted)
    # All of the area is cells: no other colour is in it.
    known = {tuple(colour) for colour in VIRIDIS} | {(205, 205, 205)}
    assert {tuple(colour) for colour in inside.reshape(-1, 3)} <= known


def check_bar(picture, low, high):
    """The colour bar goes from viridis' one end to the other, and stands for the range of the values."""
    bar = picture.inside(picture.where["bar"])
    assert (bar == bar[:, :1]).all()
    column = bar[:, 0]
    assert (column[-1] == VIRIDIS[0]).all() and (column[0] == VIRIDIS[255]).all()
    index = [next(i for i in range(256) if (VIRIDIS[i] == colour).all()) for colour in column[::-1]]
    wanted = (np.arange(len(column)) + 0.5) / len(column) * 256
    assert abs(np.array(index) - np.floor(wanted)).max() <= 1
    np.testing.assert_allclose(picture.where["values"], [low, high], rtol=1e-12)
    left, top, right, bottom = picture.where["bar"]
    assert picture.has_ink(right + 12, top - 20, right + 60, bottom + 20), "no numbers at the colour bar"


def check_frame(picture):
    """Numbers and names stand left of the leftmost panel and below the lowest, a title above all."""
    left, top = min(p[0] for p in picture.panels), min(p[1] for p in picture.panels)
    right, bottom = max(p[2] for p in picture.panels), max(p[3] for p in picture.panels)
    assert picture.has_ink(0, top, left - 35, bottom), "no name of the y axis"
    assert picture.has_ink(left - 35, top, left - 9, bottom), "no numbers of the y axis"
    assert picture.has_ink(left, bottom + 9, right, bottom + 32), "no numbers of the x axis"
    assert picture.has_ink(left, bottom + 40, right, bottom + 80), "no name of the x axis"
    assert picture.has_ink(left, 0, right, 50), "no title"
    # Nothing is cut off at the picture's edge.
    height, width = picture.pixels.shape[:2]
    for edge in [(0, 0, 1, height), (width - 1, 0, width, height), (0, 0, width, 1), (0, height - 1, width, height)]:
        assert (picture.inside(edge) == 255).all(), edge
    # The frame is one dark line around each panel.
    for left, top, right, bottom in picture.panels:
        assert (picture.pixels[top - 1, left - 1:right + 1] < 60).all()
        # A point of a line may lie on it.
        assert not picture.where["bar"] or (picture.pixels[top - 1:bottom + 1, right] < 60).all()


def images():
    picture = Picture("last.png")
    low, high = SERIES[-1].min(), SERIES[-1].max()
    check_image(picture, picture.panels[0], SERIES[-1], X, Y, low, high)
    check_bar(picture, low, high)
    check_frame(picture)
    assert picture.text["Title"] == "series, time = 3 s"
    assert picture.where["x"]["name"] == "x" and picture.where["x"]["units"] == "m" and picture.where["y"]["units"] == "m"
    # The same scale along both axes, since both are metres.
    left, top, right, bottom = picture.panels[0]
    wide, high = np.diff(picture.where["x"]["range"])[0], np.diff(picture.where["y"]["range"])[0]
    assert abs((right - left) / (bottom - top) / (wide / high) - 1) < 0.01

    picture = Picture("part.png")
    part = SERIES[1, ::-2, 1:4]
    check_image(picture, picture.panels[0], part, X[1:4], Y[::-2], -10, 90)
    check_bar(picture, -10, 90)
    for name, values in [("holes", HOLES), ("numbers", np.arange(12.0).reshape(3, 4)), ("flags", (HOLES > 0.5) * 1.0)]:
        picture = Picture(f"{name}.png")
        rows, columns = map(np.arange, values.shape)
        low, high = np.nanmin(values), np.nanmax(values)
        check_image(picture, picture.panels[0], values, columns * 1.0, rows * 1.0, low, high)
        check_bar(picture, low, high)
        check_frame(picture)
        assert picture.where["x"]["name"] == "axis 1" and picture.where["x"]["units"] == ""
    flat = Picture("flat.png")
    assert len(np.unique(flat.inside(flat.panels[0]).reshape(-1, 3), axis=0)) == 1
    assert flat.where["values"][0] < 7 < flat.where["values"][1]
    # Cells that are smaller than a pixel are averaged: the noise is less, and the slope is there.
    fine = Picture("fine.png")
    inside = fine.inside(fine.panels[0])
    width = inside.shape[1]
    low, high = FINE.min(), FINE.max()
    lookup = {tuple(colour): number for number, colour in enumerate(VIRIDIS)}
    index = np.array([[lookup[tuple(colour)] for colour in row] for row in inside[::25]])
    value = low + (index + 0.5) / 256 * (high - low)
    np.testing.assert_allclose(value.mean(0)[[20, width // 2, width - 20]], [-3, 0, 3], atol=0.35)
    assert value.std(0).mean() < 0.6


def check_line(name, x, y, low=None, high=None):
    picture = Picture(name)
    check_frame(picture)
    inside = picture.inside(picture.panels[0])
    height, width = inside.shape[:2]
    (x0, x1), (y0, y1) = picture.where["x"]["range"], picture.where["y"]["range"]
    np.testing.assert_allclose([x0, x1], [x.min(), x.max()])
    spread = np.nanmax(y) - np.nanmin(y)
    np.testing.assert_allclose([y0, y1], [np.nanmin(y) - spread / 20, np.nanmax(y) + spread / 20])
    blue = (inside[..., 2] - inside[..., 0] > 60)
    for column in range(4, width - 4):
        there = np.flatnonzero(blue[:, column])
        at = x0 + (column + 0.5) / width * (x1 - x0)
        around = np.interp(at + np.linspace(-6, 6, 25) / width * (x1 - x0), x, y)
        if np.isnan(around).any():
            continue
        pixel = (y1 - around) / (y1 - y0) * height
        assert len(there), (name, column)
        # The line goes through the value, and is nowhere else.
        assert pixel.min() - 6 <= there.min() and there.max() <= pixel.max() + 6, (name, column, there, pixel)
        assert there.min() - 1 <= pixel[12] <= there.max() + 2, (name, column, there, pixel)
    return picture, blue


def lines():
    picture, _ = check_line("signal.png", T, SIGNAL)
    assert picture.where["bar"] is None and picture.text["Title"] == "Spannung über R\u2081"
    assert picture.where["x"] == {"name": "t", "units": "ms", "range": [0, 4]}
    assert picture.where["y"]["units"] == "V" and picture.where["y"]["name"] == "Spannung über R\u2081"
    gaps = np.array([1.0, 2.0, np.nan, 3.0, np.nan, 2.0, 1.0])
    picture, blue = check_line("gaps.png", np.arange(7.0), gaps)
    width = blue.shape[1]
    # Where a value is missing there is no line, and a value alone is a point.
    assert not blue[:, int(width * 1.2 / 6):int(width * 2.8 / 6)].any() and not blue[:, int(width * 3.2 / 6):int(width * 4.8 / 6)].any()
    assert 4 < blue[:, width // 2 - 10:width // 2 + 10].any(0).sum() < 14
    # A line along another axis, at fixed places of the others.
    picture, _ = check_line("along.png", TIMES, SERIES[:, 2, 4])
    assert picture.text["Title"] == "series, y = 1 m, x = 8 m" and picture.where["x"]["units"] == "s"
    # Of very many points each column shows the lowest and the highest.
    picture = Picture("noise.png")
    noise = FINE.ravel()[:1000000]
    blue = picture.inside(picture.panels[0])
    blue = blue[..., 2] - blue[..., 0] > 60
    height, width = blue.shape
    y0, y1 = picture.where["y"]["range"]
    for column, part in enumerate(np.array_split(noise, width)):
        if 2 < column < width - 3:
            there = np.flatnonzero(blue[:, column - 1:column + 2].any(1))
            top, bottom = (y1 - part.max()) / (y1 - y0) * height, (y1 - part.min()) / (y1 - y0) * height
            assert there.min() <= top + 3 and there.max() >= bottom - 3, (column, there, top, bottom)


def steps():
    picture = Picture("steps.png")
    low, high = SERIES.min(), SERIES.max()
    assert len(picture.panels) == 4
    for number, area in enumerate(picture.panels):
        check_image(picture, area, SERIES[number], X, Y, low, high)
    check_bar(picture, low, high)
    check_frame(picture)
    picture = Picture("many.png")
    assert len(picture.panels) == 12
    shown = [number * 39 // 11 for number in range(12)]
    low, high = MANY[shown].min(), MANY[shown].max()
    for record, area in zip(shown, picture.panels):
        check_image(picture, area, MANY[record], np.arange(4.0), np.arange(3.0), low, high)


def film():
    geometry = Picture("size.png")
    with Image.open("film.gif") as image:
        assert image.format == "GIF" and image.n_frames == 4 and image.info["loop"] == 0
        low, high = SERIES.min(), SERIES.max()
        seen = []
        for number in range(4):
            image.seek(number)
            assert image.info["duration"] == 500
            frame = np.asarray(image.convert("RGB")).astype(int)
            assert frame.shape == geometry.pixels.shape, (frame.shape, geometry.pixels.shape)
            left, top, right, bottom = geometry.panels[0]
            inside = frame[top:bottom, left:right]
            height, width = inside.shape[:2]
            ex, ey = edges(X), edges(Y[::-1])
            at = lambda e, pixels: (((e[1:] + e[:-1]) / 2 - e[0]) / (e[-1] - e[0]) * pixels).astype(int)
            found = inside[height - 1 - at(ey, height)][:, at(ex, width)]
            # A film has fewer colours.
            assert abs(found - expected(SERIES[number][::-1], low, high)).max() <= 6
            seen.append(inside.tobytes())
        assert len(set(seen)) == 4


for case in [images, lines, steps, film]:
    case()
    print(case.__name__, flush=True)
