"""Samples of the model beside the data, on the same axes."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure as Canvas

from derivcheck.reports.figures.trained._figure import Arrays, Figure

SHOWN = 4000


def _draw(canvas: Canvas, arrays: Arrays) -> None:
    left, right = canvas.subplots(1, 2, sharex=True, sharey=True)
    for axes, name in ((left, "data"), (right, "samples")):
        axes.plot(*arrays[name][:SHOWN, :2].T, ".", color="black", ms=1.5, alpha=0.4)
        axes.set_title(name, fontsize=10)
        axes.set_aspect("equal")
    reach = 1.3 * np.abs(arrays["data"][:, :2]).max()
    left.set_xlim(-reach, reach)
    left.set_ylim(-reach, reach)


FIGURE = Figure("Samples against data", ("data", "samples", "modes"), _draw, size=(8.0, 4.3))
