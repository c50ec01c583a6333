"""Samples from the prior: the decoder's probabilities, and draws from them. They are not the same thing."""

from __future__ import annotations

from matplotlib.figure import Figure as Canvas

from derivcheck.reports.figures.trained._figure import Arrays, Figure
from derivcheck.reports.figures.trained._images import sheet


def _draw(canvas: Canvas, arrays: Arrays) -> None:
    left, right = canvas.subplots(1, 2)
    sheet(left, arrays["prior_means"], 8)
    left.set_title("mean of p(x|z)", fontsize=10)
    sheet(right, arrays["prior_draws"], 8)
    right.set_title("draw from p(x|z)", fontsize=10)


FIGURE = Figure("Samples: z from the prior", ("prior_means", "prior_draws"), _draw, size=(8.0, 4.4))
