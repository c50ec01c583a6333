"""Grey images in rows and columns.

Main definitions: `sheet`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray


def sheet(axes: Axes, images: NDArray[Any], rows: int, labels: Sequence[str] = ()) -> None:
    """Images (n, side, side) in [0, 1], dark ink on light paper, row by row; labels name the rows."""
    n, side = len(images), images.shape[-1]
    columns = -(-n // rows)
    gap = 1
    paper = np.zeros((rows * (side + gap) - gap, columns * (side + gap) - gap))
    for i, image in enumerate(images):
        top, left = (i // columns) * (side + gap), (i % columns) * (side + gap)
        paper[top : top + side, left : left + side] = image
    axes.imshow(paper, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([i * (side + gap) + side / 2 for i in range(len(labels))], labels)
    axes.tick_params(length=0)
