"""3,000 true claims and 13 × 200 wrong ones, from the sampler to the verdict, as one declared family at 1e-6.

What the figures rest on, for any seed: a true claim is refuted with probability ≤ 1e-6 in the whole family; each is
inconclusive with probability ≤ 1e-3, so more than 0.5 % of 3,000 are with probability < 1e-6; a wrong claim that is off
by its tolerance or more is not refuted with probability ≤ 1e-9 each. The seeds follow from the claims: a run repeats.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from time import perf_counter

import numpy as np
import pytest
import torch

from derivcheck.statistics.family import Family, Ledger, Share
from derivcheck.statistics.outcome import Outcome
from derivcheck.statistics.sequential import drawn, examine
from derivcheck.statistics.trial import Trial
from tests.statistics import claims

ALPHA = 1e-6  # of the family
TRUE, WRONG = 3_000, 200
PARTS = 6  # of the true claims, so that two processes share them

pytestmark = [pytest.mark.statistical, pytest.mark.slow]


class Declared:
    """All claims, counted before anything is drawn."""

    def __init__(self) -> None:
        self.true = dict(claims.true_cases(TRUE, np.random.default_rng(0)))
        self.wrong = {
            name: dict(claims.wrong_cases(name, WRONG, np.random.default_rng(seed)))
            for seed, name in enumerate(claims.WRONG, start=1)
        }
        ledger = Ledger(ALPHA)
        for trials in (self.true, *self.wrong.values()):
            for where, trial in trials.items():
                ledger.declare(trial, where)
        self.family: Family = ledger.close()


@pytest.fixture(scope="module")
def declared() -> Iterator[Declared]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield Declared()
    torch.set_num_threads(threads)


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


def test_the_family_counts_all_of_them(declared: Declared) -> None:
    assert declared.family.size == TRUE + len(claims.WRONG) * WRONG == 5_600


@pytest.mark.parametrize("part", range(PARTS))
def test_no_true_claim_is_refuted(declared: Declared, part: int) -> None:
    mine = dict(list(declared.true.items())[part::PARTS])
    found = verdicts(declared, mine, beta=1e-3)
    assert found["refuted"] == 0
    assert found["inconclusive"] <= 0.005 * len(mine)
    assert found["pass"] + found["inconclusive"] == TRUE // PARTS


@pytest.mark.parametrize("name", claims.WRONG)
def test_every_wrong_claim_is_refuted(declared: Declared, name: str) -> None:
    assert verdicts(declared, declared.wrong[name], beta=1e-9) == {"refuted": WRONG}
