"""From what became of every trial to the record of a run.

Main definitions: `report_of`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from derivcheck.experiments._declared import Place
from derivcheck.experiments._examination import Found
from derivcheck.experiments._record import (
    WORDS,
    ControlRecord,
    ExperimentRecord,
    InstanceRecord,
    LookRecord,
    SampleReport,
    SampleSummary,
    TrialRecord,
    Word,
)
from derivcheck.experiments._run import Ran
from derivcheck.statistics.claim import Claim
from derivcheck.statistics.outcome import Seen
from derivcheck.statistics.sums import Array
from derivcheck.statistics.trial import Trial
from derivcheck.verdicts.result import versions

UNTRIED = "no instance tries it"
NUMBERS = re.compile(r"-?\b\d+(\.\d+)?(e[+-]?\d+)?(, -?\d+(\.\d+)?(e[+-]?\d+)?)*\b")
REPEATED = re.compile(r"\[…\](, \[…\])*")


def report_of(ran: Ran) -> SampleReport:
    """The record of a run."""
    experiments = [_experiment(ran, name) for name in ran.names]
    return SampleReport(
        versions=versions(),
        seed=ran.declared.seed,
        device=str(ran.declared.device),
        alpha=ran.alpha,
        family=ran.size,
        summary=SampleSummary.of(experiments),
        experiments=experiments,
        seconds=ran.seconds,
    )


def assumptions(said: Iterable[str]) -> str:
    """All assumptions, each once; those that differ in their numbers alone are one, without the numbers."""
    alike: dict[str, dict[str, None]] = {}
    for whole in said:
        for part in whole.split("; "):
            alike.setdefault(REPEATED.sub("[…]", NUMBERS.sub("…", part)), {})[part] = None
    return "; ".join(next(iter(found)) if len(found) == 1 else without for without, found in alike.items())


def worst(verdicts: Iterable[Word]) -> Word:
    """Refuted if one is, passed if all are; inconclusive else, and where there are none."""
    found = set(verdicts)
    for word in WORDS:
        if word in found:
            return word
    return "inconclusive"


def coordinate_shown(claim: Claim, last: Seen) -> tuple[int, float]:
    """The coordinate that refutes its claim most, or that came nearest to it; and how near.

    Inside its interval a claim is at most 1 away, in radii; outside, 1 and by how many tolerances it is outside.
    """
    outside = _towards_refutation(claim, last.low - claim.value, claim.value - last.high) / claim.tolerance
    off = _towards_refutation(claim, last.estimate - claim.value, claim.value - last.estimate)
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.clip(np.nan_to_num(2 * off / (last.high - last.low)), 0, 1)
    near = np.where(outside > 0, 1 + outside, inside)
    shown = int(np.argmax(near))
    return shown, float(near[shown])


def _towards_refutation(claim: Claim, above: Array, below: Array) -> Array:
    """A bound is refuted on one side alone."""
    return {"=": np.maximum(above, below), "<=": above, ">=": below}[claim.relation]


@final
@dataclass(frozen=True)
class _Shown:
    """A trial's record, and how near it came to a refutation."""

    record: TrialRecord
    far: float


def _experiment(ran: Ran, name: str) -> ExperimentRecord:
    declared = ran.declared.experiments[name]
    instances = [_instance(ran, name, i, None) for i in range(len(ran.declared.instances(name)))]
    shown = [s for one in instances for s in one]
    controls = [_control(ran, name, control, claim) for control, claim in declared.controls.items()]
    verdict = worst(s.record.verdict for s in shown)
    of_it = [p for p in ran.found if p.experiment == name]
    return ExperimentRecord(
        name=name, title=declared.title, claim=declared.claim, source=declared.source, verdict=verdict,
        reason=ran.declared.faults.get(name) or _reason(shown, verdict),
        tier=", ".join(_each(s.record.tier for s in shown)),
        assumption=assumptions(s.record.assumption for s in shown),
        alpha=ran.alpha / ran.size, power=1 - ran.beta, family=ran.size, device=str(ran.declared.device),
        draws=sum(ran.found[p].drawn for p in of_it), seconds=sum(ran.found[p].seconds for p in of_it),
        instances=_instance_records(ran, name, instances), controls=controls, **_figures(shown, verdict),
    )  # fmt: skip


def _control(ran: Ran, name: str, control: str, claim: str) -> ControlRecord:
    instances = [_instance(ran, name, i, control) for i in range(len(ran.declared.instances(name)))]
    shown = [s for one in instances for s in one]
    verdict = worst(s.record.verdict for s in shown)
    records = [r for r in _instance_records(ran, name, instances) if r.trials]
    return ControlRecord(
        name=control, claim=claim, verdict=verdict, reason=_reason(shown, verdict) if shown else UNTRIED,
        refuted_on=sum(r.verdict == "refuted" for r in records), seconds=sum(s.record.seconds for s in shown),
        instances=records, **_figures(shown, verdict),
    )  # fmt: skip


def _instance(ran: Ran, name: str, i: int, control: str | None) -> list[_Shown]:
    instance = ran.declared.instances(name)[i]
    trials = instance.trials if control is None else instance.controls.get(control, ())
    return [_shown(trial, ran.found[Place(name, i, control, t)], ran) for t, trial in enumerate(trials)]


def _instance_records(ran: Ran, name: str, instances: Sequence[Sequence[_Shown]]) -> list[InstanceRecord]:
    return [
        InstanceRecord(name=instance.name, verdict=worst(s.record.verdict for s in shown), trials=[s.record for s in shown])
        for instance, shown in zip(ran.declared.instances(name), instances, strict=True)
    ]


def _shown(trial: Trial, found: Found, ran: Ran) -> _Shown:
    claim, outcome = trial.claim, found.outcome
    j, far = (0, 0.0) if outcome is None else coordinate_shown(claim, outcome.seen[-1])
    looks = [] if outcome is None else [_look(seen, j) for seen in outcome.seen]
    record = TrialRecord(
        claim=claim.latex, verdict="inconclusive" if outcome is None else outcome.verdict, reason=found.reason,
        tier=trial.tier.name, assumption=trial.tier.assumption, coordinates=claim.value.size, coordinate=j,
        alpha=ran.alpha / ran.size, power=None if outcome is None else outcome.power, seconds=found.seconds,
        looks=looks, value=float(claim.value[j]), tolerance=float(claim.tolerance[j]), relation=claim.relation,
        estimate=looks[-1].estimate if looks else None, interval=looks[-1].interval if looks else None,
        n=0 if outcome is None else outcome.n,
    )  # fmt: skip
    return _Shown(record, far)


def _look(seen: Seen, j: int) -> LookRecord:
    return LookRecord(
        n=seen.n, alpha=seen.alpha, estimate=float(seen.estimate[j]), interval=(float(seen.low[j]), float(seen.high[j]))
    )


def _figures(shown: Sequence[_Shown], verdict: Word) -> dict[str, Any]:
    """Those of the trial that decided; where all pass, of the one that came nearest to a refutation."""
    deciding = [s for s in shown if s.record.verdict == verdict]
    if not deciding:
        return {}
    record = max(deciding, key=lambda s: s.far).record
    return {key: getattr(record, key) for key in ("value", "tolerance", "relation", "estimate", "interval", "n")}


def _reason(shown: Sequence[_Shown], verdict: Word) -> str | None:
    if verdict != "inconclusive":
        return None
    return "; ".join(_each(s.record.reason for s in shown if s.record.reason is not None)) or "the draws that were planned did not decide"


def _each(said: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(said))

