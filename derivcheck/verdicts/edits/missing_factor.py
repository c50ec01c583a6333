r"""A factor left out: 2 or 1/2, the number of terms of a mean, the sizes of the theory."""

from __future__ import annotations

from collections.abc import Iterator

from derivcheck.terms.term import Add, Call, Divide, Integral, Number, Power, Term, Unknown
from derivcheck.verdicts.edits._edit import HALF, ONE, TWO, Edit, Example, Place, divided, product

_SCALED = ("body", "exponent")


def _at(place: Place) -> Iterator[Term]:
    if not place.is_value:
        return
    node = place.node
    if isinstance(node, Number) or not _scalable(place):
        return
    if isinstance(node, Add) and any(isinstance(t, Unknown) for t in node.terms):
        return  # an open constant takes any factor: the other summands do not
    for factor in (TWO, *place.around.naturals):
        if factor != node:
            yield product(factor, node)
            yield _over(node, factor)


def _scalable(place: Place) -> bool:
    if place.is_whole and not (
        isinstance(place.parent, Call) and place.parent.function not in ("log", "exp")
    ):
        return (
            place.slot not in _SCALED
            or isinstance(place.parent, Power | Integral)
            or place.slot == "exponent"
        )
    return False


def _over(node: Term, factor: Term) -> Term:
    if isinstance(node, Divide):
        return divided(node.numerator, product(factor, node.denominator))
    return product(HALF if factor == TWO else Divide(ONE, factor), node)


EDIT = Edit(
    kind="missing_factor",
    what="a factor left out",
    cost=1,
    at=_at,
    examples=(
        Example(r"a + b x^2", r"a + \frac{1}{2} b x^2"),
        Example(r"c + x", r"c + T x", left=r"\sum_{t=1}^{T} a_t"),
    ),
    rank=3.5,
    inserted=("2 ", r"\frac{1}{2} ", "T ", "K ", "N ", "n ", "d ", "m "),
    pairs=True,
)
