r"""Sampled evidence in a report, and what it does to a verdict: never `correct`, `incorrect` only where nothing speaks against it.

exact `incorrect` stays. exact `correct` with a refutation by draws: a defect of derivcheck, undecided. exact `undecided`
with a refutation: `incorrect`, its witness seed, n, statistic and interval. exact `undecided` with a pass: undecided.
Main definitions: `asked_of`, `recorded`, `contradicted`, `refuted`.
"""

from __future__ import annotations

from derivcheck.checks.draws import Draws
from derivcheck.interpreters.sampling.trials import Asked, Tried
from derivcheck.terms.signature import Signature
from derivcheck.verdicts.result import (
    SAMPLES,
    RelationResult,
    Sampled,
    SampleWitness,
    VerdictWord,
    Witness,
)
from derivcheck.verdicts.sides import Reading

REFUTES = "draws refute it"
DIGITS = 12


def asked_of(reading: Reading, signature: Signature, seed: int, family: int) -> Asked:
    """The question to draws about a relation. family: the relations of its document."""
    try:
        written = reading.written
    except (NotImplementedError, RecursionError, KeyError):
        written = f"{reading.left.text} {reading.sign} {reading.right.text}"
    return Asked(reading.left.term, reading.sign, reading.right.term, written, signature, seed, family)


def recorded(made: RelationResult, draws: Draws) -> RelationResult:
    """The result with what draws say beside it; the verdict as it was."""
    update: dict[str, object] = {"sampled": [_record(t) for t in draws.tried], "not_sampled": draws.reason}
    if made.verdict == "undecided" and draws.agree:
        update["reason"] = f"{made.reason or 'not decided'}; draws on {len({t.instance for t in draws.tried})} instances agree with it"
    return made.model_copy(update=update)


def contradicted(made: RelationResult, found: Tried) -> RelationResult:
    """What holds on all worlds and is refuted by draws: one of the two is wrong, so nothing is decided."""
    same = made.strict_verdict == "correct"
    shown = _record(found)
    reason = (
        f"a defect of derivcheck: it holds on random worlds, and draws refute it ({shown.claim}, instance {shown.instance}, "
        f"seed {shown.seed}, n = {shown.n})"
    )
    return made.model_copy(
        update={
            "verdict": "undecided", "strict_verdict": "undecided" if same else made.strict_verdict, "evidence": "none",
            "absolute": None if made.absolute == "correct" else made.absolute, "reason": reason, "disagreement": True,
        }
    )  # fmt: skip


def refuted(made: RelationResult, found: Tried, kind: str, strict: VerdictWord, seed: int) -> RelationResult:
    """What no world decides and draws refute. seed: the user's, which replays it."""
    return made.model_copy(
        update={
            "kind": kind, "verdict": "incorrect", "strict_verdict": strict, "evidence": "sampled",
            "reason": f"{REFUTES}; on worlds: {made.reason or 'not decided'}", "witness": witness_of(found, seed),
        }
    )  # fmt: skip


def witness_of(found: Tried, seed: int) -> Witness:
    """Seed, n, statistic and interval of a refutation."""
    s, outcome = _record(found), found.outcome
    j = outcome.furthest
    low, high = float(outcome.last.low[j]), float(outcome.last.high[j])
    estimate, claimed = float(outcome.last.estimate[j]), float(outcome.claim.value[j])
    return Witness(
        world_kind=SAMPLES, seed=seed, world=found.instance, parameters={}, lhs_value=s.estimate, rhs_value=s.claimed,
        difference=_short(abs(estimate - claimed)), bound=_short(max(high - estimate, estimate - low)),
        samples=SampleWitness(
            n=s.n, seed=s.seed, statistic=s.claim, interval=(s.low, s.high), alpha=s.alpha,
            family_alpha=s.family_alpha, family_size=s.family_size,
        ),
    )  # fmt: skip


def _record(t: Tried) -> Sampled:
    o = t.outcome
    j, last = o.furthest, o.last
    return Sampled(
        claim=o.claim.latex, instance=t.instance, instance_kind=t.kind, verdict=o.verdict, decides=t.decides, tier=o.tier,
        assumption=o.assumption, alpha=o.alpha, family_alpha=o.share.family_alpha, family_size=o.share.family_size,
        power=o.power, n=o.n, n_max=o.n_max, estimate=_short(float(last.estimate[j])), low=_short(float(last.low[j])),
        high=_short(float(last.high[j])), claimed=_short(float(o.claim.value[j])), relation=o.claim.relation,
        tolerance=_short(float(o.claim.tolerance[j])), coordinates=int(o.claim.value.size), seed=o.share.seed,
        seconds=o.seconds,
    )  # fmt: skip


def _short(x: float) -> float:
    return float(f"{x:.{DIGITS}g}")
