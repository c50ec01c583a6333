r"""`\to` and other long-time statements about trajectories of a declared flow."""

from __future__ import annotations

from derivcheck.checks.evidence import Outcome, Question, undecided
from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import Call, Number


def is_long_time(q: Question) -> bool:
    """Whether a trajectory is compared at several times: `w(t)` beside `w(0)`."""
    for side in (q.left, q.right):
        for _, x in subterms(side):
            if isinstance(x, Call) and len(x.arguments) == 1 and isinstance(x.arguments[0], Number):
                declared = q.bench.signature.symbols.get(x.function)
                if declared is not None and declared.time_dependent:
                    return True
    return False


def along(q: Question) -> Outcome:
    """A statement about w(t) and w(0)."""
    del q
    return undecided("a statement about a trajectory at several times")


def ask(q: Question) -> Outcome:
    """Whether the left side tends to the right side."""
    del q
    return undecided("a limit is not evaluated yet")
