"""From a statistic's values over seeds to a verdict: the rule, whole.

Main definitions: `outcome`, `verdict`, `Ruling`, `FEWEST`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

from derivcheck.claims.model import Stated

FEWEST = 4  # seeds that count, below which nothing is established

Outcome = Literal["as stated", "the opposite", "within the margin", "no number", "does not count"]
Word = Literal["holds", "contradicted", "run-dependent", "not established", "asked", "for a human"]  # the last two of submissions


class Ruling(NamedTuple):
    """A verdict and why it is no other."""

    word: Word
    reason: str


def effect(stated: Stated, a: float, b: float = math.nan) -> float:
    """By how much a relation is met: ±(a − b − bound), or ±(a − bound) without b; positive where it is met."""
    difference = a - stated.bound - (b if stated.compares else 0.0)
    return difference if stated.sign.startswith(">") else -difference


def outcome(stated: Stated, a: float, b: float = math.nan) -> Outcome:
    """What one seed says, with the effect e and the margin m ≥ 0.

    as stated: e ≥ m where the sign allows equality, e > m where it does not. the opposite: e < −m, or e ≤ −m.
    within the margin: neither. no number: a value is NaN or infinite. At m = 0 nothing is within the margin.
    """
    found = effect(stated, a, b)
    if not math.isfinite(found):
        return "no number"
    equality = stated.sign.endswith("=")
    if found > stated.margin or (equality and found == stated.margin):
        return "as stated"
    if found < -stated.margin or (not equality and found == -stated.margin):
        return "the opposite"
    return "within the margin"


def verdict(seeds: Sequence[Outcome], control: Sequence[Outcome]) -> Ruling:
    """The verdict over seeds. Those that do not count (they miss the claim's `given`) are left out.

    not established: a value is no number; or fewer than FEWEST seeds count; or a value lies within the margin while
    not both sides occur; or the control comes out as stated in every seed too, or has a value that is no number.
    run-dependent: as stated in some seed and the opposite in another. contradicted: the opposite in every seed.
    holds: as stated in every seed, and the control is not.
    """
    counted = [s for s in seeds if s != "does not count"]
    if "no number" in counted:
        return Ruling("not established", "the statistic is no number in some seed")
    if len(counted) < FEWEST:
        left_out = len(seeds) - len(counted)
        said = f"; {left_out} do not meet `given`" if left_out else ""
        return Ruling("not established", f"{len(counted)} seeds count, at least {FEWEST} are needed{said}")
    met, not_met = counted.count("as stated"), counted.count("the opposite")
    of = f"of {len(counted)} seeds"
    if met and not_met:
        return Ruling("run-dependent", f"as stated in {met} {of}, the opposite in {not_met}")
    if not_met == len(counted):
        return Ruling("contradicted", f"the opposite in all {len(counted)} seeds")
    if met < len(counted):
        return Ruling("not established", f"within the margin in {len(counted) - met - not_met} {of}")
    return _with_control(len(counted), control)


def _with_control(counted: int, control: Sequence[Outcome]) -> Ruling:
    if not control or "no number" in control:
        return Ruling("not established", "as stated, but the control gives no number to compare with")
    if all(c == "as stated" for c in control):
        return Ruling("not established", "as stated, but so is the control: the statistic does not tell them apart")
    fails = sum(c != "as stated" for c in control)
    return Ruling("holds", f"as stated in all {counted} seeds; the control is not in {fails} of {len(control)}")
