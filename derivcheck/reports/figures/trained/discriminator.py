"""D against D* on the line, above the two densities."""

from __future__ import annotations

from matplotlib.figure import Figure as Canvas

from derivcheck.reports.figures.trained._figure import Arrays, Figure


def _draw(canvas: Canvas, arrays: Arrays) -> None:
    above, below = canvas.subplots(2, 1, sharex=True)
    x = arrays["line"]
    above.plot(x, arrays["D_star"], color="0.6", lw=3, label="D* = p/(p + p_G)")
    above.plot(x, arrays["D"], color="black", lw=1, label="D, trained")
    above.set_ylim(-0.02, 1.02)
    below.plot(x, arrays["density_data"], color="black", lw=1.2, label="p, data")
    below.plot(x, arrays["density_model"], color="black", lw=1.2, ls="--", label="p_G, model")
    below.set_xlim(-5, 5)
    below.set_xlabel("x")
    for axes in (above, below):
        axes.legend(fontsize=8, frameon=False)
        axes.grid(color="0.9")


FIGURE = Figure(
    "Discriminator against the optimum", ("line", "D", "D_star", "density_data", "density_model"), _draw, size=(6.5, 5.0)
)
