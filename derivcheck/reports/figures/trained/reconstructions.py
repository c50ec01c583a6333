"""Rows kept aside, above what the model makes of them."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure as Canvas

from derivcheck.reports.figures.trained._figure import Arrays, Figure
from derivcheck.reports.figures.trained._images import sheet


def _draw(canvas: Canvas, arrays: Arrays) -> None:
    both = np.concatenate([arrays["originals"], arrays["reconstructions"]])
    sheet(canvas.subplots(), both, 2, ("data", "model"))


FIGURE = Figure("Reconstructions", ("originals", "reconstructions"), _draw, size=(8.0, 2.2))
