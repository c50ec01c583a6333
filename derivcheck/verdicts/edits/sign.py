r"""A sign lost or gained: of a summand, of an exponent, of the whole."""

from __future__ import annotations

from collections.abc import Iterator

from derivcheck.terms.term import Add, Call, Constant, Negate, Number, Power, Term, Unknown
from derivcheck.verdicts.edits._edit import Edit, Example, Place, negated


def _at(place: Place) -> Iterator[Term]:
    if not place.is_value:
        return
    p = place.parent
    if p is None or isinstance(p, Add):
        yield _turned(place.node)
    elif isinstance(place.node, Negate) and not isinstance(p, Negate):
        yield place.node.body
    elif isinstance(p, Call) and p.function == "exp":
        yield negated(place.node)
    elif isinstance(p, Power) and place.slot == "exponent":
        plain = isinstance(place.node, Number) and place.node.value != -1
        if isinstance(p.base, Constant) or not plain:
            yield negated(place.node)


def _turned(t: Term) -> Term:
    """Minus a term; an open constant keeps its sign, which says nothing."""
    if isinstance(t, Add) and any(isinstance(x, Unknown) for x in t.terms):
        return Add(tuple(x if isinstance(x, Unknown) else negated(x) for x in t.terms))
    return negated(t)


EDIT = Edit(
    kind="sign",
    what="a sign lost or gained",
    cost=1,
    at=_at,
    examples=(
        Example(r"\log p(x)", r"-\log p(x)"),
        Example(r"a + b - c", r"a + b + c"),
        Example(r"\exp(a x)", r"\exp(-a x)"),
        Example(r"-(a + b) c", r"(a + b) c"),
    ),
    rank=1,
    inserted=("-", "+"),
    dropped=("-",),
    pairs=True,
)
