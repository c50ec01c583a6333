r"""T0: the sample is Gaussian under the claim, with a known mean or a known variance.

Main definitions: `KnownVariance`, `KnownMean`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np
from scipy import stats

from derivcheck.statistics.sums import Array, Sums


@final
@dataclass(frozen=True)
class KnownVariance:
    r"""The mean of X ~ N(m, sd²) from `first` = Σ x: m ∈ x̄ ± sd z_{1-α/2} / √n.

    Shapes: sd (m,).   Source: Lehmann & Romano 2005, "Testing Statistical Hypotheses", section 3.7.
    """

    sd: Array
    name: str = "T0"
    assumption: str = "Gaussian with this variance under the claim"

    def interval(self, sums: Sums, alpha: float) -> tuple[Array, Array]:
        """x̄ ± sd z_{1-α/2} / √n."""
        mean = sums["first"] / sums.n
        radius = self.sd * stats.norm.isf(alpha / 2) / math.sqrt(sums.n)
        return mean - radius, mean + radius

    def min_discrepancy(self, n: int, alpha: float, beta: float) -> Array:
        """(z_{1-α/2} + z_{1-β}) sd / √n."""
        factor = stats.norm.isf(alpha / 2) + stats.norm.isf(beta / 2)
        return np.asarray(self.sd * factor / math.sqrt(n))

    def min_num_samples(self, tolerance: Array, alpha: float, beta: float) -> int:
        """((z_{1-α/2} + z_{1-β}) sd / tolerance)²."""
        factor = stats.norm.isf(alpha / 2) + stats.norm.isf(beta / 2)
        return math.ceil(np.max((self.sd * factor / tolerance) ** 2))
