r"""T3: the mean of an unbounded statistic whose variance has a stated bound, by Catoni's influence function.

Main definitions: `StatedVariance`, `stated_variance`, `influence`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import ArrayLike

from derivcheck.statistics.claim import Claim
from derivcheck.statistics.sums import Array, Sums

SCALES = (1.0, 4.0, 16.0)  # times the scale of the last look: what suits looks at 1/16 and 1/256 of its draws


def influence(x: ArrayLike) -> Array:
    """ψ(x) = sign(x) ln(1 + |x| + x²/2): about x near 0, a logarithm far out, so that no single draw decides."""
    values = np.asarray(x, dtype=np.float64)
    return np.asarray(np.sign(values) * np.log1p(np.abs(values) + values**2 / 2))


@final
@dataclass(frozen=True)
class StatedVariance:
    r"""The mean θ of f with var f ≤ v, from Ψ_λ(g) = Σ ψ(λ (f − g)) at three points g: the claim and its tolerance's ends.

    |Ψ_λ(θ)| ≤ B = nλ²v/2 + ln(2/α) with probability ≥ 1 − α, for any λ > 0 fixed beforehand. Ψ_λ falls with g, no faster
    than nλ, so Ψ_λ(g) > B excludes all up to g + (Ψ_λ(g) − B)/(nλ), and the like from above. At the three points the
    set decides just as Catoni's does; beyond, it is a little wider. An end that no point excludes is infinite.

    Sums: `first` = Σ f, and `influence s p` for scale s and point p (`samplers.influence.influence_sums`). They add up over
    chunks since points and scales are fixed by the claim. The variance bound, and why it holds, is the caller's: for
    f = x² with kurtosis κ, v = (κ − 1)(c + tolerance)², say. A pass needs it of the law that is sampled.

    Shapes: variance, tolerance (m,), points (3, m), scales (S, m).
    Source: Catoni 2012, "Challenging the empirical mean and empirical variance", proposition 2.4.
    """

    variance: Array
    tolerance: Array
    points: Array
    scales: Array
    because: str
    name: str = "T3"

    @property
    def assumption(self) -> str:
        """The bound, and why it holds."""
        bounds = ", ".join(f"{bound:.6g}" for bound in self.variance)
        return f"a variance of at most {bounds}, since {self.because}"

    def sums(self, values: Array) -> Sums:
        """The sums over values (n, m), by numpy."""
        by_name = {"first": values.sum(0)}
        for s, scale in enumerate(self.scales):
            for p, point in enumerate(self.points):
                by_name[f"influence {s} {p}"] = influence(scale * (values - point)).sum(0)
        return Sums(len(values), by_name)

    def estimate(self, sums: Sums) -> Array:
        """The plain mean."""
        return sums["first"] / sums.n

    def interval(self, sums: Sums, alpha: float) -> tuple[Array, Array]:
        """What the points leave, at the scale whose radius λv/2 + ln(2/α)/(nλ) is the smallest for this n and alpha."""
        log, n = math.log(2 / alpha), sums.n
        best = np.argmin(self.scales * self.variance / 2 + log / (n * self.scales), axis=0)
        scale = np.take_along_axis(self.scales, best[None], axis=0)[0]
        bound = n * scale**2 * self.variance / 2 + log
        low, high = np.full_like(sums["first"], -np.inf), np.full_like(sums["first"], np.inf)
        for p, point in enumerate(self.points):
            rows = np.stack([sums[f"influence {s} {p}"] for s in range(len(self.scales))])
            total = np.take_along_axis(rows, np.broadcast_to(best, (1, *rows.shape[1:])), axis=0)[0]
            above, below = total - bound, -bound - total
            low = np.where(above > 0, np.maximum(low, point + above / (n * scale)), low)
            high = np.where(below > 0, np.minimum(high, point - below / (n * scale)), high)
        return low, high

    def min_discrepancy(self, n: int, alpha: float, beta: float) -> Array:
        r"""√(4vL/(n − 2L)), L = ln(2/α) + ln(2/β): the tolerance whose tier, with its own λ, is resolved by n draws."""
        logs = _logs(alpha, beta)
        if n <= 2 * logs:
            return np.full_like(self.variance, np.inf)
        return np.sqrt(4 * self.variance * logs / (n - 2 * logs))

    def min_num_samples(self, tolerance: Array, alpha: float, beta: float) -> int:
        r"""2L (2v + tol²)/tol²: with λ = tol/(2v + tol²), E e^{−ψ(λ(f−θ+tol))} ≤ e^{−λtol + λ²(v+tol²)/2} takes Ψ past B."""
        return math.ceil(np.max(2 * _logs(alpha, beta) * (2 * self.variance + tolerance**2) / tolerance**2))


def stated_variance(claim: Claim, variance: ArrayLike, because: str) -> StatedVariance:
    """The tier for a claim on means, with var f_j ≤ variance_j. because: why it holds, as a reader can judge it.

    Raises:
        ValueError: a bound is not positive and finite.
    """
    bound = np.broadcast_to(np.asarray(variance, dtype=np.float64), claim.value.shape)
    if not ((bound > 0) & np.isfinite(bound)).all():
        raise ValueError(f"{claim.latex}: a variance bound must be positive and finite")
    scale = claim.tolerance / (2 * bound + claim.tolerance**2)
    points = np.stack([claim.value - claim.tolerance, claim.value, claim.value + claim.tolerance])
    return StatedVariance(bound, claim.tolerance, points, np.outer(SCALES, scale), because)


def _logs(alpha: float, beta: float) -> float:
    return math.log(2 / alpha) + math.log(2 / beta)
