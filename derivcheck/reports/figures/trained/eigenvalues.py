"""Eigenvalues of the features' covariance in training, on top of those along the flow."""

from __future__ import annotations

from matplotlib.figure import Figure as Canvas

from derivcheck.reports.figures.trained._figure import Arrays, Figure


def _draw(canvas: Canvas, arrays: Arrays) -> None:
    axes, times = canvas.subplots(), arrays["times"]
    flow, found = arrays["eigenvalues_of_the_flow"], arrays["eigenvalues"]
    axes.plot(times, flow, color="0.65", lw=3, label=["flow", *[None] * (flow.shape[1] - 1)])
    axes.plot(times, found, ".", color="black", ms=4, label=["training", *[None] * (found.shape[1] - 1)])
    axes.set_xlabel("time = rate · steps")
    axes.set_ylabel("eigenvalue")
    axes.grid(color="0.9")
    axes.legend(fontsize=8, loc="center right")


FIGURE = Figure("Eigenvalues of W (X + X′) Wᵀ", ("times", "eigenvalues", "eigenvalues_of_the_flow"), _draw)
