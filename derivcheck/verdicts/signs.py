r"""A wrong relation sign: the right side stays, the sign is another.

Main definitions: `other_sign`. A bound is suggested for an equation only where it says something: both sides
change over the worlds, not in one ratio or at one distance, and neither is on one side of zero while the other is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import torch

from derivcheck.checks.ask import answer
from derivcheck.checks.compare import aligned
from derivcheck.checks.constants import unknowns
from derivcheck.checks.evidence import Question
from derivcheck.interpreters.exact.values import CannotEvaluate
from derivcheck.terms.term import Sign
from derivcheck.verdicts.result import Suggestion
from derivcheck.verdicts.sides import SIGNS

TURNED: dict[str, Sign] = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}


@final
@dataclass(frozen=True)
class OtherSign:
    """The sign that holds, and the one that was written."""

    sign: Sign
    written: Sign

    def on(self, latex: str) -> Suggestion:
        """The suggestion: the right side as it stands."""
        return Suggestion(
            rhs=latex,
            kind="wrong_relation",
            fragment=SIGNS[self.sign],
            replaces=SIGNS[self.written],
        )


def other_sign(q: Question, *, first: bool) -> OtherSign | None:
    """Another sign with which the relation holds.

    first: what comes before any edit (a bound the wrong way round); else what comes after single ones.
    """
    if first:
        tried: tuple[Sign, ...] = (TURNED[q.sign],) if q.sign in TURNED else ()
    elif q.sign in ("=", ":=") and not unknowns(q.left, q.right):
        tried = ("<=", ">=") if _says_something(q) else ()
    else:
        tried = ()
    for sign in tried:
        try:
            found = answer(Question(q.left, sign, q.right, q.bench))
        except CannotEvaluate:
            continue
        if found.result == "holds" and not found.trivial:
            return OtherSign(sign, q.sign)
    return None


def _says_something(q: Question) -> bool:
    for kind in q.bench.kinds(q.left, q.right):
        try:
            a, b = q.bench.values(q.bench.setting(kind, 0), (q.left, q.right))
            x, y, _ = aligned(a, b)
        except CannotEvaluate:
            continue
        x, y = (v.reshape(-1)[torch.isfinite((x - y).reshape(-1))] for v in (x, y))
        if x.numel() < 2 or bool((x * y < 0).all()):
            return False
        return all(_varies(v) for v in (x, y, x / y, x - y))
    return True


def _varies(v: torch.Tensor) -> bool:
    return bool((v - v[0]).abs().amax() > 1e-6 * v[0].abs())
