"""From one digit to another: the decoder along (1 − α) z_a + α z_b."""

from __future__ import annotations

from matplotlib.figure import Figure as Canvas

from derivcheck.reports.figures.trained._figure import Arrays, Figure
from derivcheck.reports.figures.trained._images import sheet

PREFIX = "interpolation_"


def _draw(canvas: Canvas, arrays: Arrays) -> None:
    names = sorted(n for n in arrays if n.startswith(PREFIX))
    for axes, name in zip(canvas.subplots(len(names), 1, squeeze=False)[:, 0], names, strict=True):
        images = arrays[name]
        sheet(axes, images, 1, (name.removeprefix(PREFIX).replace("_", " → "),))
        step, side = images.shape[-1] + 1, images.shape[-1]
        alphas = [i / (len(images) - 1) for i in range(len(images))]
        axes.set_xticks([i * step + side / 2 for i in range(len(images))], [f"{a:.2g}" for a in alphas])
        axes.set_xlabel("α")


FIGURE = Figure("Interpolation in the latent space", (PREFIX + "*",), _draw, size=(8.0, 3.2))
