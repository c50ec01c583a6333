"""The share of the sample that falls to each mode; equal modes would have equal bars."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure as Canvas

from derivcheck.reports.figures.trained._figure import Arrays, Figure


def _draw(canvas: Canvas, arrays: Arrays) -> None:
    axes, shares = canvas.subplots(), arrays["mode_shares"]
    axes.bar(np.arange(1, len(shares) + 1), shares, color="0.6", edgecolor="black")
    axes.axhline(1 / len(shares), color="black", ls="--", lw=1, label="equal shares")
    axes.set_xlabel("mode")
    axes.set_ylabel("share of the sample")
    axes.legend(fontsize=8, frameon=False)


FIGURE = Figure("Mode coverage", ("mode_shares",), _draw, size=(5.0, 3.2))
