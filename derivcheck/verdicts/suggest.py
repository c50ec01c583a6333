r"""The smallest edit of the right side that makes an incorrect relation hold.

Main definitions: `suggestion`. Edits of the term are tried in the order of their size: on one batch of
worlds first, then by the same check as the relation itself. A row is held against the row before it and,
where that row is wrong too, against the head of its chain.
"""

from __future__ import annotations

from time import monotonic

import torch

from derivcheck.checks.ask import answer
from derivcheck.checks.evidence import Question
from derivcheck.interpreters.exact.values import CannotEvaluate
from derivcheck.terms.signature import Signature
from derivcheck.terms.term import Term
from derivcheck.verdicts.candidates import Candidate, singles
from derivcheck.verdicts.edits._edit import Surroundings
from derivcheck.verdicts.patch import corrected
from derivcheck.verdicts.result import Suggestion
from derivcheck.verdicts.screen import Screen, screen_of


def suggestion(q: Question, latex: str, signature: Signature) -> Suggestion | None:
    """The corrected right side and the kind of slip, or None if no small edit makes the relation hold."""
    around = Surroundings(q.left, q.right, signature)
    screened = screen_of(q)
    if screened is None:
        return None
    screen, base, unit = screened
    for c in singles(around):
        gap = screen.gap(c.term)
        if gap is not None and screen.closes(gap, unit) and _holds(q, c.term):
            return corrected(c, latex, signature)
    return None


def _holds(q: Question, right: Term) -> bool:
    try:
        found = answer(Question(q.left, q.sign, right, q.bench))
    except CannotEvaluate:
        return False
    return found.result == "holds" and not found.trivial
