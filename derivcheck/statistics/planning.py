"""How many draws a tolerance needs, where that has no closed form: `min_discrepancy` is inverted.

Main definitions: `smallest_n`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from derivcheck.statistics.sums import Array

CLOSE = 1e-3  # the number found exceeds the smallest one by at most this share


def smallest_n(discrepancy: Callable[[int], Array], tolerance: Array, guess: float) -> int:
    """An n with discrepancy(n) ≤ tolerance in every coordinate, within 0.1 % of the smallest.

    The discrepancy must not rise with n; it falls about as 1/√n, hence the steps n ← n·(discrepancy/tolerance)².

    Raises:
        ValueError: a tolerance is not positive, so that no n would do.
    """
    if not (tolerance > 0).all():
        raise ValueError("the tolerance must be positive")
    low, high, n = 0, None, max(1, math.ceil(guess))
    while high is None or high - low > max(1, math.floor(CLOSE * low)):
        excess = float(np.max(discrepancy(n) / tolerance))
        low, high = (n, high) if excess > 1 else (low, n)
        n = _next(n, excess, low, high)
    return high


def _next(n: int, excess: float, low: int, high: int | None) -> int:
    """The next n to try: where a fall as 1/√n says, kept strictly inside what is still open."""
    step = 16.0 if not math.isfinite(excess) else min(max(excess**2, 1 / 16), 16.0)
    wanted = math.ceil(n * step * (1 + CLOSE / 4 if excess > 1 else 1 - CLOSE / 4))
    if high is None:
        return max(wanted, low + 1)
    if low < wanted < high:
        return wanted
    return (low + high + 1) // 2 if high - low > 1 else high
