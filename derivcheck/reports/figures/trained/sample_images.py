"""Samples of a model of images."""

from __future__ import annotations

from matplotlib.figure import Figure as Canvas

from derivcheck.reports.figures.trained._figure import Arrays, Figure
from derivcheck.reports.figures.trained._images import sheet


def _draw(canvas: Canvas, arrays: Arrays) -> None:
    sheet(canvas.subplots(), arrays["images"], 8)


FIGURE = Figure("Samples", ("images",), _draw, size=(5.0, 5.2))
