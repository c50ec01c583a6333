r"""T5: the central limit theorem. Asymptotic: its level is not proved at any n.

Main definitions: `Asymptotic`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np

from derivcheck.statistics.arithmetic import NotResolvable
from derivcheck.statistics.normal import z
from derivcheck.statistics.sums import Array, Sums

LEAST_ALPHA, LEAST_N = 1e-3, 100_000


@final
@dataclass(frozen=True)
class Asymptotic:
    r"""E f from `first` = Σ f and `second` = Σ f²: f̄ ± z_{1-α/2} s/√n, for α ≥ 1e-3 and n ≥ 1e5 alone.

    At smaller levels the normal tail is not the mean's: for χ²₁, n = 100 and a nominal 1e-6 the level is 6e-4. An
    early look, with fewer draws or a smaller level, sees everything as possible. `sd` only plans.

    Shapes: sd (m,).   Source: van der Vaart 1998, "Asymptotic Statistics", example 3.2.
    """

    sd: Array
    name: str = "T5"
    assumption: str = "ASYMPTOTIC: the mean of so many draws is taken as Gaussian, and their variance as known"

    def estimate(self, sums: Sums) -> Array:
        """f̄."""
        return sums["first"] / sums.n

    def interval(self, sums: Sums, alpha: float) -> tuple[Array, Array]:
        """f̄ ± z_{1-α/2} s/√n, or everything."""
        mean = sums["first"] / sums.n
        if alpha < LEAST_ALPHA or sums.n < LEAST_N:
            return np.full_like(mean, -np.inf), np.full_like(mean, np.inf)
        variance = np.maximum(sums["second"] / sums.n - mean**2, 0.0)
        radius = z(alpha / 2) * np.sqrt(variance / sums.n)
        return mean - radius, mean + radius

    def min_discrepancy(self, n: int, alpha: float, beta: float) -> Array:
        """(z_{1-α/2} + z_{1-β/2}) sd/√n.

        Raises:
            NotResolvable: fewer draws or a smaller level than the theorem is trusted with.
        """
        if n < LEAST_N:
            raise NotResolvable(f"T5 needs {LEAST_N:,} draws at least, not {n:,}")
        return np.asarray(self._reach(alpha, beta) / math.sqrt(n))

    def min_num_samples(self, tolerance: Array, alpha: float, beta: float) -> int:
        """((z_{1-α/2} + z_{1-β/2}) sd / tolerance)², and 1e5 at least.

        Raises:
            NotResolvable: a smaller level than the theorem is trusted with.
        """
        return max(LEAST_N, math.ceil(np.max((self._reach(alpha, beta) / tolerance) ** 2)))

    def _reach(self, alpha: float, beta: float) -> Array:
        if alpha < LEAST_ALPHA:
            raise NotResolvable(f"T5 is asymptotic: a look at level {alpha:.2g} is below the {LEAST_ALPHA:g} it is good for")
        return np.asarray(self.sd * (z(alpha / 2) + z(beta / 2)))
