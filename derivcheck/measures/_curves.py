"""Loss curves: their means over fifths.

Main definitions: `fifths`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from derivcheck.measures._measure import CannotMeasure

FEWEST = 10  # epochs


def fifths(curve: NDArray[Any]) -> NDArray[np.float64]:
    """The mean of a curve over each fifth of its epochs, in order. Shape: (5,).

    Raises:
        CannotMeasure: fewer than ten epochs.
    """
    if len(curve) < FEWEST:
        raise CannotMeasure(f"a curve of {len(curve)} epochs says nothing of its end; it takes {FEWEST}")
    return np.asarray([part.mean() for part in np.array_split(curve.astype(np.float64), 5)])
