"""What the decoder makes of a grid over the latent space, at equal steps of probability under the prior."""

from __future__ import annotations

from matplotlib.figure import Figure as Canvas

from derivcheck.reports.figures.trained._figure import Arrays, Figure
from derivcheck.reports.figures.trained._images import sheet


def _draw(canvas: Canvas, arrays: Arrays) -> None:
    grid = arrays["decoder_grid"]
    sheet(canvas.subplots(), grid.reshape(-1, *grid.shape[2:]), len(grid))


FIGURE = Figure("Decoder over the latent plane", ("decoder_grid",), _draw, size=(5.4, 5.6))
