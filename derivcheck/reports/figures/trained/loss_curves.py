"""The terms of the loss by epoch, each on its own axis: their scales differ."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure as Canvas

from derivcheck.reports.figures.trained._figure import Arrays, Figure

PREFIX, EARLY = "loss/", 15  # the epoch at which homework reports often end


def _draw(canvas: Canvas, arrays: Arrays) -> None:
    terms = sorted(name for name in arrays if name.startswith(PREFIX))
    for axes, name in zip(np.atleast_1d(canvas.subplots(1, len(terms))), terms, strict=True):
        values = arrays[name]
        axes.plot(np.arange(1, len(values) + 1), values, color="black", lw=1.2)
        if len(values) > EARLY:
            axes.axvline(EARLY, color="0.6", lw=0.8, ls=":")
        axes.set_xlabel("epoch")
        axes.set_title(name.removeprefix(PREFIX), fontsize=10)
        axes.grid(color="0.9")


FIGURE = Figure("Loss by epoch (dotted: epoch 15)", (PREFIX + "*",), _draw, size=(8.0, 3.2))
