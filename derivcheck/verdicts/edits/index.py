r"""A wrong index: t for t-1, 1 for t, one less or more, a sum's limits, a time handed to a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from derivcheck.terms.term import (
    ELEMENTARY,
    Add,
    Call,
    Density,
    Fold,
    Negate,
    Number,
    Symbol,
    SymbolRange,
    Term,
)
from derivcheck.verdicts.edits._edit import Edit, Example, Place, number


def shifted(t: Term, by: int) -> Term | None:
    """An index moved by an integer; None where it would become negative or is no simple index."""
    if isinstance(t, Number):
        moved = t.value + by
        return Number(Fraction(moved)) if moved >= 0 else None
    if isinstance(t, Symbol):
        return Add((t, number(by))) if by > 0 else Add((t, Negate(number(-by))))
    if isinstance(t, Add) and len(t.terms) == 2:
        base, last = t.terms
        offset = (
            -last.body.value
            if isinstance(last, Negate) and isinstance(last.body, Number)
            else last.value
            if isinstance(last, Number)
            else None
        )
        if isinstance(base, Symbol) and offset is not None and offset.denominator == 1:
            moved = int(offset) + by
            return base if moved == 0 else shifted(base, moved)
    return None


def _others(index: Term, place: Place) -> Iterator[Term]:
    """What may stand in place of an index, the indices of the relation first."""
    seen = {index}
    for other in (*(i for i in place.around.indices), shifted(index, -1), shifted(index, 1)):
        if other is not None and other not in seen:
            seen.add(other)
            yield other


def _at(place: Place) -> Iterator[Term]:
    node = place.node
    if "index" in place.slots:
        return
    if isinstance(node, Symbol | Call | Density) and node.index:
        for i, index in enumerate(node.index):
            for other in _others(index, place):
                yield replace(node, index=(*node.index[:i], other, *node.index[i + 1 :]))
        if len(node.index) == 2 and node.index[0] != node.index[1]:
            yield replace(node, index=node.index[::-1])
    if isinstance(node, Symbol) and node.index:
        for index in place.around.indices_of(node.name):
            yield replace(node, index=index)
    if isinstance(node, Call) and node.function not in ELEMENTARY:
        for i, a in enumerate(node.arguments):
            if a in place.around.indices:
                for other in _others(a, place):
                    yield replace(
                        node, arguments=(*node.arguments[:i], other, *node.arguments[i + 1 :])
                    )
    if isinstance(node, Fold | SymbolRange):
        for by in (1, -1):
            for end in ("lower", "upper"):
                moved = shifted(getattr(node, end), by)
                if moved is not None:
                    yield replace(node, **{end: moved})
    if place.parent is None:
        yield from _throughout(place)


def _throughout(place: Place) -> Iterator[Term]:
    r"""One index for another wherever it stands: `\\beta_1, \\alpha_1, .., 1` for `\\beta_t, \\alpha_t, .., t`."""
    free = [i for i in place.around.indices if not _bound(i, place.node)]
    for index in free:
        for other in free:
            if index != other:
                made = exchanged(place.node, index, other)
                if made != place.node:
                    yield made


def _bound(index: Term, whole: Term) -> bool:
    from derivcheck.terms.substitute import subterms

    return any(isinstance(x, Fold) and x.index in index.names for _, x in subterms(whole))


def exchanged(t: Term, index: Term, other: Term) -> Term:
    """t with an index replaced wherever it stands as an index or as a network's time."""
    from derivcheck.terms.substitute import rebuild

    new = rebuild(t, lambda c: exchanged(c, index, other))
    if isinstance(new, Symbol | Call | Density) and index in new.index:
        new = replace(new, index=tuple(other if i == index else i for i in new.index))
    if isinstance(new, Call) and new.function not in ELEMENTARY and index in new.arguments[1:]:
        first, *rest = new.arguments
        new = replace(new, arguments=(first, *(other if a == index else a for a in rest)))
    return new


EDIT = Edit(
    kind="index",
    what="a wrong index",
    cost=1,
    at=_at,
    examples=(
        Example(r"\sqrt{\alpha_t} x_0", r"\sqrt{\alpha_{t-1}} x_0"),
        Example(r"\beta_1 c_1 x", r"\beta_t c_t x", left=r"b_t"),
        Example(r"\sum_{t=1}^{T} a_t", r"\sum_{t=2}^{T} a_t"),
        Example(r"A_{ij} B_{jk}", r"A_{ji} B_{jk}"),
    ),
    rank=2,
    repeats=True,
    pairs=True,
)
