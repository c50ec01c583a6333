"""Points in the plane as rows to learn from and rows kept aside.

Main definitions: `rows`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike

from derivcheck.datasets._dataset import CannotLoad, Rows


def rows(points: ArrayLike, labels: ArrayLike, path: Path | None, name: str) -> Rows:
    """Three quarters to learn from; the points come in random order.

    Raises:
        CannotLoad: a path is given.
    """
    if path is not None:
        raise CannotLoad(f"{name} is made on the spot; give no path")
    x = torch.as_tensor(np.asarray(points), dtype=torch.float32)
    kinds = torch.as_tensor(np.asarray(labels), dtype=torch.int64)
    cut = 3 * len(x) // 4
    return Rows(x[:cut], x[cut:], kinds[:cut], kinds[cut:], side=0)
