"""The learned score as arrows of one length, over the data."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure as Canvas

from derivcheck.reports.figures.trained._figure import Arrays, Figure


def _draw(canvas: Canvas, arrays: Arrays) -> None:
    axes, points, field = canvas.subplots(), arrays["field_points"], arrays["field"]
    axes.plot(*arrays["data"][:2000].T, ".", color="0.7", ms=2, zorder=0)
    some = np.all([np.isin(c, np.unique(c)[::2]) for c in points.T], axis=0)  # every second row and column
    unit = field / np.linalg.norm(field, axis=1, keepdims=True).clip(1e-12)
    axes.quiver(*points[some].T, *unit[some].T, color="black", scale=38, width=0.002)
    axes.set_aspect("equal")


FIGURE = Figure("Learned score (direction) over the data", ("field_points", "field", "data"), _draw, size=(6.0, 6.0))
