"""A claim judged of what somebody submits: one run, the same statistics, no seeds and so no word on others.

Main definitions: `judged_submission`, `Submitted`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from derivcheck.claims.found import Found
from derivcheck.claims.judge import result_of, seed_result
from derivcheck.claims.load import configuration
from derivcheck.claims.model import Claim
from derivcheck.claims.result import ClaimResult
from derivcheck.claims.submission import Submission
from derivcheck.claims.verdict import Outcome, Ruling

SideName = Literal["a", "b"]
Submitted = Mapping[SideName, Submission]
HALVES = 20  # of the rows that are submitted, all of which must say what the whole says
_WORDS = {
    "as stated": Ruling("holds", "of what is submitted; nothing is said of other seeds"),
    "the opposite": Ruling("contradicted", "of what is submitted; nothing is said of other seeds"),
    "within the margin": Ruling("not established", "within the margin"),
}


def judged_submission(claim: Claim, submitted: Submitted, reduction: str | None = None) -> ClaimResult:
    """What the claim comes to for the submission.

    holds, contradicted: the relation is met, or its opposite is, beyond the margin, and so it is in HALVES random
    halves of the rows. asked: the claim depends on a
    convention that the submission does not state. not established: anything else, with the reason.
    reduction: what a grader says of all sides (`sum` or `mean`), where they do not say it themselves.

    Raises:
        UnknownStatistic: the submitted model reports no such metric, and there is no such measure.
    """
    names: tuple[SideName, ...] = ("a", "b") if claim.stated.compares else ("a",)
    sides = list[Found]()
    for name in names:
        if name not in submitted:
            return result_of(claim, Ruling("not established", f"it compares with {name}: --submission {name}=FILE|DIR"))
        one = submitted[name]
        if (objection := _convention(claim, one, reduction) or _settings(claim, name, one)) is not None:
            return result_of(claim, objection)
        sides.append(one.found)
    return _of_numbers(claim, sides)


def _of_numbers(claim: Claim, sides: list[Found]) -> ClaimResult:
    found = seed_result(claim, 0, sides)
    if found.outcome == "does not count":
        ruling = Ruling("not established", found.why)
    elif found.outcome == "no number":
        ruling = Ruling("not established", found.why or "the statistic is no number")
    else:
        ruling = _unsteady(claim, sides, found.outcome) or _WORDS[found.outcome]
    return result_of(claim, ruling, [found])


def _unsteady(claim: Claim, sides: list[Found], word: Outcome) -> Ruling | None:
    """Whether too few rows were submitted: random halves of them must say the same."""
    if word == "within the margin":
        return None
    random = np.random.default_rng(0)
    others = sum(seed_result(claim, 0, sides, half=random).outcome != word for _ in range(HALVES))
    if not others:
        return None
    fact = f"{word}, but {others} of {HALVES} random halves of its rows do not say so: submit more rows"
    return Ruling("not established", fact)


def _convention(claim: Claim, one: Submission, reduction: str | None) -> Ruling | None:
    """What must be said first. A folder of ours has the convention of its model."""
    if claim.convention is None or one.config is not None:
        return None
    said = one.reduction or reduction
    if said is None:
        fact = f"{one.place} does not say whether its losses sum over coordinates or average: --convention sum, or mean"
        return Ruling("asked", fact)
    if said != claim.convention.reduction:
        fact = f"its losses are of convention {said!r}, the claim's {claim.convention.reduction!r}: the weight is another"
        return Ruling("not established", fact)
    return None


def _settings(claim: Claim, name: SideName, one: Submission) -> Ruling | None:
    """A folder says how it was trained: it must be the model and the settings that the claim is about."""
    if one.config is None:
        return None
    if one.model != claim.model:
        return Ruling("not established", f"{one.place} is of the model {one.model}, the claim of {claim.model}")
    wanted = configuration(claim, claim.side(name), 0)
    checked = {**claim.side(name).changes, "slip": None}
    for key in checked:
        found, asked = getattr(one.config, key), getattr(wanted, key)
        if found != asked:
            return Ruling("not established", f"{one.place} was trained with {key} = {found}, the claim says {asked}")
    return None
