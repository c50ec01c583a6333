r"""A square, root or inverse lost or gained."""

from __future__ import annotations

from collections.abc import Iterator

from derivcheck.terms.term import (
    Call,
    Density,
    Divide,
    Moment,
    Multiply,
    Norm,
    Number,
    Power,
    Symbol,
    Term,
)
from derivcheck.verdicts.edits._edit import TWO, Edit, Example, Place, number


def _at(place: Place) -> Iterator[Term]:
    node = place.node
    if not place.is_value or isinstance(place.parent, Power):
        return
    if isinstance(node, Power) and isinstance(node.exponent, Number):
        yield node.base
        if node.exponent.value == -1:
            return
    if isinstance(node, Call) and node.function == "sqrt":
        yield node.arguments[0]
    if isinstance(node, Divide):
        yield Divide(node.denominator, node.numerator)
    if isinstance(node, Symbol) and isinstance(place.parent, Multiply):
        for n in place.around.naturals[:2]:
            yield Power(node, n)
    if isinstance(node, Density) and place.slot not in {"p", "q"}:
        yield Power(node, TWO)
    if isinstance(node, Symbol | Norm | Moment):
        yield Power(node, TWO)
        yield Call("sqrt", (node,))
        yield Power(node, number(-1))


EDIT = Edit(
    kind="power",
    what="a square, root or inverse lost or gained",
    cost=1.5,
    at=_at,
    examples=(
        Example(r"\alpha_t x_0", r"\sqrt{\alpha_t} x_0"),
        Example(r"\sqrt{\alpha_t} x_0", r"\alpha_t x_0"),
        Example(r"\frac{a}{\sigma_t}", r"\frac{a}{\sigma_t^2}"),
        Example(r"\| x - y \|", r"\| x - y \|^2"),
        Example(r"p(x) c", r"p(x)^2 c"),
        Example(r"\lambda \det(S)", r"\lambda^d \det(S)", left=r"\det(\lambda S) + d"),
        Example(r"A S b", r"A S^{-1} b"),
    ),
    rank=4,
    repeats=True,
)
