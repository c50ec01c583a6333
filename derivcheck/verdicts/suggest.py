r"""The smallest edit of the right side that makes an incorrect relation hold.

Main definitions: `suggestion`. Edits of the term are tried in the order of their size: on one batch of
worlds first, then by the same check as the relation itself. A row is held against the row before it and,
where that one is wrong too, against the head of its chain. Work is counted in evaluated sub-terms, so that
the same text gives the same suggestion on every machine; the clock is a backstop.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice, takewhile
from time import monotonic
from typing import final

import torch
from torch import Tensor

from derivcheck.checks.ask import answer
from derivcheck.checks.evidence import Question
from derivcheck.interpreters.exact.bench import OutOfTime
from derivcheck.interpreters.exact.world import TooMuchWork
from derivcheck.terms.signature import Signature
from derivcheck.terms.substitute import substitute
from derivcheck.terms.term import Add, Symbol
from derivcheck.verdicts.candidates import (
    Candidate,
    Change,
    Slips,
    combined,
    nested_pairs,
    nested_triples,
)
from derivcheck.verdicts.edits import all_edits
from derivcheck.verdicts.edits._edit import Surroundings, places
from derivcheck.verdicts.options import SUGGESTING
from derivcheck.verdicts.patch import corrected
from derivcheck.verdicts.result import Suggestion
from derivcheck.verdicts.screen import Screen, screen_of
from derivcheck.verdicts.signs import other_sign

LIKELY = 1.75  # up to this size an edit is likelier than a wrong sign of the relation
LARGE = 2.0  # from this size on an edit makes something up: two small slips are likelier
WORK = 2_000  # sub-terms evaluated for the first share of a search; each further share has half of it
LOOK = WORK // 2  # of a relation of which one look takes more, edits are not searched
ASKED = 80  # edits of a bound or an estimate
BOUNDS = frozenset(
    {"power", "missing_factor", "log_of_sum", "wrong_argument", "transpose"}
)  # after others almost any bound holds
LOOKS = 600  # edits that are looked at
CONFIRMED = 12  # edits that passed the quick look and are asked in full
MOST = 600  # single slips among which two are looked for


@final
@dataclass
class Search:
    """One search: what the right side is held against, what was tried, what is left to spend."""

    around: Surroundings
    screens: list[Screen]
    until: float
    asked: int = 0
    looked: int = 0
    gaps: list[list[tuple[Candidate, Tensor]]] = field(default_factory=list)

    def spent(self, share: int) -> bool:
        """Whether the work for this share of the search is done."""
        return (
            sum(s.work for s in self.screens) > WORK * (1 + share) // 2
            or self.asked >= CONFIRMED
            or self.looked >= LOOKS
            or monotonic() > self.until
        )

    def first(
        self, candidates: Iterator[Candidate], share: int, *, keep: bool = False
    ) -> Candidate | None:
        """The first candidate that holds against one of the screens' relations."""
        for c in candidates:
            if self.spent(share):
                return None
            for screen, kept in zip(self.screens, self.gaps, strict=True):
                self.looked += 1
                gap = screen.gap_of(c)
                if gap is None:
                    continue
                if screen.closes(gap) and self.holds(screen.question, c):
                    return c
                if keep and len(kept) < MOST and gap.shape == screen.base.shape:
                    kept.append((c, gap))
        return None

    def holds(self, q: Question, c: Candidate) -> bool:
        """Whether an edited right side passes the check of the relation, and not trivially."""
        self.asked += 1
        if not c.term.names:
            return False
        if c.term == q.left:
            return len(c.changes) == 1
        try:
            found = answer(Question(q.left, q.sign, c.term, q.bench))
        except OutOfTime:
            raise
        except Exception:  # noqa: BLE001 - an edit may give a term that no text could
            return False
        return found.result == "holds" and not found.trivial

    def side_by_side(self) -> Iterator[Candidate]:
        """Two slips in different summands: what they change adds up, so that no pair is evaluated twice."""
        for screen, kept in zip(self.screens, self.gaps, strict=True):
            yield from sorted(_adding_up(self.around, screen, kept), key=lambda c: c.cost)


def suggestion(
    q: Question, latex: str, signature: Signature, head: Question | None = None
) -> Suggestion | None:
    """The corrected right side and the kind of slip, or None if no small edit makes the relation hold.

    head: the same right side against the first expression of its chain.
    """
    found = other_sign(q, first=True)
    if found is not None:
        return found.on(latex)
    around = Surroundings(q.left, q.right, signature)
    until = monotonic() + SUGGESTING
    try:
        screen = screen_of(q, LOOK)
    except TooMuchWork:
        return None
    try:
        screens = [s for s in (screen, _head_screen(q, head)) if s is not None]
    except TooMuchWork:  # nothing is left to spend on edits
        found = other_sign(q, first=False)
        return found.on(latex) if found is not None else None
    if not screens:
        c = None if q.sign in ("=", ":=", "propto") else _asked_in_full(q, around, until)
        found = other_sign(q, first=False) if c is None else None
        return (
            found.on(latex)
            if found is not None
            else corrected(c, latex, q.right, signature)
            if c is not None
            else None
        )
    search = Search(around, screens, until, gaps=[[] for _ in screens])
    first = Slips(around)
    c = search.first(takewhile(lambda x: x.cost < LIKELY, first), 1, keep=True)
    if c is not None:
        c = search.first((x for x in first if _repeats(x, c, around)), 2) or c
    else:
        found = other_sign(q, first=False)
        if found is not None:
            return found.on(latex)
        c = search.first((x for x in takewhile(lambda x: x.cost < LARGE, first) if x.cost >= LIKELY), 2, keep=True)
        c = c or search.first(nested_pairs(around, first), 2)
        c = (
            c
            or search.first((x for x in first if x.cost >= LARGE), 3, keep=True)
            or search.first(search.side_by_side(), 4)
        )
        c = c or search.first(nested_triples(around, first), 5) or _behind_names(search, signature)
    return corrected(c, latex, q.right, signature) if c is not None else None


def _repeats(c: Candidate, small: Candidate, around: Surroundings) -> bool:
    """Whether c makes the same change throughout the summand in which it was made: a slip is repeated there."""
    a, b = c.changes[0], small.changes[0]
    if not a.everywhere or b.everywhere or (a.old, a.new) != (b.old, b.new):
        return False
    here = places(around.right, around)
    sums = [
        len(p.path) for p in here if isinstance(p.node, Add) and b.path[: len(p.path)] == p.path
    ]
    summand = b.path[: min(sums) + 1] if sums else ()
    changed = [p.path for p in here if p.node == a.old and p.path[: len(a.path)] == a.path]
    return b.path in changed and all(p[: len(summand)] == summand for p in changed)


def _behind_names(search: Search, signature: Signature) -> Candidate | None:
    """Edits of what the text's own names stand for, put in their place."""
    bodies = {
        d.head: d.body
        for d in signature.definitions
        if isinstance(d.head, Symbol) and d.origin.kind == "inferred"
    }
    whole = substitute(search.around.right, bodies, {})  # type: ignore[arg-type]
    if whole == search.around.right:
        return None
    around = Surroundings(search.around.left, whole, signature)
    first = Slips(around)
    named = Change((), search.around.right, whole, all_edits()[0])
    small = search.first(takewhile(lambda x: x.cost < LARGE, first), 6)
    small = small or search.first(nested_pairs(around, first), 7)
    return replace(small, changes=(named, *small.changes)) if small is not None else None


def _asked_in_full(q: Question, around: Surroundings, until: float) -> Candidate | None:
    """Edits of a bound or an estimate, each asked in full: a quick look says too little about them."""
    search = Search(around, [], until)
    bound = q.sign in ("<=", ">=", "<", ">")
    small = takewhile(lambda x: x.cost < LARGE, Slips(around))
    for c in islice((x for x in small if not bound or x.kind in BOUNDS), ASKED):
        if monotonic() > until:
            return None
        if search.holds(q, c):
            return replace(c, kinds=("wrong_bound",)) if bound else c
    return None


def _head_screen(q: Question, head: Question | None) -> Screen | None:
    """The chain's head to hold the row against, where the row before it is not the head's equal."""
    if head is None or (head.left == q.left and head.sign == q.sign):
        return None
    screen = screen_of(head, LOOK)
    if screen is None:
        return None
    gap = screen.gap(q.left, most=LOOK)
    return None if gap is not None and screen.closes(gap) else screen


def _adding_up(
    around: Surroundings, screen: Screen, kept: list[tuple[Candidate, Tensor]]
) -> Iterator[Candidate]:
    if len(kept) < 2:
        return
    gaps = torch.nan_to_num(torch.stack([g.reshape(-1)[:64] for _, g in kept]), nan=1e300)
    base = torch.nan_to_num(screen.base.reshape(-1)[:64], nan=0.0)
    tolerance = 1e-6 * max(screen.unit, 1e-9)
    for i, (a, _) in enumerate(kept):
        close = ((gaps[i + 1 :] + gaps[i] - base).abs().amax(-1) <= tolerance).nonzero().reshape(-1)
        for j in close.tolist()[:4]:
            both = combined(around, a, kept[i + 1 + j][0])
            if both is not None:
                yield both
