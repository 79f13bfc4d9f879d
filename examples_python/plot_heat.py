"""Draws the snapshots of a run: plot_heat.py heat_….h5 heat.png"""
import json
import sys

import h5py
import matplotlib.pyplot as plt

with h5py.File(sys.argv[1], "r") as file:
    meta = json.loads(file["meta"][()])
    snapshots = [(step, field[()]) for step, field in file["snapshots"].items()]
figure, axes = plt.subplots(1, len(snapshots), figsize=(2.2 * len(snapshots), 2), layout="constrained")
for axis, (step, field) in zip(axes, snapshots):
    image = axis.imshow(field, origin="lower", cmap="inferno", vmin=meta["plate"]["cold"], vmax=meta["plate"]["hot"])
    axis.set(title=f"step {int(step)}", xticks=[], yticks=[])
figure.colorbar(image, ax=axes, label="°C")
figure.savefig(sys.argv[2], dpi=110)
