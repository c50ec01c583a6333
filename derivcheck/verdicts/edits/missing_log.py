r"""A logarithm left out: `E[p(x|z)]` for `E[\log p(x|z)]`."""

from __future__ import annotations

from collections.abc import Iterator

from derivcheck.terms.term import (
    Call,
    Density,
    Divide,
    FamilyDensity,
    Fold,
    Integral,
    Multiply,
    Power,
    Symbol,
    Term,
)
from derivcheck.verdicts.edits._edit import Edit, Example, Place

_POSITIVE = (Density, FamilyDensity, Divide, Multiply, Power, Integral, Symbol, Call, Fold)


def _at(place: Place) -> Iterator[Term]:
    node = place.node
    if not place.is_value or not isinstance(node, _POSITIVE):
        return
    if isinstance(node, Call) and node.function in ("log", "exp"):
        return
    if isinstance(place.parent, Call) and place.parent.function in ("log", "exp", "sqrt"):
        return
    yield Call("log", (node,))


EDIT = Edit(
    kind="missing_log",
    what="a logarithm left out",
    cost=1,
    at=_at,
    examples=(
        Example(r"\mathbb{E}_{z \sim q(z|x)}[p(x|z)]", r"\mathbb{E}_{z \sim q(z|x)}[\log p(x|z)]"),
        Example(r"\frac{1}{2} a - b", r"\frac{1}{2} \log a - b"),
    ),
    rank=2,
    inserted=(r"\log ",),
)
