"""Quantiles of N(0, 1) and χ²_n, accurate in the far tails. `scipy.special` alone: `scipy.stats` takes a second to load.

Main definitions: `z`, `chi2_below`, `chi2_above`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from derivcheck.statistics.sums import Array


def z(tail: float) -> float:
    """The point that N(0, 1) exceeds with this probability."""
    return -float(special.ndtri(tail))


def chi2_below(n: ArrayLike, tail: float) -> Array:
    """The point that χ²_n falls short of with this probability."""
    return np.asarray(2 * special.gammaincinv(np.asarray(n) / 2, tail))


def chi2_above(n: ArrayLike, tail: float) -> Array:
    """The point that χ²_n exceeds with this probability."""
    return np.asarray(2 * special.gammainccinv(np.asarray(n) / 2, tail))
