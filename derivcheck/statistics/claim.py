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

    Shapes: value, tolerance (m,). The claim is one: it is refuted if one coordinate is, and passes if all do.
    """

    latex: str
    value: Array
    tolerance: Array
    relation: Relation = "="


def claim(
    latex: str,
    value: ArrayLike,
    *,
    relative: float,
    scale: ArrayLike | None = None,
    relation: Relation = "=",
) -> Claim:
    """A claim with the tolerance relative · scale; the scale is |value| if none is given.

    Where a value may be 0 (a mean, a covariance) the scale says what is large: a standard deviation.

    Raises:
        ValueError: a tolerance is not positive.
    """
    values = np.atleast_1d(np.asarray(value, dtype=np.float64))
    scales = np.abs(values) if scale is None else np.asarray(scale, dtype=np.float64)
    tolerance = np.broadcast_to(relative * scales, values.shape)
    if not (tolerance > 0).all():
        raise ValueError(f"{latex}: the tolerance must be positive: give a scale where the value is 0")
    return Claim(latex, values, tolerance, relation)
