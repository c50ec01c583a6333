"""Trials from end to end: chunks, seeds, records, and what is refused before a draw."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from derivcheck import statistics
from derivcheck.statistics.arithmetic import FLOAT64, NotResolvable
from derivcheck.statistics.claim import claim
from derivcheck.statistics.family import Ledger
from derivcheck.statistics.outcome import Outcome, line
from derivcheck.statistics.sequential import MOST, check, drawn, examine, follow, planned
from derivcheck.statistics.sums import Sums
from derivcheck.statistics.tiers.exact_gaussian import KnownMean, KnownVariance
from derivcheck.statistics.trial import Chunk, Trial

ONE = np.ones(1)


def normals(seed: int, n: int) -> Sums:
    z = np.random.default_rng(seed).standard_normal((n, 1))
    return Sums(n, {"first": z.sum(0), "second": (z**2).sum(0)})


def variance_trial(value: float = 1.0, relative: float = 0.02, **more: object) -> Trial:
    return Trial(claim(r"\mathrm{Var}\,z", value, relative=relative), KnownMean(value * ONE), normals, **more)  # type: ignore[arg-type]


def followed(trial: Trial, alpha: float = 1e-6, reverse: bool = False) -> tuple[Outcome, list[tuple[Chunk, ...]]]:
    """The outcome and the chunks of every look; drawn in reverse, as a second process might, and added in order."""
    ledger = Ledger(alpha)
    ledger.declare(trial, "here")
    way, asked = examine(trial, ledger.close().share(trial, "here")), list[tuple[Chunk, ...]]()
    chunks = next(way)
    while True:
        asked.append(chunks)
        order = reversed(chunks) if reverse else chunks
        sums = {chunk: trial.draw(chunk.seed, chunk.n) for chunk in order}
        total = sums[chunks[0]]
        for chunk in chunks[1:]:
            total += sums[chunk]
        try:
            chunks = way.send(total)
        except StopIteration as end:
            return end.value, asked


def test_chunks_make_up_the_looks_and_never_share_a_seed() -> None:
    trial = variance_trial(block=10_000)
    outcome, asked = followed(trial)
    sizes = np.cumsum([sum(chunk.n for chunk in chunks) for chunks in asked])
    assert sizes.tolist() == [seen.n for seen in outcome.seen]
    chunks = [chunk for look in asked for chunk in look]
    assert len({chunk.seed for chunk in chunks}) == len(chunks)
    assert all(0 < chunk.n <= 10_000 for chunk in chunks)


def test_the_outcome_does_not_depend_on_who_draws_what_when() -> None:
    one, two = followed(variance_trial())[0], followed(variance_trial(), reverse=True)[0]
    assert [seen.estimate for seen in one.seen] == [seen.estimate for seen in two.seen]


def test_a_true_claim_passes_and_a_wrong_one_is_refuted() -> None:
    """Each fails with probability below 1e-3 on one fixed seed."""
    assert check(variance_trial(), alpha=1e-6).verdict == "pass"
    assert check(variance_trial(1.03), alpha=1e-6).verdict == "refuted"
    gross = check(variance_trial(2.0), alpha=1e-6)
    assert (gross.verdict, gross.n <= 8192) == ("refuted", True)


def test_an_outcome_prints_all_it_rests_on() -> None:
    outcome = check(variance_trial(), alpha=1e-6)
    assert outcome.power == pytest.approx(0.999)
    text = line(outcome)
    for word in ["pass", "T0", "Gaussian with this mean", "1e-06", "1 claims", "± 0.02", "power 0.999", "n = ", "seed", " s"]:
        assert word in text, word
    assert outcome.seconds > 0
    assert outcome.n == outcome.seen[-1].n <= outcome.n_max
    several = Trial(claim("m", [0.0, 1.0], relative=0.1, scale=1.0), KnownVariance(np.ones(2)), _two)
    assert "coordinate 2 of 2" in line(check(several, alpha=1e-6))


@pytest.mark.parametrize(("relation", "shown"), [("=", 0), ("<=", 1), (">=", 0)])
def test_the_coordinate_shown_is_the_one_that_is_furthest_off(relation: str, shown: int) -> None:
    """Of estimates 0.8 below and 0.5 above, each against 0."""
    said = claim("m", [0.0, 0.0], relative=1.0, scale=1.0, relation=relation)  # type: ignore[arg-type]
    trial = Trial(said, KnownVariance(np.ones(2)), lambda _, n: Sums(n, {"first": n * np.asarray([-0.8, 0.5])}))
    assert check(trial, alpha=1e-6).furthest == shown


def _two(seed: int, n: int) -> Sums:
    return Sums(n, {"first": np.random.default_rng(seed).standard_normal((n, 2)).sum(0)})


def test_a_look_is_taken_at_the_planned_number_of_draws_alone() -> None:
    trial = variance_trial()
    way = follow(trial.claim, trial.tier, planned(trial, 1e-6))
    look = next(way)
    with pytest.raises(ValueError, match="was sent sums over"):
        way.send(drawn(trial, [Chunk(1, look.n + 1)]))


@pytest.mark.parametrize(
    ("trial", "says"),
    [
        (Trial(claim("fine", 1.0, relative=9e-6), KnownMean(ONE), normals), "below the 1e-05 that float32"),
        (Trial(claim("tail", 1e-9, relative=0.1, reach=6.0), KnownMean(ONE), normals), "float32 normals end at 5.77"),
        (Trial(claim("tail", 1.0, relative=0.1, reach=9.0), KnownMean(ONE), normals, arithmetic=FLOAT64), "8.57 sd"),
        (Trial(claim("long", 1.0, relative=2e-5), KnownMean(ONE), normals), "draws; .* times that would be resolved"),
    ],
)
def test_what_draws_cannot_tell_is_refused_with_the_reason(trial: Trial, says: str) -> None:
    with pytest.raises(NotResolvable, match=says):
        check(trial, alpha=1e-6)


def test_wider_arithmetic_admits_finer_claims() -> None:
    fine = Trial(claim("fine", 1.0, relative=9e-6), KnownVariance(1e-4 * ONE), _near_one, arithmetic=FLOAT64)
    assert check(fine, alpha=1e-6).verdict == "pass"


def _near_one(seed: int, n: int) -> Sums:
    return Sums(n, {"first": n + 1e-4 * np.random.default_rng(seed).standard_normal((n, 1)).sum(0)})


def test_the_triple_plans_as_check_does() -> None:
    trial = variance_trial()
    n = statistics.min_num_samples(trial, alpha=1e-6)
    assert n <= planned(trial, 1e-6)[-1].n < n + 4096
    assert statistics.min_discrepancy(trial, n, alpha=1e-6) <= trial.claim.tolerance
    assert statistics.min_discrepancy(trial, MOST, alpha=1e-6) < 1e-4
    assert statistics.check is check
    assert dir(statistics) == ["check", "min_discrepancy", "min_num_samples"]
    with pytest.raises(AttributeError, match="it offers"):
        _ = statistics.nonsense


def test_several_coordinates_cost_a_little_more() -> None:
    one = planned(variance_trial(), 1e-6)[-1].n
    tier = KnownMean(np.ones(10))
    ten = planned(Trial(claim("ten", np.ones(10), relative=0.02), tier, normals), 1e-6)[-1].n
    assert one < ten < 1.5 * one


def test_the_room_loads_nothing_when_it_is_entered() -> None:
    code = "import derivcheck.statistics, sys; print(*sorted({'numpy', 'scipy', 'torch'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
    code = "import derivcheck.statistics.sequential, sys; print(*sorted({'scipy.stats', 'torch'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
