r"""Every right side that one slip, or the same slip wherever it was made, could have come from.

Main definitions: `Candidate`, `Slips`, `nested_pairs`. Nothing is evaluated here; the order is by size, then by
plausibility, then by place, and depends on nothing else.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import final

from derivcheck.terms.substitute import rebuild, replace_at, subterms
from derivcheck.terms.term import (
    Add,
    Covariance,
    Derivative,
    Expectation,
    Integral,
    Multiply,
    Negate,
    Term,
)
from derivcheck.verdicts.edits import all_edits
from derivcheck.verdicts.edits._edit import (
    Edit,
    Place,
    Surroundings,
    negated,
    places,
    product,
    total,
)
from derivcheck.verdicts.edits.wrong_variance import is_variance

MOST_PLACES = 400  # of one right side; a longer one is not searched to its end
LEADING = frozenset({"mean_includes_noise", "missing_expectation", "notation"})
MOST_LEADING = 12
BINDERS = (
    Expectation,
    Integral,
    Covariance,
    Derivative,
)  # what stands inside is evaluated anew for each edit
AGAIN = 0.2  # what it costs that a slip was made in several places


@final
@dataclass(frozen=True)
class Change:
    """One part and what it should be, at one place (path) or wherever it stands below it (everywhere)."""

    path: tuple[int, ...]
    old: Term
    new: Term
    edit: Edit
    everywhere: bool = False


@final
@dataclass(frozen=True)
class Candidate:
    """An edited right side: the kinds of its slips, its size, and what was changed."""

    term: Term
    kinds: tuple[str, ...]
    cost: float
    changes: tuple[Change, ...]
    pairs: bool = False

    @property
    def kind(self) -> str:
        """The kinds as a report says them."""
        return ",".join(dict.fromkeys(self.kinds))


@final
class Slips:
    """All single slips, the smallest first, each result once; terms are built as they are asked for."""

    def __init__(self, around: Surroundings, *, only_pairs: bool = False, only: str | None = None) -> None:
        """only_pairs: of kinds that go together with a second slip; only: of one of them."""
        self.around = around
        self._here = places(around.right, around)[:MOST_PLACES]
        self._drafts = sorted(self._all(only_pairs=only_pairs, only=only), key=lambda d: d.order)
        self._left = iter(self._drafts)
        self._made: list[Candidate] = []
        self._seen: set[Term] = {around.right}

    def __iter__(self) -> Iterator[Candidate]:
        """The slips in order."""
        at = 0
        while at < len(self._made) or self._another():
            yield self._made[at]
            at += 1

    def of(self, *kinds: str) -> Iterator[Candidate]:
        """Those of some kinds, without building the others."""
        wanted = {*kinds, "index"} if "wrong_variance" in kinds else {*kinds}
        chosen = (d for d in self._drafts if d.edit.kind in wanted and d.kind in kinds)
        return (c for c in (self._built(d) for d in chosen) if c.term != self.around.right)

    def _another(self) -> bool:
        """Build the next slip that gives something new."""
        for draft in self._left:
            c = self._built(draft)
            if c.term not in self._seen and (c.term != self.around.left or _a_slip(c.changes[0])):
                self._seen.add(c.term)
                self._made.append(c)
                return True
        return False

    def _all(self, *, only_pairs: bool, only: str | None) -> Iterator[_Draft]:
        for order, edit in enumerate(all_edits()):
            if (only_pairs and not edit.pairs) or (only is not None and edit.kind != only):
                continue
            for at, place in enumerate(self._here):
                for new in edit.at(place):
                    if new != place.node:
                        yield _Draft(edit, place, new, None, (edit.cost, place.inside(*BINDERS), order, at))
                        for base in self._repeated(edit, place, new):
                            yield _Draft(edit, place, new, base, (edit.cost + AGAIN, place.inside(*BINDERS), order, at))

    def _repeated(self, edit: Edit, place: Place, new: Term) -> list[tuple[int, ...]]:
        """Below which places the same change could be made throughout: all, or those of one summand."""
        if not edit.repeats:
            return []
        same = [p for p in self._here if p.node == place.node and "index" not in p.slots]
        if len(same) < 2 or same[0].path != place.path:
            return []
        if type(new) is not type(place.node) and not all(p.is_value for p in same):
            return []  # a square is no law, and nothing to integrate over
        return _scopes([p.path for p in same])

    def _built(self, d: _Draft) -> Candidate:
        whole, node = self.around.right, d.place.node
        if d.base is None:
            change = Change(d.place.path, node, d.new, d.edit)
            return Candidate(put_at(whole, d.place.path, d.new), (d.kind,), d.edit.cost, (change,), d.edit.pairs)
        spread = put_at(whole, d.base, everywhere(_part(whole, d.base), node, d.new))
        change = Change(d.base, node, d.new, d.edit, everywhere=True)
        return Candidate(spread, (d.kind,), d.edit.cost + AGAIN, (change,), d.edit.pairs)


@final
@dataclass(frozen=True)
class _Draft:
    """A slip whose term is not built yet; base: where it is made throughout, None: at its place alone."""

    edit: Edit
    place: Place
    new: Term
    base: tuple[int, ...] | None
    order: tuple[float, bool, int, int]

    @property
    def kind(self) -> str:
        return _kind(self.edit, self.place)


def _a_slip(change: Change) -> bool:
    """Whether an edit that gives the left side itself changes a part of the right one, or puts something around it."""
    if change.path:
        return True
    old, new = ({x for _, x in subterms(t)} for t in (change.old, change.new))
    return change.old in new or change.new in old


def _scopes(paths: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """The smallest sub-terms that hold two or more of these places, outermost first."""
    found: set[tuple[int, ...]] = {()}
    for i, a in enumerate(paths):
        for b in paths[i + 1 :]:
            k = 0
            while k < min(len(a), len(b)) and a[k] == b[k]:
                k += 1
            found.add(a[:k])
    inner = sorted(found, key=lambda p: (len(p), p))
    return [p for p in inner if sum(q[: len(p)] == p for q in paths) > 1][:8]


def _kind(edit: Edit, place: Place) -> str:
    """A slip inside a variance is a wrong variance, whatever symbol it is about."""
    if edit.kind == "index" and is_variance(place):
        return "wrong_variance"
    return edit.kind


def _part(t: Term, path: tuple[int, ...]) -> Term:
    for i in path:
        t = t.children[i]
    return t


def everywhere(t: Term, old: Term, new: Term) -> Term:
    """t with a part replaced wherever it stands, indices aside."""
    if t == old:
        return new
    if not old.names <= t.names:
        return t
    return tidy(rebuild(t, lambda c: everywhere(c, old, new)))


def put_at(t: Term, path: tuple[int, ...], new: Term) -> Term:
    """t with the part at `path` replaced, and the terms above it tidied."""
    return replace_at(t, path, new, tidy)


def tidy(t: Term) -> Term:
    """A sum without sums in it, a product without products, no two signs in a row."""
    match t:
        case Add(terms) if any(isinstance(x, Add) or _double(x) for x in terms):
            return total(*terms)
        case Multiply(factors) if any(isinstance(x, Multiply) for x in factors):
            return product(*factors)
        case Negate(Negate()):
            return negated(t.body)
        case _:
            return t


def _double(x: Term) -> bool:
    return isinstance(x, Negate) and isinstance(x.body, Negate)


# --- two slips at once ---------------------------------------------------------------------------


def nested_pairs(around: Surroundings, first: Slips) -> Iterator[Candidate]:
    """Two slips of kinds that go together where one stands inside the other, or both in one law."""
    made = (_second(around, a, rank) for rank, a in enumerate(islice(first.of(*LEADING), MOST_LEADING)))
    for *_, c in heapq.merge(*made, key=lambda entry: entry[:2]):
        yield c


def _second(around: Surroundings, a: Candidate, rank: int) -> Iterator[tuple[float, int, Candidate]]:
    inner = Surroundings(around.left, a.term, around.signature)
    for b in Slips(inner, only_pairs=True):
        if b.kind != a.kind:
            cost = a.cost + b.cost
            yield cost, rank, Candidate(b.term, (*a.kinds, *b.kinds), cost, (*a.changes, *b.changes))


def nested_triples(around: Surroundings, first: Slips) -> Iterator[Candidate]:
    """A lost expectation of a summand with the wrong sign, and a wrong index in it."""
    for a in islice(first.of("missing_expectation"), MOST_LEADING):
        inner = Surroundings(around.left, a.term, around.signature)
        for b in Slips(inner, only_pairs=True, only="sign"):
            path = b.changes[0].path
            if b.kind != "sign" or a.changes[0].path[: len(path)] != path:
                continue
            last = Surroundings(around.left, b.term, around.signature)
            for c in Slips(last, only_pairs=True, only="index"):
                if c.kind == "index":
                    kinds = (*a.kinds, *b.kinds, *c.kinds)
                    changes = (*a.changes, *b.changes, *c.changes)
                    yield Candidate(c.term, kinds, a.cost + b.cost + c.cost, changes)


def combined(around: Surroundings, a: Candidate, b: Candidate) -> Candidate | None:
    """Two changes at places of which none holds the other."""
    pa, pb = a.changes[0], b.changes[0]
    shorter = min(len(pa.path), len(pb.path))
    if pa.path[:shorter] == pb.path[:shorter]:
        return None
    if pa.everywhere or pb.everywhere:
        return None
    # the later place first, so that a sum that is tidied there does not move the earlier one
    early, late = (pa, pb) if pa.path < pb.path else (pb, pa)
    term = replace_at(replace_at(around.right, late.path, late.new), early.path, early.new)
    return Candidate(term, (*a.kinds, *b.kinds), a.cost + b.cost, (*a.changes, *b.changes))
