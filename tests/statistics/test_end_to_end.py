"""3,000 true claims and 13 × 200 wrong ones, from the sampler to the verdict, as one declared family at 1e-6.

What the figures rest on, for any seed: a true claim is refuted with probability ≤ 1e-6 in the whole family; each is
inconclusive with probability ≤ 1e-3, so more than 0.5 % of 3,000 are with probability < 1e-6; a wrong claim that is off
by its tolerance or more is not refuted with probability ≤ 1e-9 each. The seeds follow from the claims: a run repeats.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from time import perf_counter
from typing import Any, cast

import numpy as np
import pytest
import torch

from derivcheck.samplers.forward_chain import q_chain_sums
from derivcheck.samplers.schedule import Schedule
from derivcheck.statistics.family import Family, Ledger, Share
from derivcheck.statistics.outcome import Outcome
from derivcheck.statistics.sequential import check, drawn, examine
from derivcheck.statistics.sums import Sums
from derivcheck.statistics.trial import Trial
from tests.statistics import claims

ALPHA = 1e-6  # of the family
TRUE, WRONG = 3_000, 200
FEW = 24, 3  # the same by default
PARTS = 6  # of the true claims, so that two processes share them

pytestmark = pytest.mark.statistical


class Declared:
    """All claims, counted before anything is drawn."""

    def __init__(self, true: int, wrong: int) -> None:
        self.true = dict(claims.true_cases(true, np.random.default_rng(0)))
        self.wrong = {
            name: dict(claims.wrong_cases(name, wrong, np.random.default_rng(seed)))
            for seed, name in enumerate(claims.WRONG, start=1)
        }
        ledger = Ledger(ALPHA)
        for trials in (self.true, *self.wrong.values()):
            for where, trial in trials.items():
                ledger.declare(trial, where)
        self.family: Family = ledger.close()


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def declared() -> Declared:
    return Declared(TRUE, WRONG)


class FaultySchedule:
    """Keeps α_t, and has another β_t: what a slip in one line of a sampler does."""

    def __init__(self, beta: np.ndarray, share: float) -> None:
        self.alpha, self.beta, self.T = 1 - beta, share * beta, len(beta) - 1


def examined(trial: Trial, share: Share, beta: float) -> Outcome:
    way = examine(trial, share, beta)
    chunks = next(way)
    while True:
        try:
            chunks = way.send(drawn(trial, chunks))
        except StopIteration as end:
            return end.value


def verdicts(declared: Declared, trials: dict[str, Trial], beta: float) -> Counter[str]:
    started = perf_counter()
    outcomes = [examined(trial, declared.family.share(trial, where), beta) for where, trial in trials.items()]
    found = Counter(outcome.verdict for outcome in outcomes)
    seconds, n = perf_counter() - started, sum(outcome.n for outcome in outcomes)
    print(f"\n  {len(trials)} claims: {dict(found)}, {n:.3g} draws, {seconds:.1f} s")
    return found


@pytest.mark.slow
def test_the_family_counts_all_of_them(declared: Declared) -> None:
    assert declared.family.size == TRUE + len(claims.WRONG) * WRONG == 5_600


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_no_true_claim_is_refuted(declared: Declared, part: int) -> None:
    mine = dict(list(declared.true.items())[part::PARTS])
    found = verdicts(declared, mine, beta=1e-3)
    assert found["refuted"] == 0
    assert found["inconclusive"] <= 0.005 * len(mine)
    assert found["pass"] + found["inconclusive"] == TRUE // PARTS


@pytest.mark.slow
@pytest.mark.parametrize("name", claims.WRONG)
def test_every_wrong_claim_is_refuted(declared: Declared, name: str) -> None:
    assert verdicts(declared, declared.wrong[name], beta=1e-9) == {"refuted": WRONG}


def test_a_few_of_each() -> None:
    few = Declared(*FEW)
    found = verdicts(few, few.true, beta=1e-9)
    assert found == {"pass": FEW[0]}
    for trials in few.wrong.values():
        assert verdicts(few, trials, beta=1e-9) == {"refuted": FEW[1]}


@pytest.mark.parametrize("share", [0.98, 1.02])
def test_a_chain_with_a_fault_is_seen(monkeypatch: pytest.MonkeyPatch, share: float) -> None:
    """The claims are the right ones, and the sampler's noise is not: its β is 2 % off at every step."""

    def faulty(schedule: Schedule, *rest: Any, **named: Any) -> Sums:
        noisier = FaultySchedule(schedule.beta, share)
        return q_chain_sums(cast("Schedule", noisier), *rest, **named)

    monkeypatch.setattr(claims, "q_chain_sums", faulty)
    random = np.random.default_rng(7)
    steps = [claims.random_step(random) for _ in range(3)]
    trials = {f"faulty {k}": claims.marginal_case(s, claims.marginal(s)).trial for k, s in enumerate(steps)}
    found = [check(trial, alpha=ALPHA, beta=1e-9).verdict for trial in trials.values()]
    assert found == ["refuted"] * len(steps)


@pytest.mark.parametrize("name", ["beta for beta_tilde", "alpha_bars exchanged"])
def test_how_far_a_posterior_is_off(name: str) -> None:
    """The deviations by formula are those of the draws: 2^20 of them show each within 0.01."""
    step = claims.random_step(np.random.default_rng(3))
    right = claims.posterior_case(step, claims.posterior(step))
    assert right.off == pytest.approx(0, abs=1e-12)
    wrong = claims.posterior_case(step, claims.POSTERIORS[name](step))
    estimate = wrong.trial.tier.estimate(wrong.trial.draw(0, 1 << 20))
    seen = np.max(np.abs(estimate - wrong.trial.claim.value))
    assert wrong.off == pytest.approx(seen, abs=0.01 * (1 + seen))
