"""What draws say of a relation, in words: one line in a report, one a claim in an explanation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from derivcheck.reports.words.number import number

if TYPE_CHECKING:
    from derivcheck.verdicts.result import RelationResult, Sampled, Witness

WORDS = {"pass": "draws agree", "refuted": "draws refute it", "inconclusive": "draws do not decide"}
ORDER = ("refuted", "inconclusive", "pass")


def sampled_lines(relation: RelationResult) -> Iterator[str]:
    """The verdict of the draws with its most telling claim; of an estimate also the claims that decide nothing."""
    decisive = [s for s in relation.sampled if s.decides]
    if decisive:
        yield _summary(decisive)
    for s in relation.sampled:
        if not s.decides and s.instance == relation.sampled[0].instance:
            yield f"{s.verdict}: {s.claim} ({_figures(s)})"


def _summary(claims: list[Sampled]) -> str:
    verdict = next(v for v in ORDER if any(s.verdict == v for s in claims))
    shown = next(s for s in claims if s.verdict == verdict)
    instances = len({s.instance for s in claims})
    many = f"on {instances} instances" if verdict == "pass" and instances > 1 else f"on instance {shown.instance}"
    seconds = sum(s.seconds for s in claims)
    return f"{WORDS[verdict]} {many}: {_figures(shown)}, family {shown.family_alpha:.2g} for {shown.family_size} claims, {seconds:.2g} s"


def _figures(s: Sampled) -> str:
    at = f" (furthest of {s.coordinates})" if s.coordinates > 1 else ""
    return (
        f"{s.tier}, n = {s.n}, seen {number(s.estimate)} in [{number(s.low)}, {number(s.high)}]{at}, "
        f"claimed {s.relation} {number(s.claimed)} ± {s.tolerance:.2g}, alpha {s.alpha:.2g}"
    )


def draw_lines(relation: RelationResult) -> Iterator[str]:
    """Every claim on every instance, with the assumption its error level rests on; or why there is none."""
    if relation.not_sampled is not None:
        yield f"none: {relation.not_sampled}"
    for s in relation.sampled:
        yield f"instance {s.instance} ({s.instance_kind}): {s.verdict}: {s.claim}"
        yield f"  {_figures(s)}, power {s.power:.6g}, seed {s.seed}, at most {s.n_max} draws, {s.seconds:.2g} s"
        yield f"  assumes: {s.assumption}"


def sample_witness_line(witness: Witness) -> str:
    """Instance, statistic, n, seed and interval of a refutation."""
    drawn = witness.samples
    assert drawn is not None
    low, high = drawn.interval
    return (
        f"{drawn.statistic}: {number(witness.lhs_value)} in [{number(low)}, {number(high)}] where {number(witness.rhs_value)} is claimed, "
        f"n = {drawn.n}, seed {drawn.seed}, instance {witness.world}, alpha {drawn.alpha:.2g} of {drawn.family_alpha:.2g} for {drawn.family_size} claims"
    )
