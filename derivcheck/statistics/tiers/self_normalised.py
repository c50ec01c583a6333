r"""T2: two samplers have one law. The difference of a statistic is then symmetric, and its own squares bound its sum.

Main definitions: `SelfNormalised`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np

from derivcheck.statistics.planning import smallest_n
from derivcheck.statistics.sums import Array, Sums


@final
@dataclass(frozen=True)
class SelfNormalised:
    r"""The centre θ of d = f(X) − f(X′), X and X′ independent, from `first` = Σ d and `second` = Σ d².

    |Σ (d − θ)| ≤ a √Σ (d − θ)², a² = 2 ln(2/α): given |d − θ|, the signs are fair coins, and Hoeffding's bound needs
    no moment of d. Solved for θ: d̄ ± a √(V/(n − a²)), V = Σ d²/n − d̄²; everything while n ≤ a².

    A claim "one law" is θ = 0. Refuting it needs nothing but that claim. A pass speaks of θ ≠ 0, where d − θ must be
    symmetric again: so it is if the laws of f(X), f(X′) differ by a shift, or are each symmetric. Where they differ
    otherwise no set can pass without a bound on the tails (Bahadur & Savage 1956): use T3 on d then.

    sd, kurtosis: of d, E (d−θ)²= sd² and E (d−θ)⁴ ≤ kurtosis·sd⁴; they only plan the number of draws. The difference of
    two χ²₁ has 9.

    Shapes: sd (m,).   Source: Efron 1969, "Student's t-test under symmetry conditions"; de la Peña, Lai & Shao 2009,
    "Self-Normalized Processes", section 2.1.
    """

    sd: Array
    kurtosis: float = 9.0
    name: str = "T2"
    assumption: str = "f(X) − f(X′) is symmetric about its centre: so it is under the claim, and beside it if the laws differ by a shift"

    def estimate(self, sums: Sums) -> Array:
        """d̄."""
        return sums["first"] / sums.n

    def interval(self, sums: Sums, alpha: float) -> tuple[Array, Array]:
        """d̄ ± a √(V/(n − a²))."""
        mean, square = sums["first"] / sums.n, _factor(alpha) ** 2
        if sums.n <= square:
            return np.full_like(mean, -np.inf), np.full_like(mean, np.inf)
        variance = np.maximum(sums["second"] / sums.n - mean**2, 0.0)
        radius = np.sqrt(variance * square / (sums.n - square))
        return mean - radius, mean + radius

    def min_discrepancy(self, n: int, alpha: float, beta: float) -> Array:
        r"""The set's radius, and d̄'s own by the same bound at β/2, both with Σ (d−θ)² at its likely most.

        By Cantelli Σ (d−θ)²/n ≤ sd² (1 + √((kurtosis − 1)(2/β − 1)/n)) but for probability β/2.
        """
        square = _factor(alpha) ** 2
        if n <= square:
            return np.full_like(self.sd, np.inf)
        most = self.sd * math.sqrt(1 + math.sqrt((self.kurtosis - 1) * (2 / beta - 1) / n))
        return np.asarray(most * (math.sqrt(square / (n - square)) + _factor(beta / 2) / math.sqrt(n)))

    def min_num_samples(self, tolerance: Array, alpha: float, beta: float) -> int:
        """By inverting `min_discrepancy`."""
        guess = np.max(self.sd * (_factor(alpha) + _factor(beta / 2)) / tolerance) ** 2
        return smallest_n(lambda n: self.min_discrepancy(n, alpha, beta), tolerance, float(guess))


def _factor(alpha: float) -> float:
    """a = √(2 ln(2/α)): a sum of signed weights exceeds a times their root sum of squares with probability ≤ α."""
    return math.sqrt(2 * math.log(2 / alpha))
