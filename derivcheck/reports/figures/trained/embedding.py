"""Where the classes lie in a two-dimensional latent space: digits as marks, so that grey is enough."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure as Canvas

from derivcheck.reports.figures.trained._figure import Arrays, Figure


def _draw(canvas: Canvas, arrays: Arrays) -> None:
    axes, z, labels = canvas.subplots(), arrays["embedding"], arrays["labels"]
    shades = np.linspace(0.0, 0.55, 10)
    for x, y, label in zip(z[:, 0], z[:, 1], labels, strict=True):
        axes.text(x, y, str(int(label)), fontsize=7, color=str(shades[int(label) % 10]), ha="center", va="center")
    pad = 0.05 * np.ptp(z, axis=0) + 1e-6
    axes.set_xlim(z[:, 0].min() - pad[0], z[:, 0].max() + pad[0])
    axes.set_ylim(z[:, 1].min() - pad[1], z[:, 1].max() + pad[1])
    axes.set_xlabel("$z_1$")
    axes.set_ylabel("$z_2$")


FIGURE = Figure("Embedding of the rows kept aside (mean of q(z|x))", ("embedding", "labels"), _draw, size=(6.0, 5.4))
