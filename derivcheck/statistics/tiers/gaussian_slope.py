r"""T0 for "uncorrelated": z is Gaussian given y, so the slope of z on y is.

Main definitions: `KnownResidual`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from derivcheck.statistics.normal import chi2_below, z
from derivcheck.statistics.planning import smallest_n
from derivcheck.statistics.sums import Array, Sums


@final
@dataclass(frozen=True)
class KnownResidual:
    r"""The slope b of z | y ~ N(b y, sd²), from `cross` = Σ z y and `square` = Σ y²: b ∈ cross/square ± sd z_{1-α/2}/√square.

    Given all y the estimate is N(b, sd²/Σ y²), so the level is exact whatever the law of y is; if the residual
    variance is below sd², as (1 − ρ²) is below 1 for whitened pairs with correlation ρ, the set is only wider
    than it must be. For whitened pairs b is the covariance ρ. `spread`, the standard deviation of y (taken as
    centred Gaussian there), only plans the number of draws.

    Shapes: sd, spread (m,).   Source: Lehmann & Romano 2005, "Testing Statistical Hypotheses", section 5.4.
    """

    sd: Array
    spread: Array
    name: str = "T0"
    assumption: str = "Gaussian given the other variable, with at most this variance, under the claim"

    def estimate(self, sums: Sums) -> Array:
        """Σ z y / Σ y²."""
        return sums["cross"] / sums["square"]

    def interval(self, sums: Sums, alpha: float) -> tuple[Array, Array]:
        """Σ z y / Σ y² ± sd z_{1-α/2} / √Σ y²."""
        slope = sums["cross"] / sums["square"]
        radius = self.sd * z(alpha / 2) / np.sqrt(sums["square"])
        return slope - radius, slope + radius

    def min_discrepancy(self, n: int, alpha: float, beta: float) -> Array:
        r"""(z_{1-α/2} + z_{1-β/4}) sd / √s, s the β/2 quantile of Σ y² ~ spread² χ²_n."""
        least = self.spread * np.sqrt(chi2_below(n, beta / 2))
        return np.asarray(self.sd * (z(alpha / 2) + z(beta / 4)) / least)

    def min_num_samples(self, tolerance: Array, alpha: float, beta: float) -> int:
        """By inverting `min_discrepancy`."""
        guess = np.max(self.sd * (z(alpha / 2) + z(beta / 4)) / (self.spread * tolerance)) ** 2
        return smallest_n(lambda n: self.min_discrepancy(n, alpha, beta), tolerance, float(guess))
