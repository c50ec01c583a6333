"""What calibrations are made of: laws whose sums over n draws can be drawn at once, and the rule that judges a rate.

The rule. k of N replicates did what has probability at most α. They contradict that if the lower 99.9 % bound of
Clopper and Pearson for the rate exceeds α, which is P(Bin(N, α) ≥ k) < 1e-3: a right engine is contradicted with
probability < 1e-3 by each comparison, on a seed that comes from the case's name and was not chosen. An upper bound
≤ α cannot be demanded: T0's sets miss with probability α exactly, not less. Nor does the rule favour the engine: with
N = 1e6 it sees 1.5 α at α = 1e-4, 1.15 α at 1e-3, 1.05 α at 1e-2 with probability > 0.9 each (tested); planted faults
exceed it (tested); and sets that are too wide fail too, by `falls_short` where they are exact, else by their power.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from derivcheck.statistics.claim import Claim, claim
from derivcheck.statistics.looks import Look
from derivcheck.statistics.quadratic_form import QuadraticForm
from derivcheck.statistics.sequential import Codes, follow, planned
from derivcheck.statistics.sums import Array, Sums
from derivcheck.statistics.tier import Tier
from derivcheck.statistics.tiers.asymptotic import Asymptotic
from derivcheck.statistics.tiers.bounded import BoundedMean, Proportion
from derivcheck.statistics.tiers.exact_gaussian import KnownMean, KnownVariance
from derivcheck.statistics.tiers.gaussian_slope import KnownResidual
from derivcheck.statistics.tiers.joint import Joint
from derivcheck.statistics.tiers.known_cumulants import KnownCumulants
from derivcheck.statistics.tiers.self_normalised import SelfNormalised
from derivcheck.statistics.tiers.stated_variance import influence, stated_variance
from derivcheck.statistics.trial import Trial

SURE = 1e-3
AT_ONCE = 100_000  # replicates: 10 MB or so


def exceeds(count: int, replicates: int, rate: float) -> bool:
    """Whether the count contradicts a probability of at most `rate`."""
    return bool(stats.binom.sf(count - 1, replicates, rate) < SURE)


def falls_short(count: int, replicates: int, rate: float) -> bool:
    """Whether the count contradicts a probability of at least `rate`."""
    return bool(stats.binom.cdf(count, replicates, rate) < SURE)


Increments = Callable[[np.random.Generator, int, int, Array], Sums]
"""(random, n, replicates, θ) -> the sums over n draws when θ is the truth, shape (replicates, m)."""


@dataclass(frozen=True)
class Law:
    """A claim about θ, its tier, and the sums of its process at any true θ. exact: the sets miss with probability α."""

    claim: Claim
    tier: Tier
    increments: Increments
    exact: bool = False

    @property
    def endless(self) -> Law:
        """The same with a claim that can never pass: refuted if any look's set misses the truth."""
        return replace(self, claim=replace(self.claim, tolerance=self.claim.tolerance * 1e-9))

    def plan(self, alpha: float) -> tuple[Look, ...]:
        return planned(Trial(self.claim, self.tier, _nothing), alpha)


def verdicts(law: Law, plan: tuple[Look, ...], theta: Array, replicates: int, name: str) -> Codes:
    """The first decisions of so many runs of the whole procedure, with θ the truth."""
    random = generator(name)
    parts = [min(AT_ONCE, replicates - done) for done in range(0, replicates, AT_ONCE)]
    return np.concatenate([_followed(law, plan, theta, part, random) for part in parts])


def misses(law: Law, n: int, alpha: float, replicates: int, name: str) -> int:
    """How often one look's set misses a true claim, in any coordinate, at level alpha for each."""
    low, high = law.tier.interval(law.increments(generator(name), n, replicates, law.claim.value), alpha)
    return int(np.sum(np.any((law.claim.value < low) | (law.claim.value > high), axis=-1)))


def generator(name: str) -> np.random.Generator:
    """The seed is the name's."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def _followed(law: Law, plan: tuple[Look, ...], theta: Array, replicates: int, random: np.random.Generator) -> Codes:
    way, done = follow(law.claim, law.tier, plan), 0
    look = next(way)
    while True:
        fresh, done = law.increments(random, look.n - done, replicates, theta), look.n
        try:
            look = way.send(fresh)
        except StopIteration as end:
            codes: Codes = end.value[0]
            return np.broadcast_to(codes, (replicates,))


def _nothing(seed: int, n: int) -> Sums:
    raise AssertionError("calibrations draw sums, not samples")


# --- laws ----------------------------------------------------------------------------------------


def _column(values: Array) -> Array:
    return values[:, None]


def gaussian_mean() -> Law:
    def increments(random: np.random.Generator, n: int, replicates: int, theta: Array) -> Sums:
        return Sums(n, {"first": _column(n * theta[0] + 2 * np.sqrt(n) * random.standard_normal(replicates))})

    return Law(claim("mean", 0.3, relative=0.02, scale=2.0), KnownVariance(np.full(1, 2.0)), increments, exact=True)


def gaussian_variance() -> Law:
    def increments(random: np.random.Generator, n: int, replicates: int, theta: Array) -> Sums:
        return Sums(n, {"second": _column(theta[0] * random.chisquare(n, replicates))})

    return Law(claim("variance", 2.0, relative=0.02), KnownMean(np.full(1, 2.0)), increments, exact=True)


def gaussian_slope() -> Law:
    """Whitened pairs with correlation θ."""

    def increments(random: np.random.Generator, n: int, replicates: int, theta: Array) -> Sums:
        square = random.chisquare(n, replicates)
        noise = np.sqrt((1 - theta[0] ** 2) * square) * random.standard_normal(replicates)
        return Sums(n, {"square": _column(square), "cross": _column(theta[0] * square + noise)})

    tier = KnownResidual(np.ones(1), np.ones(1))
    return Law(claim("correlation", 0.0, relative=0.02, scale=1.0), tier, increments, exact=True)


def gaussian_moments() -> Law:
    """Mean and variance of the same draws, two coordinates of one claim."""

    def increments(random: np.random.Generator, n: int, replicates: int, theta: Array) -> Sums:
        mean, variance = theta[0], theta[1] - theta[0] ** 2  # the second moment is about 0
        first = n * mean + np.sqrt(n * variance) * random.standard_normal(replicates)
        second = first**2 / n + variance * random.chisquare(n - 1, replicates)
        return Sums(n, {"first": _column(first), "second": _column(second)})

    tier = Joint((KnownVariance(np.ones(1)), KnownMean(np.ones(1))), (1, 1))
    return Law(claim("mean, variance", [0.0, 1.0], relative=0.02, scale=[1.0, 1.0]), tier, increments)


def four_means() -> Law:
    """Four coordinates of equal weight: alpha and beta must be shared."""

    def increments(random: np.random.Generator, n: int, replicates: int, theta: Array) -> Sums:
        return Sums(n, {"first": n * theta + np.sqrt(n) * random.standard_normal((replicates, 4))})

    return Law(claim("means", np.zeros(4), relative=0.02, scale=np.ones(4)), KnownVariance(np.ones(4)), increments)


def quadratic(eigenvalues: list[float], loads: list[float]) -> Law:
    """Y − E Y + θ of a quadratic form, whose sums are noncentral χ² and normals."""
    form = QuadraticForm(np.asarray([eigenvalues]), np.asarray([loads]))
    sd = float(np.sqrt(form.variance[0]))

    def increments(random: np.random.Generator, n: int, replicates: int, theta: Array) -> Sums:
        total = np.full(replicates, n * theta[0])
        for lam, load in zip(eigenvalues, loads, strict=True):
            if lam == 0:
                total += load * np.sqrt(n) * random.standard_normal(replicates)
                continue
            apart = load / (2 * lam)
            square = (random.standard_normal(replicates) + np.sqrt(n) * apart) ** 2 + random.chisquare(n - 1, replicates)
            total += lam * (square - n * apart**2 - n)
        return Sums(n, {"first": _column(total)})

    return Law(claim("form", 0.4, relative=0.02, scale=sd), KnownCumulants(form), increments)


def gaussian_difference() -> Law:
    """d = f(X) − f(X′) is Gaussian about θ."""

    def increments(random: np.random.Generator, n: int, replicates: int, theta: Array) -> Sums:
        first = n * theta[0] + np.sqrt(n) * random.standard_normal(replicates)
        second = first**2 / n + random.chisquare(n - 1, replicates)
        return Sums(n, {"first": _column(first), "second": _column(second)})

    tier = SelfNormalised(np.ones(1), kurtosis=3.0)
    return Law(claim("d", 0.0, relative=0.02, scale=1.0), tier, increments)


@dataclass(frozen=True)
class Lattice:
    """A law on a few values: its sums over n draws are multinomial counts times what each value adds."""

    values: Array
    weights: Array

    @property
    def mean(self) -> float:
        return float(self.values @ self.weights)

    def moment(self, power: int) -> float:
        return float((self.values - self.mean) ** power @ self.weights)

    def counts(self, random: np.random.Generator, n: int, replicates: int) -> Array:
        return random.multinomial(n, self.weights, size=replicates).astype(np.float64)

    def powers(self, random: np.random.Generator, n: int, replicates: int, theta: Array) -> Sums:
        """With the values shifted so that the mean is θ."""
        counts, values = self.counts(random, n, replicates), self.values - self.mean + theta[0]
        return Sums(n, {"first": _column(counts @ values), "second": _column(counts @ values**2)})


JUMPS = Lattice(np.asarray([-20.0, -1.0, 1.0, 20.0]), np.asarray([5e-4, 0.4995, 0.4995, 5e-4]))  # symmetric, kurtosis 82
SPIKE = Lattice(np.asarray([0.0, 10.0]), np.asarray([0.99, 0.01]))  # skewness 10


def jumping_difference() -> Law:
    sd = float(np.sqrt(JUMPS.moment(2)))
    tier = SelfNormalised(np.full(1, sd), kurtosis=JUMPS.moment(4) / sd**4)
    return Law(claim("d", 0.0, relative=0.02, scale=sd), tier, JUMPS.powers)


def spiked_mean() -> Law:
    variance = SPIKE.moment(2)
    said = claim("spike", SPIKE.mean, relative=0.05, scale=np.sqrt(variance))
    tier = stated_variance(said, variance, "the law is written here")

    def increments(random: np.random.Generator, n: int, replicates: int, theta: Array) -> Sums:
        counts, values = SPIKE.counts(random, n, replicates), SPIKE.values - SPIKE.mean + theta[0]
        by_name = {"first": _column(counts @ values)}
        for s, scale in enumerate(tier.scales):
            for p, point in enumerate(tier.points):
                by_name[f"influence {s} {p}"] = _column(counts @ influence(scale * (values - point)))
        return Sums(n, by_name)

    return Law(said, tier, increments)


def proportion(p: float, relative: float) -> Law:
    def increments(random: np.random.Generator, n: int, replicates: int, theta: Array) -> Sums:
        return Sums(n, {"first": _column(random.binomial(n, theta[0], replicates).astype(np.float64))})

    return Law(claim("p", p, relative=relative), Proportion(np.full(1, p)), increments)


def bounded_mean() -> Law:
    """SPIKE's support, wide enough for its shifts."""
    tier = BoundedMean(np.full(1, -1.0), np.full(1, 11.0), np.full(1, SPIKE.moment(2)))
    return Law(claim("bounded", SPIKE.mean, relative=0.1, scale=1.0), tier, SPIKE.powers)


def asymptotic_mean() -> Law:
    sd = float(np.sqrt(SPIKE.moment(2)))
    return Law(claim("clt", SPIKE.mean, relative=0.01, scale=sd), Asymptotic(np.full(1, sd)), SPIKE.powers)


LAWS: dict[str, Callable[[], Law]] = {
    "T0 mean": gaussian_mean,
    "T0 variance": gaussian_variance,
    "T0 slope": gaussian_slope,
    "T0 mean and variance": gaussian_moments,
    "T0 four means": four_means,
    "T1 square": lambda: quadratic([0.7], [0.0]),
    "T1 log ratio": lambda: quadratic([0.5, -0.3, 0.0], [0.7, 0.4, 0.5]),
    "T2 Gaussian": gaussian_difference,
    "T2 rare jumps": jumping_difference,
}
OTHERS: dict[str, Callable[[], Law]] = {
    "T3 spike": spiked_mean,
    "T4 proportion": lambda: proportion(0.3, 0.05),
    "T4 rare": lambda: proportion(0.01, 0.3),
    "T4 mean": bounded_mean,
}
