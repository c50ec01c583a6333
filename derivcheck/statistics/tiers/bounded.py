r"""T4: the statistic lies in a known interval: a proportion, or a mean.

A distribution function at some points is several proportions: sharing α among them costs ln m, where a band for all
points at once (Dvoretzky, Kiefer, Wolfowitz, Massart) takes the variance ¼ everywhere; so there is no tier for it.
Main definitions: `Proportion`, `BoundedMean`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from derivcheck.statistics.planning import smallest_n
from derivcheck.statistics.sums import Array, Sums

HALVINGS = 60


@final
@dataclass(frozen=True)
class Proportion:
    r"""P(X = 1) from `first` = Σ x, x in {0, 1}: Clopper and Pearson's set, the inverted binomial tails.

    `proportion`, the claimed one, only plans the number of draws, by Chernoff's bound of the same tails.

    Shapes: proportion (m,).   Source: Clopper & Pearson 1934.
    """

    proportion: Array
    name: str = "T4"
    assumption: str = "every draw is 0 or 1"

    def estimate(self, sums: Sums) -> Array:
        """The share of ones."""
        return sums["first"] / sums.n

    def interval(self, sums: Sums, alpha: float) -> tuple[Array, Array]:
        """The proportions at which so many ones, or so few, have probability α/2.

        Raises:
            ValueError: the count is no whole number in 0..n.
        """
        ones = sums["first"]
        if not np.all((ones >= 0) & (ones <= sums.n) & (ones == np.round(ones))):
            raise ValueError(f"a count of ones among {sums.n} draws is not {ones}")
        zeros = sums.n - ones
        low = special.betaincinv(np.maximum(ones, 1), zeros + 1, alpha / 2)
        high = special.betainccinv(ones + 1, np.maximum(zeros, 1), alpha / 2)
        return np.where(ones > 0, low, 0.0), np.where(zeros > 0, high, 1.0)

    def min_discrepancy(self, n: int, alpha: float, beta: float) -> Array:
        """How far the set reaches from counts at the rim of the likely, upwards and downwards, in both roles."""
        set_rate, count_rate = math.log(2 / alpha) / n, math.log(2 / beta) / n
        reaches = [
            _reach(p, first, second)
            for p in (self.proportion, 1 - self.proportion)
            for first, second in ((count_rate, set_rate), (set_rate, count_rate))
        ]
        return np.max(reaches, axis=0)

    def min_num_samples(self, tolerance: Array, alpha: float, beta: float) -> int:
        """By inverting `min_discrepancy`."""
        spread = np.maximum(self.proportion * (1 - self.proportion), tolerance)
        guess = float(np.max(spread / tolerance**2)) * 2 * math.log(2 / alpha)
        return smallest_n(lambda n: self.min_discrepancy(n, alpha, beta), tolerance, guess)


@final
@dataclass(frozen=True)
class BoundedMean:
    r"""E f from `first` = Σ f and `second` = Σ f², low ≤ f ≤ high: f̄ ± (√(2V ln(4/α)/n) + 7R ln(4/α)/(3(n−1))).

    V is the sample's variance and R = high − low. The sums may be of f − c with a fixed c, which shifts low and high.
    `variance` only plans; none stands for R²/4, the most there can be.

    Shapes: low, high, variance (m,).   Source: Maurer & Pontil 2009, "Empirical Bernstein bounds", theorem 4.
    """

    low: Array
    high: Array
    variance: Array | None = None
    name: str = "T4"
    assumption: str = field(init=False)

    def __post_init__(self) -> None:
        ends = ", ".join(f"[{a:.6g}, {b:.6g}]" for a, b in zip(self.low, self.high, strict=True))
        object.__setattr__(self, "assumption", f"every draw lies in {ends}")

    def estimate(self, sums: Sums) -> Array:
        """f̄."""
        return sums["first"] / sums.n

    def interval(self, sums: Sums, alpha: float) -> tuple[Array, Array]:
        """Empirical Bernstein, cut to the support.

        Raises:
            ValueError: the mean is outside the support, so that the assumption is false.
        """
        n, mean, log = sums.n, sums["first"] / sums.n, math.log(4 / alpha)
        slack = 1e-9 * (self.high - self.low)
        if not np.all((mean >= self.low - slack) & (mean <= self.high + slack)):
            raise ValueError(f"a mean of {mean} contradicts the bound: {self.assumption}")
        variance = np.maximum(sums["second"] - n * mean**2, 0.0) / (n - 1)
        radius = np.sqrt(2 * variance * log / n) + 7 * (self.high - self.low) * log / (3 * (n - 1))
        return np.maximum(mean - radius, self.low), np.minimum(mean + radius, self.high)

    def min_discrepancy(self, n: int, alpha: float, beta: float) -> Array:
        r"""The set's radius with √V ≤ σ + R √(2 ln(3/β)/(n−1)), and f̄'s own by Bernstein: √(2σ² ln(3/β)/n) + R ln(3/β)/(3n)."""
        span = self.high - self.low
        sd = span / 2 if self.variance is None else np.sqrt(self.variance)
        set_log, mean_log = math.log(4 / alpha), math.log(3 / beta)
        most = sd + span * math.sqrt(2 * mean_log / (n - 1)) if n > 1 else np.full_like(span, np.inf)
        radius = most * math.sqrt(2 * set_log / n) + 7 * span * set_log / (3 * max(n - 1, 1))
        return np.asarray(radius + sd * math.sqrt(2 * mean_log / n) + span * mean_log / (3 * n))

    def min_num_samples(self, tolerance: Array, alpha: float, beta: float) -> int:
        """By inverting `min_discrepancy`."""
        guess = float(np.max((self.high - self.low) / tolerance)) ** 2 * math.log(4 / alpha)
        return smallest_n(lambda n: self.min_discrepancy(n, alpha, beta), tolerance, guess)


def _reach(p: Array, first: float, second: float) -> Array:
    """q − p with a share s between them: kl(s ‖ p) = first, kl(s ‖ q) = second; q is 1 at most."""
    share = _solved(lambda s: _kl(s, p) <= first, p)
    return _solved(lambda q: _kl(share, q) <= second, share) - p


def _solved(inside: Callable[[Array], NDArray[np.bool_]], start: Array) -> Array:
    """The end of what is inside, between start and 1, by halving; the outer side of the last interval."""
    low, high = start, np.ones_like(start)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        stays = inside(middle)
        low, high = np.where(stays, middle, low), np.where(stays, high, middle)
    return high


def _kl(s: Array, p: Array) -> Array:
    """s ln(s/p) + (1−s) ln((1−s)/(1−p)), in nats."""
    return np.asarray(special.rel_entr(s, p) + special.rel_entr(1 - s, 1 - p))
