"""Faults planted in the engine: the calibration's own statistic must exceed its bound for each.

A test here fails if a fault goes unseen. Every rate named is far above the bound, so that none of them is a coin's.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from derivcheck.statistics import sequential
from derivcheck.statistics.claim import claim
from derivcheck.statistics.looks import Look
from derivcheck.statistics.sequential import OPEN, PASS, REFUTED, check, decided
from derivcheck.statistics.sums import NotFinite, Sums
from derivcheck.statistics.tiers import exact_gaussian, self_normalised
from derivcheck.statistics.tiers.exact_gaussian import KnownVariance
from derivcheck.statistics.trial import Trial
from tests.statistics.calibration import LAWS, exceeds, gaussian_mean, misses, verdicts

REPLICATES = 50_000


def any_look_misses(name: str, alpha: float) -> bool:
    """Whether the sets of all looks together miss the truth too often: both error rates rest on that."""
    law = LAWS[name]()
    seen = verdicts(law.endless, law.plan(alpha), law.claim.value, REPLICATES, f"faults {name} {alpha}")
    return exceeds(int((seen == REFUTED).sum()), REPLICATES, alpha)


def false_passes(name: str, alpha: float) -> bool:
    """Whether it passes claims that are off by the tolerance too often."""
    law = LAWS[name]()
    theta = law.claim.value + law.claim.tolerance
    seen = verdicts(law, law.plan(alpha), theta, REPLICATES, f"faults {name} {alpha} off")
    return exceeds(int((seen == PASS).sum()), REPLICATES, alpha)


def misses_too_often(name: str, alpha: float) -> bool:
    return exceeds(misses(LAWS[name](), 20_000, alpha, REPLICATES, f"faults {name} {alpha} look"), REPLICATES, alpha)


def test_without_a_fault_nothing_is_exceeded() -> None:
    for name in ("T0 mean", "T2 Gaussian", "T2 rare jumps"):
        assert not any_look_misses(name, 0.05)
        assert not false_passes(name, 0.05)
        assert not misses_too_often(name, 0.01)


def test_a_dropped_square_root_in_the_spending(monkeypatch: pytest.MonkeyPatch) -> None:
    """α √2^{-(K-k+1)} in place of α 2^{-(K-k+1)}: the levels add up to 2.4 α."""
    right = sequential.looks

    def wrong(n_max: int, alpha: float) -> tuple[Look, ...]:
        return tuple(Look(look.n, alpha * math.sqrt(look.alpha / alpha)) for look in right(n_max, alpha))

    monkeypatch.setattr(sequential, "looks", wrong)
    assert any_look_misses("T0 mean", 0.01)


def test_peeking_without_spending(monkeypatch: pytest.MonkeyPatch) -> None:
    """The full level at every look."""
    right = sequential.looks
    monkeypatch.setattr(
        sequential, "looks", lambda n_max, alpha: tuple(Look(look.n, alpha) for look in right(n_max, alpha))
    )
    assert any_look_misses("T0 mean", 0.01)
    assert any_look_misses("T0 variance", 0.01)


def test_passing_at_the_first_look_inside_the_tolerance(monkeypatch: pytest.MonkeyPatch) -> None:
    """The estimate inside the tolerance, in place of the whole set."""

    def hasty(said: object, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        middle = (low + high) / 2
        law = gaussian_mean().claim
        inside = np.all(np.abs(middle - law.value) < law.tolerance, axis=-1)
        return np.where(inside, PASS, decided(law, low, high)).astype(np.int8)

    monkeypatch.setattr(sequential, "decided", hasty)
    assert false_passes("T0 mean", 0.05)


def test_a_dropped_square_root_of_two_in_the_radius(monkeypatch: pytest.MonkeyPatch) -> None:
    """√(ln 2/α) for √(2 ln 2/α), as torch's sampler test lacks it; and a quantile of α for one of α/2."""
    monkeypatch.setattr(self_normalised, "_factor", lambda alpha: math.sqrt(math.log(2 / alpha)))
    assert misses_too_often("T2 Gaussian", 0.01)
    assert misses_too_often("T2 rare jumps", 0.01)
    monkeypatch.undo()
    right = exact_gaussian.z
    monkeypatch.setattr(exact_gaussian, "z", lambda tail: right(tail) / math.sqrt(2))
    assert misses_too_often("T0 mean", 0.01)


def test_one_side_for_two(monkeypatch: pytest.MonkeyPatch) -> None:
    right = exact_gaussian.z
    monkeypatch.setattr(exact_gaussian, "z", lambda tail: right(2 * tail))
    assert misses_too_often("T0 mean", 0.01)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_in_the_sample(bad: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """One NaN among 4,096 draws of one chunk stops the trial; were it let through, it would neither pass nor refute."""

    def draw(seed: int, n: int) -> Sums:
        sample = np.random.default_rng(seed).standard_normal(n)
        sample[n // 2] = bad
        return Sums(n, {"first": sample.sum(keepdims=True)})

    trial = Trial(claim("mean", 0.0, relative=0.05, scale=1.0), KnownVariance(np.ones(1)), draw)
    with pytest.raises(NotFinite, match="first"):
        check(trial, alpha=1e-6)
    with pytest.raises(NotFinite):
        Sums(2, {"first": np.zeros(1)}) + Sums(2, {"first": np.full(1, bad)})
    monkeypatch.setattr(Sums, "__post_init__", lambda _: None)
    if np.isnan(bad):
        assert check(trial, alpha=1e-6).verdict == "inconclusive"


def test_a_nan_for_an_end_decides_nothing() -> None:
    said = claim("θ", [0.0, 0.0], relative=1.0, scale=[1.0, 1.0])
    nothing = np.full(2, np.nan)
    assert decided(said, nothing, nothing) == OPEN
    assert decided(said, np.asarray([-0.5, np.nan]), np.asarray([0.5, np.nan])) == OPEN


# --- an unseeded generator -----------------------------------------------------------------------


def draws_again(trial: Trial) -> bool:
    """Whether the same seed gives the same sums, and another seed others."""
    one, again, other = trial.draw(1, 512), trial.draw(1, 512), trial.draw(2, 512)
    same = all(np.array_equal(one[name], again[name]) for name in one.by_name)
    return same and any(not np.array_equal(one[name], other[name]) for name in one.by_name)


def test_an_unseeded_generator() -> None:
    def seeded(seed: int, n: int) -> Sums:
        return Sums(n, {"first": np.random.default_rng(seed).standard_normal((n, 1)).sum(0)})

    def unseeded(seed: int, n: int) -> Sums:
        return Sums(n, {"first": np.random.default_rng().standard_normal((n, 1)).sum(0)})

    def constant(seed: int, n: int) -> Sums:
        return Sums(n, {"first": np.random.default_rng(7).standard_normal((n, 1)).sum(0)})

    said, tier = claim("mean", 0.0, relative=0.05, scale=1.0), KnownVariance(np.ones(1))
    assert draws_again(Trial(said, tier, seeded))
    assert not draws_again(Trial(said, tier, unseeded))
    assert not draws_again(Trial(said, tier, constant))
    assert check(Trial(said, tier, seeded), alpha=0.1).seen[0].estimate == check(Trial(said, tier, seeded), alpha=0.1).seen[0].estimate
