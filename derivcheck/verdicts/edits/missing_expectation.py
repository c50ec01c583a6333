r"""An expectation left out: what stands under it on the other side stands alone here."""

from __future__ import annotations

from collections.abc import Iterator

from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import (
    Add,
    Call,
    Density,
    Divergence,
    Divide,
    Expectation,
    Multiply,
    Negate,
    Norm,
    Power,
    Symbol,
    Term,
    Unknown,
)
from derivcheck.verdicts.edits._edit import Edit, Example, Place, head_name

_AVERAGED = (Norm, Power, Call, Divergence, Multiply, Divide, Symbol, Add)

# what stands inside these is not averaged by itself: E (f)^2 is no (E f)^2
_CLOSED = (Expectation, Norm, Power, Call)


def _at(place: Place) -> Iterator[Term]:
    node = place.node
    if not place.is_value or place.inside(*_CLOSED) or not isinstance(node, _AVERAGED):
        return
    p = place.parent
    if isinstance(node, Add) and any(isinstance(t, Unknown) for t in node.terms):
        return
    if p is None or isinstance(p, Add | Negate | Multiply | Divide):
        for e in place.around.expectations:
            if not averages(e, node, place):
                continue
            yield Expectation(node, e.over, e.law, e.given)


def averages(e: Expectation, node: Term, place: Place) -> bool:
    """Whether what an expectation binds occurs in a term, by itself or in what a name of it stands for."""
    bound = e.over or (e.law.event if isinstance(e.law, Density) else ())
    if not bound:
        return True
    inside = {x for _, x in subterms(node)}
    behind = {
        n
        for d in place.around.signature.definitions
        if head_name(d.head) in node.names
        for n in d.body.names
    }
    return any(v in inside or not isinstance(v, Symbol) or v.name in behind for v in bound)


EDIT = Edit(
    kind="missing_expectation",
    what="an expectation left out",
    cost=1.5,
    at=_at,
    examples=(
        Example(
            r"\frac{1}{2} \| x - y \|^2",
            r"\frac{1}{2} \mathbb{E}_{x \sim q(x|y)}[\| x - y \|^2]",
            left=r"\mathbb{E}_{x \sim q(x|y)}[x]",
        ),
    ),
    rank=5,
    pairs=True,
)
