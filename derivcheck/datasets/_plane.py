"""Points in the plane as rows to learn from and rows kept aside.

Main definitions: `rows`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray

from derivcheck.datasets._dataset import CannotLoad, Rows


def rows(made: tuple[NDArray[Any], NDArray[Any]], path: Path | None, name: str) -> Rows:
    """Three quarters to learn from; the points come in random order.

    Raises:
        CannotLoad: a path is given.
    """
    if path is not None:
        raise CannotLoad(f"{name} is made on the spot; give no path")
    x, labels = torch.as_tensor(made[0], dtype=torch.float32), torch.as_tensor(made[1], dtype=torch.int64)
    cut = 3 * len(x) // 4
    return Rows(x[:cut], x[cut:], labels[:cut], labels[cut:], side=0)
