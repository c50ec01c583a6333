"""From a claim to its verdict: runs over seeds, and the control's.

Main definitions: `judged`, `result_of`, `seed_result`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from derivcheck.claims.found import Found, reference_arrays, value_of
from derivcheck.claims.model import Claim, Condition, Side
from derivcheck.claims.result import ClaimResult, SeedResult
from derivcheck.claims.runs import Runs, jobs_of
from derivcheck.claims.verdict import Outcome, Ruling, effect, outcome, verdict
from derivcheck.measures._measure import CannotMeasure, Measure
from derivcheck.models._run import models
from derivcheck.registry import declared


def judged(claim: Claim, runs: Runs, seeds: int, *, quick: bool = False) -> ClaimResult:
    """The verdict over the seeds 0 to seeds − 1; `not established` where the claim asks for more of them.

    Raises:
        UnknownStatistic: the model reports no such metric, and there is no such measure.
        CannotLoad: data is not there.
    """
    found, control = (
        [
            seed_result(claim, seed, [runs.found(j) for j in jobs_of(claim, seed, quick=quick, control=c)], control=c)
            for seed in range(seeds)
        ]
        for c in (False, True)
    )
    ruling = verdict(_outcomes(found), _outcomes(control))
    if seeds < claim.seeds and ruling.word in {"holds", "contradicted"}:
        # a claim that something happens sometimes says how often to look
        ruling = Ruling("not established", f"{ruling.reason}, but the claim asks for {claim.seeds} seeds")
    return result_of(claim, ruling, found, control)


def _outcomes(seeds: Sequence[SeedResult]) -> list[Outcome]:
    return [s.outcome for s in seeds]


def seed_result(
    claim: Claim, seed: int, sides: Sequence[Found], *, control: bool = False, half: np.random.Generator | None = None
) -> SeedResult:
    """One seed's numbers. The control is held to the statement alone, whatever `given` says.

    half: look at a random half of the rows alone.
    """
    replaced = claim.control.arrays if control else {}
    why, values = "", list[float]()
    for side in sides:
        value, said = _measured(claim, claim, side, replaced, half)
        values.append(value)
        why = why or said
    word = outcome(claim.stated, *values)
    if claim.given is not None and not control:
        given, said = _measured(claim, claim.given, sides[0], {})
        if outcome(claim.given.stated, given) != "as stated":
            why = said or f"{claim.given.statistic} is {given:.4g}: not {claim.given.relation}"
            word = "does not count"
    a, b = values[0], (values[1] if len(values) > 1 else math.nan)
    by = effect(claim.stated, a, b)
    return SeedResult(seed=seed, a=_finite(a), b=_finite(b), effect=_finite(by), outcome=word, why=why)


def _measured(
    claim: Claim,
    asked: Condition,
    found: Found,
    replaced: Mapping[str, str | list[float]],
    half: np.random.Generator | None = None,
) -> tuple[float, str]:
    try:
        return value_of(asked, replaced, found, reference_arrays(claim.reference), half), ""
    except CannotMeasure as error:
        return math.nan, str(error)


def result_of(
    claim: Claim, ruling: Ruling, seeds: Sequence[SeedResult] = (), control: Sequence[SeedResult] = ()
) -> ClaimResult:
    """The record of a claim with a ruling."""
    measures: Mapping[str, Measure] = declared("derivcheck.measures", "MEASURE")
    measure = measures.get(claim.statistic)
    unit = models()[claim.model].units.get(claim.statistic, "") if measure is None else measure.unit
    return ClaimResult(
        id=claim.id, statement=claim.statement, reading=claim.reading, source=claim.source, model=claim.model,
        settings={n: words_of(claim.side(n)) for n in (("a", "b") if claim.stated.compares else ("a",))},
        statistic=claim.statistic, unit=unit, relation=claim.relation, margin=claim.margin, convention=claim.convention,
        verdict=ruling.word, reason=ruling.reason, seeds=list(seeds), control=claim.control.why, control_seeds=list(control),
    )  # fmt: skip


def words_of(side: Side) -> str:
    """A side's settings, to read."""
    said = [f"{k} = {v}" for k, v in side.changes.items()]
    return ", ".join(said) or "as it is"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
