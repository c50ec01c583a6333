r"""Every right side that one slip, or the same slip wherever it was made, could have come from.

Main definitions: `Candidate`, `singles`, `pairs`. Nothing is evaluated here; the order is by size, then by
plausibility, then by place, and depends on nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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


def singles(around: Surroundings, *, only_pairs: bool = False) -> list[Candidate]:
    """All single slips, the smallest first, each result once; only_pairs: of kinds that go with a second."""
    here = places(around.right, around)[:MOST_PLACES]
    found: list[tuple[float, bool, int, int, Candidate]] = []
    for order, edit in enumerate(all_edits()):
        if only_pairs and not edit.pairs:
            continue
        for at, place in enumerate(here):
            for new in edit.at(place):
                if new != place.node:
                    found += [
                        (c.cost, place.inside(*BINDERS), order, at, c)
                        for c in _changed(edit, place, new, here)
                    ]
    found.sort(key=lambda entry: entry[:4])
    seen: set[Term] = {around.right}
    out: list[Candidate] = []
    for *_, c in found:
        if c.term not in seen and (c.term != around.left or _a_slip(c.changes[0])):
            seen.add(c.term)
            out.append(c)
    return out


def _changed(edit: Edit, place: Place, new: Term, here: list[Place]) -> Iterator[Candidate]:
    """The change at this place, and at all places (or all below one summand) where the same part stands."""
    whole, kind = place.around.right, _kind(edit, place)
    change = Change(place.path, place.node, new, edit)
    yield Candidate(put_at(whole, place.path, new), (kind,), edit.cost, (change,), edit.pairs)
    if not edit.repeats:
        return
    same = [p for p in here if p.node == place.node and "index" not in p.slots]
    if len(same) < 2 or same[0].path != place.path:
        return
    if type(new) is not type(place.node) and not all(p.is_value for p in same):
        return  # a square is no law, and nothing to integrate over
    for base in _scopes([p.path for p in same]):
        part = _part(whole, base)
        spread = put_at(whole, base, everywhere(part, place.node, new))
        kinds = (_kind(edit, place),)
        yield Candidate(
            spread,
            kinds,
            edit.cost + AGAIN,
            (Change(base, place.node, new, edit, everywhere=True),),
            edit.pairs,
        )


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


def nested_pairs(around: Surroundings, first: list[Candidate]) -> Iterator[Candidate]:
    """Two slips of kinds that go together where one stands inside the other, or both in one law."""
    leading = [c for c in first if c.kind in LEADING]
    made: list[tuple[float, int, Candidate]] = []
    for rank, a in enumerate(leading[:MOST_LEADING]):
        inner = Surroundings(around.left, a.term, around.signature)
        for b in singles(inner, only_pairs=True):
            if b.kind != a.kind:
                cost = a.cost + b.cost
                made.append(
                    (
                        cost,
                        rank,
                        Candidate(b.term, (*a.kinds, *b.kinds), cost, (*a.changes, *b.changes)),
                    )
                )
    made.sort(key=lambda entry: entry[:2])
    for *_, c in made:
        yield c


def nested_triples(around: Surroundings, first: list[Candidate]) -> Iterator[Candidate]:
    """A lost expectation of a summand with the wrong sign, and a wrong index in it."""
    for a in [c for c in first if c.kind == "missing_expectation"][:MOST_LEADING]:
        inner = Surroundings(around.left, a.term, around.signature)
        for b in singles(inner, only_pairs=True):
            path = b.changes[0].path
            if b.kind != "sign" or a.changes[0].path[: len(path)] != path:
                continue
            last = Surroundings(around.left, b.term, around.signature)
            for c in singles(last, only_pairs=True):
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
