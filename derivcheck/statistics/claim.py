r"""What is claimed of a sampler: numbers, with the error that would still be called equal.

Main definitions: `Claim`, `claim`, `Relation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

import numpy as np
from numpy.typing import ArrayLike

from derivcheck.statistics.sums import Array

Relation = Literal["=", "<=", ">="]
"""θ_j stands on the left. A bound is refuted on its forbidden side alone, and passes at θ_j off by < tolerance."""


@final
@dataclass(frozen=True)
class Claim:
    r"""θ_j = value_j (or ≤, ≥) for all j, within tolerance_j (absolute, in the unit of θ_j).

    relative: the tolerance as a share of the scale, which the arithmetic must resolve. reach: how far out in its
    tail, in standard deviations, the statistic needs draws to be right; 0 for moments.

    Shapes: value, tolerance, relative (m,). The claim is one: refuted if one coordinate is, passed if all are.
    """

    latex: str
    value: Array
    tolerance: Array
    relative: Array
    relation: Relation = "="
    reach: float = 0.0


def claim(
    latex: str,
    value: ArrayLike,
    *,
    relative: ArrayLike,
    scale: ArrayLike | None = None,
    relation: Relation = "=",
    reach: float = 0.0,
) -> Claim:
    """A claim with the tolerance relative · scale; the scale is |value| if none is given.

    Where a value may be 0 (a mean, a covariance) the scale says what is large: a standard deviation.

    Raises:
        ValueError: a value or a tolerance is not finite, or a tolerance is not positive.
    """
    values = np.atleast_1d(np.asarray(value, dtype=np.float64))
    scales = np.abs(values) if scale is None else np.asarray(scale, dtype=np.float64)
    shares = np.broadcast_to(np.asarray(relative, dtype=np.float64), values.shape)
    tolerance = np.broadcast_to(shares * scales, values.shape)
    if not (np.isfinite(values).all() and np.isfinite(tolerance).all()):
        raise ValueError(f"{latex}: what is claimed must be a finite number, with a finite tolerance")
    if not (tolerance > 0).all():
        raise ValueError(f"{latex}: the tolerance must be positive: give a scale where the value is 0")
    return Claim(latex, values, tolerance, shares, relation, reach)
