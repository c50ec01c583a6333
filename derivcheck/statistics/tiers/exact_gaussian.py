r"""T0: the sample is Gaussian under the claim, with a known mean or a known variance.

Main definitions: `KnownVariance`, `KnownMean`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np

from derivcheck.statistics.normal import chi2_above, chi2_below, z
from derivcheck.statistics.planning import smallest_n
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

    def estimate(self, sums: Sums) -> Array:
        """x̄."""
        return sums["first"] / sums.n

    def interval(self, sums: Sums, alpha: float) -> tuple[Array, Array]:
        """x̄ ± sd z_{1-α/2} / √n."""
        mean = sums["first"] / sums.n
        radius = self.sd * z(alpha / 2) / math.sqrt(sums.n)
        return mean - radius, mean + radius

    def min_discrepancy(self, n: int, alpha: float, beta: float) -> Array:
        """(z_{1-α/2} + z_{1-β/2}) sd / √n."""
        return np.asarray(self.sd * (z(alpha / 2) + z(beta / 2)) / math.sqrt(n))

    def min_num_samples(self, tolerance: Array, alpha: float, beta: float) -> int:
        """((z_{1-α/2} + z_{1-β/2}) sd / tolerance)²."""
        return math.ceil(np.max((self.sd * (z(alpha / 2) + z(beta / 2)) / tolerance) ** 2))


@final
@dataclass(frozen=True)
class KnownMean:
    r"""The variance of X ~ N(m, v) from `second` = Σ (x − m)² ~ v χ²_n: v ∈ [second/χ²_{1-α/2}, second/χ²_{α/2}].

    The centre of the sum is the known mean. `variance` is the claimed one, and only plans the number of draws.

    Shapes: variance (m,).   Source: Lehmann & Romano 2005, "Testing Statistical Hypotheses", section 3.9.
    """

    variance: Array
    name: str = "T0"
    assumption: str = "Gaussian with this mean under the claim"

    def estimate(self, sums: Sums) -> Array:
        """Σ (x − m)² / n."""
        return sums["second"] / sums.n

    def interval(self, sums: Sums, alpha: float) -> tuple[Array, Array]:
        """Σ (x − m)² over the two quantiles of χ²_n."""
        return sums["second"] / chi2_above(sums.n, alpha / 2), sums["second"] / chi2_below(sums.n, alpha / 2)

    def min_discrepancy(self, n: int, alpha: float, beta: float) -> Array:
        r"""variance · max over both sides of what a true claim needs to pass and a wrong one to be refuted.

        Pass: the quantiles at β/2 of the truth, over those at α/2 of the set, stay inside 1 ± tol.
        Refuted: the same ratios inverted, since there the truth is the end of the tolerance.
        """
        high, low = chi2_above(n, alpha / 2), chi2_below(n, alpha / 2)
        most, least = chi2_above(n, beta / 2), chi2_below(n, beta / 2)
        needs = (most / low - 1, 1 - least / high, high / least - 1, 1 - low / most)
        return np.asarray(self.variance * max(float(need) for need in needs))

    def min_num_samples(self, tolerance: Array, alpha: float, beta: float) -> int:
        """By inverting `min_discrepancy`, from its Gaussian limit 2 ((z_{1-α/2} + z_{1-β/2}) v / tolerance)²."""
        share = float(np.min(tolerance / self.variance))
        guess = 2 * ((z(alpha / 2) + z(beta / 2)) / share) ** 2
        return smallest_n(lambda n: self.min_discrepancy(n, alpha, beta), tolerance, guess)
