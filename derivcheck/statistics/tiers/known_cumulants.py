r"""T1: the law of the statistic is a known quadratic form of Gaussians, so Chernoff's bound is explicit.

Main definitions: `KnownCumulants`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np

from derivcheck.statistics.normal import z
from derivcheck.statistics.planning import smallest_n
from derivcheck.statistics.quadratic_form import QuadraticForm
from derivcheck.statistics.sums import Array, Sums


@final
@dataclass(frozen=True)
class KnownCumulants:
    r"""The mean θ of Y from `first` = Σ y, with K the cumulant function of Y − θ: θ ∈ [ȳ − r₊, ȳ + r₋].

    K*(r₊) = ln(2/α)/n, and r₋ the same for −Y: a side each, since a quadratic form is skewed. E log p/q of two
    Gaussians is one (`log_ratio`). The set does not depend on what is claimed of θ.

    Source: Chernoff 1952; Boucheron, Lugosi & Massart 2013, "Concentration Inequalities", section 2.2.
    """

    form: QuadraticForm
    name: str = "T1"
    assumption: str = "a quadratic form of standard normals with these eigenvalues and loads"

    def estimate(self, sums: Sums) -> Array:
        """ȳ."""
        return sums["first"] / sums.n

    def interval(self, sums: Sums, alpha: float) -> tuple[Array, Array]:
        """[ȳ − r₊, ȳ + r₋] at rate ln(2/α)/n."""
        mean, rate = sums["first"] / sums.n, math.log(2 / alpha) / sums.n
        return mean - self.form.upper_radius(rate), mean + self.form.lower_radius(rate)

    def min_discrepancy(self, n: int, alpha: float, beta: float) -> Array:
        """The radius of the set on one side and, by the same bound at β, that of ȳ on the other, whichever sum is larger."""
        set_rate, mean_rate = math.log(2 / alpha) / n, math.log(2 / beta) / n
        form = self.form
        return np.maximum(
            form.lower_radius(set_rate) + form.upper_radius(mean_rate),
            form.upper_radius(set_rate) + form.lower_radius(mean_rate),
        )

    def min_num_samples(self, tolerance: Array, alpha: float, beta: float) -> int:
        """By inverting `min_discrepancy`, from its Gaussian limit."""
        guess = np.max(self.form.variance * ((z(alpha / 2) + z(beta / 2)) / tolerance) ** 2)
        return smallest_n(lambda n: self.min_discrepancy(n, alpha, beta), tolerance, float(guess))
