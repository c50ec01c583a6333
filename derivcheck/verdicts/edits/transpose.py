r"""A transpose lost, gained, or on the wrong factor: `W W` for `W^T W`, `f^T f` for `f f^T`."""

from __future__ import annotations

from collections.abc import Iterator

from derivcheck.terms.term import (
    Add,
    Call,
    Identity,
    Moment,
    Multiply,
    Negate,
    Symbol,
    Term,
    Transpose,
)
from derivcheck.verdicts.edits._edit import Edit, Example, Place

SCALARS = frozenset({"log", "exp", "tr", "det", "sqrt"})


def turned(t: Term) -> Term:
    """The transpose of a term, without two in a row."""
    return t.body if isinstance(t, Transpose) else Transpose(t)


def _at(place: Place) -> Iterator[Term]:
    node = place.node
    if not place.is_value:
        return
    if isinstance(node, Transpose):
        yield node.body
    elif (
        isinstance(node, Symbol | Call | Moment)
        and not isinstance(place.parent, Transpose)
        and not place.inside(Transpose)
        and not (isinstance(node, Call) and node.function in SCALARS)
    ):
        yield Transpose(node)
    if isinstance(node, Multiply):
        yield from _swapped(node)
    if isinstance(node, Add):  # a - b^T for (a - b)^T
        turned_ones = [_inner(t) for t in node.terms]
        if any(isinstance(t, Transpose) for t in turned_ones):
            yield Transpose(Add(tuple(_unturned(t) for t in node.terms)))
        elif place.inside(Multiply):
            yield Transpose(node)


def _swapped(node: Multiply) -> Iterator[Term]:
    """Two neighbours in the other order, or the transpose on the other one."""
    for i in range(len(node.factors) - 1):
        a, b = node.factors[i], node.factors[i + 1]
        rest = (node.factors[:i], node.factors[i + 2 :])
        if isinstance(a, Transpose) or isinstance(b, Transpose):
            yield Multiply((*rest[0], turned(a), turned(b), *rest[1]))
            yield Multiply((*rest[0], b, a, *rest[1]))


def _inner(t: Term) -> Term:
    return t.body if isinstance(t, Negate) else t


def _unturned(t: Term) -> Term:
    if isinstance(t, Negate):
        return Negate(_unturned(t.body))
    return (
        t.body
        if isinstance(t, Transpose) and not isinstance(t.body, Identity)
        else t.body
        if isinstance(t, Transpose)
        else t
    )


EDIT = Edit(
    kind="transpose",
    what="a transpose lost, gained, or on the wrong factor",
    cost=1,
    at=_at,
    examples=(
        Example(r"W W - A", r"W^T W - A"),
        Example(r"\mathrm{tr}(W f^T f)", r"\mathrm{tr}(W f f^T)"),
        Example(r"(A - B^T) C", r"(A - B)^T C"),
    ),
    rank=4,
    inserted=("^T",),
    dropped=("^T", r"^\top", r"^{T}", r"^{\top}"),
    pairs=True,
)
