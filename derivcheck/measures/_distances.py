"""Distances between rows.

Main definitions: `pairwise`, `MOST`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

MOST = 2000  # rows of each sample that are compared: distances are quadratic in them


def pairwise(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.float64]:
    """‖a_i − b_j‖, shape (n, m)."""
    return np.asarray(cdist(a.astype(np.float64), b.astype(np.float64)), dtype=np.float64)
