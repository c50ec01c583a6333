"""What others do, and what it costs them: published rules, run on cases where their error is known beforehand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from derivcheck.statistics.arithmetic import NotResolvable
from derivcheck.statistics.claim import claim
from derivcheck.statistics.quadratic_form import log_ratio
from derivcheck.statistics.sequential import PASS, REFUTED
from derivcheck.statistics.sums import Array, Sums
from derivcheck.statistics.tiers.asymptotic import Asymptotic
from derivcheck.statistics.tiers.known_cumulants import KnownCumulants
from derivcheck.statistics.tiers.self_normalised import SelfNormalised
from derivcheck.statistics.tiers.stated_variance import stated_variance
from tests.statistics.calibration import Lattice, Law, generator, spiked_mean, verdicts

# p = N(0, 3²), q = N(0, 1): log p/q = −ln 3 + 4 w² with w ~ N(0, 1), so its sums are χ²
RATIO, SPREAD = 4.0, 3.0
KL = RATIO - np.log(SPREAD)
REPLICATES = 2_000


def early_stopping_passes(factor: float) -> float:
    """How often torch's rule for KL divergences passes a claim that is off by factor times its tolerance.

    `test_kl_monte_carlo`: batches of 10,000 up to 1e7 draws, stopped at the first mean with |claimed − mean| <
    0.1 (1 + mean).
    """
    random = generator(f"torch {factor}")
    claimed = (KL + 0.1 * factor * (1 + KL)) if factor else KL
    open_ = np.ones(REPLICATES, dtype=bool)
    total = np.zeros(REPLICATES)
    for batch in range(1, 1001):
        total += RATIO * random.chisquare(10_000, REPLICATES) - 10_000 * np.log(SPREAD)
        mean = total / (10_000 * batch)
        open_ &= ~(np.abs(claimed - mean) < 0.1 * (1 + mean))
    return 1 - float(open_.mean())


def test_a_rule_that_stops_when_it_likes_what_it_sees() -> None:
    """A claim off by 1.05 times the tolerance passes 63 % of the time, by 1.2 times 13 %; here with probability ≤ α.

    2,000 replicates: a standard error of 0.011 and 0.008; each range is five of them either way.
    """
    assert 0.575 < early_stopping_passes(1.05) < 0.685
    assert 0.09 < early_stopping_passes(1.2) < 0.17
    said = claim("KL", KL + 1.05 * 0.1 * (1 + KL), relative=0.1, scale=1 + KL)
    tier = KnownCumulants(log_ratio([0.0], [[SPREAD**2]], [0.0], [[1.0]]))

    def increments(random: np.random.Generator, n: int, replicates: int, theta: Array) -> Sums:
        return Sums(n, {"first": (RATIO * random.chisquare(n, replicates) - n * np.log(SPREAD))[:, None]})

    law = Law(said, tier, increments)
    seen = verdicts(law, law.plan(1e-6), np.full(1, KL), 100_000, "ours")
    assert int((seen == PASS).sum()) == 0
    assert float((seen == REFUTED).mean()) > 0.999


def test_a_normal_quantile_at_one_in_a_million() -> None:
    """χ²₁, n = 100, estimated variance: hundreds of times the nominal 1e-6. T5 refuses that level and that n."""
    random, bad, replicates = generator("clt"), 0, 200_000
    for _ in range(20):
        square = random.standard_normal((replicates // 20, 100)) ** 2
        student = (square.mean(1) - 1) / (square.std(1, ddof=1) / 10)
        bad += int((np.abs(student) > stats.norm.isf(5e-7)).sum())
    assert bad / replicates > 2e-4
    tier = Asymptotic(np.full(1, np.sqrt(2)))
    with pytest.raises(NotResolvable, match="asymptotic"):
        tier.min_num_samples(np.full(1, 0.1), 1e-6, 1e-3)
    with pytest.raises(NotResolvable, match="100,000"):
        tier.min_discrepancy(100, 1e-2, 1e-3)
    for n, alpha in ((100, 1e-2), (200_000, 1e-4)):
        low, high = tier.interval(Sums(n, {"first": np.full(1, 0.9 * n), "second": np.full(1, 2.0 * n)}), alpha)
        assert np.isinf(low).all()
        assert np.isinf(high).all()


def test_a_normal_quantile_under_a_heavy_weight() -> None:
    """A spike of probability 1e-6: not one in 1e5 draws sees it, and T5's set misses the mean; T3's does not."""
    spike = Lattice(np.asarray([1.0, 1e4]), np.asarray([1 - 1e-6, 1e-6]))
    counts = spike.counts(generator("weights"), 200_000, 5_000)
    first, second = counts @ spike.values, counts @ spike.values**2
    tier = Asymptotic(np.ones(1))
    low, high = tier.interval(Sums(200_000, {"first": first[:, None], "second": second[:, None]}), 1e-3)
    assert float(np.mean((spike.mean < low) | (spike.mean > high))) > 0.5
    law = spiked_mean()
    seen = verdicts(law, law.plan(1e-3), law.claim.value, 20_000, "spike")
    assert float((seen == PASS).mean()) > 0.99


def test_a_pass_of_T2_rests_on_the_symmetry_it_names() -> None:
    """Where laws differ by a rare large jump alone, T2 passes what is off; its assumption says so, and T3 does not pass."""
    rare = Lattice(np.asarray([-1.0, 1.0, 1e5]), np.asarray([0.5 - 5e-7, 0.5 - 5e-7, 1e-6]))  # mean 0.1
    said = claim("d", 0.0, relative=0.05, scale=1.0)
    tier = SelfNormalised(np.ones(1))
    low, high = tier.interval(rare.powers(generator("rare"), 50_000, 1_000, np.full(1, rare.mean)), 1e-3)
    passed = (low > -said.tolerance) & (high < said.tolerance)
    assert float(passed.mean()) > 0.9
    assert "shift" in tier.assumption
    needs = stated_variance(said, rare.moment(2), "the law is written here").min_num_samples(said.tolerance, 1e-3, 1e-3)
    assert needs > 1e7
