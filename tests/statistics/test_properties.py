"""What holds of every tier and plan, whatever the numbers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivcheck.statistics.claim import claim
from derivcheck.statistics.looks import STEP, looks
from derivcheck.statistics.planning import smallest_n
from derivcheck.statistics.quadratic_form import log_ratio, together
from derivcheck.statistics.sequential import OPEN, PASS, REFUTED, decided
from derivcheck.statistics.sums import Array, Sums
from derivcheck.statistics.tier import Tier
from derivcheck.statistics.tiers.asymptotic import Asymptotic
from derivcheck.statistics.tiers.bounded import BoundedMean, Proportion
from derivcheck.statistics.tiers.exact_gaussian import KnownMean, KnownVariance
from derivcheck.statistics.tiers.gaussian_slope import KnownResidual
from derivcheck.statistics.tiers.joint import Joint
from derivcheck.statistics.tiers.known_cumulants import KnownCumulants
from derivcheck.statistics.tiers.self_normalised import SelfNormalised
from derivcheck.statistics.tiers.stated_variance import StatedVariance, stated_variance

ONES = np.ones(2)
SAID = claim("θ", [0.3, 0.6], relative=0.05)
FORM = log_ratio([0.0, 1.0], np.diag([1.0, 2.0]), [0.5, 0.5], np.diag([2.0, 0.5]))

TIERS: dict[str, Tier] = {
    "known variance": KnownVariance(np.asarray([1.0, 2.0])),
    "known mean": KnownMean(np.asarray([1.0, 2.0])),
    "known residual": KnownResidual(ONES, 2 * ONES),
    "known cumulants": KnownCumulants(together([FORM, log_ratio([0.0], [[1.0]], [0.3], [[1.0]])])),
    "self-normalised": SelfNormalised(np.asarray([1.0, 3.0])),
    "stated variance": stated_variance(SAID, ONES, "of the test"),
    "proportion": Proportion(np.asarray([0.3, 0.6])),
    "bounded mean": BoundedMean(-ONES, ONES),
    "bounded mean, known variance": BoundedMean(-ONES, ONES, 0.1 * ONES),
    "joint": Joint((KnownVariance(np.ones(1)), KnownMean(np.ones(1))), (1, 1)),
}
levels = st.floats(-12, -1).map(lambda e: 10.0**e)
tolerances = st.floats(-2.5, -0.7).map(lambda e: 10.0**e)
tiers = st.sampled_from(sorted(TIERS)).map(TIERS.__getitem__)


def sums_of(random: np.random.Generator, n: int) -> Sums:
    """Sums that every tier can read, of draws in {0, 1}."""
    ones = random.binomial(n, 0.3, size=(3, 2)).astype(np.float64)
    by_name = {"first": ones, "second": ones + 1.0, "cross": ones / 2, "square": np.full((3, 2), float(n))}
    influences = {f"influence {s} {p}": ones * (1 - p) / 8 for s in range(3) for p in range(3)}
    return Sums(n, by_name | influences)


@given(tier=tiers, tolerance=tolerances, alpha=levels, beta=levels)
def test_the_draws_that_are_planned_resolve_the_tolerance(tier: Tier, tolerance: float, alpha: float, beta: float) -> None:
    """TensorFlow Probability's design soundness; and not with far too many draws."""
    wanted = np.full(2, tolerance)
    n = tier.min_num_samples(wanted, alpha, beta)
    assert (tier.min_discrepancy(n, alpha, beta) <= wanted * (1 + 1e-9)).all()
    fewer = int(0.98 * n) - 2
    if fewer > 1:
        assert (tier.min_discrepancy(fewer, alpha, beta) > wanted).any()


@given(tier=tiers, n=st.integers(2_000, 10**9), alpha=levels, beta=levels)
def test_more_draws_resolve_more_and_smaller_errors_less(tier: Tier, n: int, alpha: float, beta: float) -> None:
    here = tier.min_discrepancy(n, alpha, beta)
    slack = 1 + 1e-9
    assert (tier.min_discrepancy(2 * n, alpha, beta) <= here * slack).all()
    assert (tier.min_discrepancy(n, alpha / 2, beta) * slack >= here).all()
    assert (tier.min_discrepancy(n, alpha, beta / 2) * slack >= here).all()


@given(tier=tiers, n=st.integers(100, 10**8), alpha=levels, seed=st.integers(0, 2**32))
def test_sets_nest_and_keep_the_shape_of_replicates(tier: Tier, n: int, alpha: float, seed: int) -> None:
    sums = sums_of(np.random.default_rng(seed), n)
    (low, high), (inner_low, inner_high) = tier.interval(sums, alpha / 3), tier.interval(sums, alpha)
    coordinates = 4 if isinstance(tier, Joint) else 2  # its parts have one each, and the sums two
    assert low.shape == high.shape == tier.estimate(sums).shape == (3, coordinates)
    if not isinstance(tier, StatedVariance):  # its scale may change with alpha
        slack = 1e-9 * (1 + np.abs(inner_low))
        assert (low <= inner_low + slack).all()
        assert (high >= inner_high - slack).all()
    one = Sums(n, {name: rows[0] for name, rows in sums.by_name.items()})
    assert np.array_equal(tier.interval(one, alpha)[0], inner_low[0])


@given(n_max=st.integers(1, 10**11), alpha=levels)
def test_looks_spend_less_than_alpha_and_half_of_it_last(n_max: int, alpha: float) -> None:
    plan = looks(n_max, alpha)
    sizes = [look.n for look in plan]
    assert sum(look.alpha for look in plan) < alpha
    assert plan[-1].alpha == alpha / 2
    assert n_max <= sizes[-1] < n_max + STEP
    assert sizes[0] <= 2 * STEP
    assert all(a < b <= 2 * a for a, b in pairwise(sizes))
    assert all(size % STEP == 0 for size in sizes)


@given(
    power=st.floats(0.3, 1.0), scale=st.floats(1e-3, 1e3), tolerance=st.floats(1e-3, 1.0), guess=st.floats(1e-3, 1e12)
)
def test_the_smallest_n_from_any_guess(power: float, scale: float, tolerance: float, guess: float) -> None:
    def discrepancy(n: int) -> Array:
        return np.asarray([scale * n**-power])

    n = smallest_n(discrepancy, np.asarray([tolerance]), guess)
    assert discrepancy(n) <= tolerance
    fewer = int(n / 1.002) - 1
    if fewer >= 1:
        assert discrepancy(fewer) > tolerance


def test_no_n_resolves_a_tolerance_of_nothing() -> None:
    with pytest.raises(ValueError, match="positive"):
        smallest_n(lambda n: np.ones(1) / n, np.zeros(1), 10)


ends = st.floats(-2, 2)


@given(low=ends, width=st.floats(0, 3), value=ends, tolerance=st.floats(0.01, 1.0), relation=st.sampled_from(["=", "<=", ">="]))
def test_verdicts_are_the_rule(low: float, width: float, value: float, tolerance: float, relation: str) -> None:
    """Refuted: no allowed θ is in the set. Pass: no θ off by the tolerance or more is in it."""
    high = low + width
    said = claim("θ", value, relative=tolerance, scale=1.0, relation=relation)  # type: ignore[arg-type]
    seen = decided(said, np.asarray([low]), np.asarray([high]))
    allowed = {"=": low <= value <= high, "<=": low <= value, ">=": high >= value}[relation]
    over, under = high >= value + tolerance, low <= value - tolerance
    too_far = {"=": over or under, "<=": over, ">=": under}[relation]
    assert seen == (REFUTED if not allowed else OPEN if too_far else PASS)


@pytest.mark.parametrize(
    ("sigma", "verdict"), [([0.0, 0.0], PASS), ([0.0, 9.0], REFUTED), ([0.0, 1.5], OPEN), ([9.0, 1.5], REFUTED)]
)
def test_a_claim_is_refuted_by_one_coordinate_and_passed_by_all(sigma: list[float], verdict: int) -> None:
    said = claim("θ", [0.0, 0.0], relative=2.0, scale=[1.0, 1.0])
    centre = np.asarray(sigma)
    assert decided(said, centre - 1.6, centre + 1.6) == verdict


CASES: list[tuple[str, Callable[[], object], str]] = [
    ("value", lambda: claim("x", float("nan"), relative=0.1, scale=1.0), "finite"),
    ("tolerance", lambda: claim("x", 1.0, relative=float("inf")), "finite"),
    ("nothing", lambda: claim("x", 0.0, relative=0.1), "give a scale"),
    ("negative", lambda: claim("x", 1.0, relative=-0.1), "positive"),
    ("variance", lambda: stated_variance(SAID, [1.0, 0.0], "so"), "positive and finite"),
    ("constant", lambda: log_ratio([0.0], [[1.0]], [0.0], [[1.0]]), "constant"),
    ("names", lambda: Sums(1, {"a": np.ones(1)}) + Sums(1, {"b": np.ones(1)}), "sums of"),
]


@pytest.mark.parametrize(("name", "make", "says"), CASES, ids=[name for name, _, _ in CASES])
def test_what_is_no_claim_is_refused(name: str, make: Callable[[], object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make()


@given(tolerance=tolerances, alpha=st.floats(1e-3, 0.5), beta=levels)
def test_the_asymptotic_tier_never_plans_fewer_than_it_trusts(tolerance: float, alpha: float, beta: float) -> None:
    tier = Asymptotic(ONES)
    n = tier.min_num_samples(np.full(2, tolerance), alpha, beta)
    assert n >= 100_000
    assert (tier.min_discrepancy(n, alpha, beta) <= tolerance * (1 + 1e-9)).all()
