"""Both error rates and the power of every tier, on simulated sums: one look, and the whole sequence of looks.

A million replicates for T0, T1, T2 with `pytest -m statistical` (a minute of one core); the same with fewer always. The rule is told in
`calibration`; a right engine fails each comparison with probability < 1e-3, and the seeds are fixed by the names.
"""

from __future__ import annotations

import pytest
from scipy import stats

from derivcheck.statistics.arithmetic import NotResolvable
from derivcheck.statistics.sequential import BETA, OPEN, PASS, REFUTED, _spare
from tests.statistics.calibration import (
    LAWS,
    OTHERS,
    asymptotic_mean,
    exceeds,
    falls_short,
    misses,
    verdicts,
)

pytestmark = pytest.mark.statistical

ALPHAS = (1e-1, 1e-2, 1e-3, 1e-4)
MILLION = 1_000_000
ONE_LOOK = 20_000  # draws


def calibrated(name: str, alpha: float, replicates: int) -> None:
    """Neither error above alpha, not even that any look's set misses the truth; and no end without a verdict above β'."""
    law = (LAWS | OTHERS)[name]()
    plan = law.plan(alpha)
    spare = _spare(alpha, BETA)
    truth = verdicts(law, plan, law.claim.value, replicates, f"{name} {alpha} true")
    assert not exceeds(int((truth == REFUTED).sum()), replicates, alpha)
    assert not exceeds(int((truth == OPEN).sum()), replicates, spare)
    missed = verdicts(law.endless, plan, law.claim.value, replicates, f"{name} {alpha} any look")
    assert not exceeds(int((missed == REFUTED).sum()), replicates, alpha)
    for side in (-1, 1):
        # the last coordinate is off by the tolerance
        theta = law.claim.value.copy()
        theta[-1] += side * law.claim.tolerance[-1]
        wrong = verdicts(law, plan, theta, replicates, f"{name} {alpha} off {side}")
        assert not exceeds(int((wrong == PASS).sum()), replicates, alpha)
        assert not exceeds(int((wrong == OPEN).sum()), replicates, spare)


def one_look(name: str, alpha: float, replicates: int) -> None:
    """The set misses no more often than alpha; as often, where it is exact."""
    law = (LAWS | OTHERS)[name]()
    missed = misses(law, ONE_LOOK, alpha / law.claim.value.size, replicates, f"{name} {alpha} one look")
    assert not exceeds(missed, replicates, alpha)
    if law.exact:
        assert not falls_short(missed, replicates, alpha)


@pytest.mark.parametrize(("alpha", "factor"), [(1e-4, 1.5), (1e-3, 1.15), (1e-2, 1.05)])
def test_the_rule_sees_a_level_that_is_a_little_too_large(alpha: float, factor: float) -> None:
    least = next(k for k in range(int(MILLION * alpha), MILLION) if exceeds(k, MILLION, alpha))
    assert stats.binom.sf(least - 1, MILLION, factor * alpha) > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("name", LAWS)
def test_a_million_runs_of_the_whole_sequence(name: str, alpha: float) -> None:
    calibrated(name, alpha, MILLION)


@pytest.mark.slow
@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("name", LAWS)
def test_a_million_single_looks(name: str, alpha: float) -> None:
    one_look(name, alpha, MILLION)


@pytest.mark.parametrize("alpha", [1e-1, 1e-2, 1e-8])
@pytest.mark.parametrize("name", [*LAWS, *OTHERS])
def test_the_whole_sequence(name: str, alpha: float) -> None:
    """At 1e-8, where sets are wide beside the spread of the estimate, it is β that decides."""
    calibrated(name, alpha, 20_000)


@pytest.mark.parametrize("alpha", [1e-1, 1e-2])
@pytest.mark.parametrize("name", [*LAWS, *OTHERS])
def test_one_look(name: str, alpha: float) -> None:
    one_look(name, alpha, 100_000)


@pytest.mark.slow
@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("name", OTHERS)
def test_many_runs_of_the_other_tiers(name: str, alpha: float) -> None:
    calibrated(name, alpha, MILLION // 20)
    one_look(name, alpha, MILLION // 20)


@pytest.mark.parametrize("alpha", [1e-1, 1e-2])
def test_the_asymptotic_tier_at_the_levels_it_accepts(alpha: float) -> None:
    """Within a tenth of alpha: it claims no more."""
    law, replicates = asymptotic_mean(), 100_000
    truth = verdicts(law, law.plan(alpha), law.claim.value, replicates, f"T5 {alpha}")
    assert not exceeds(int((truth == REFUTED).sum()), replicates, 1.1 * alpha)


def test_the_asymptotic_tier_refuses_smaller_levels() -> None:
    with pytest.raises(NotResolvable, match="asymptotic"):
        asymptotic_mean().plan(1e-3)
