r"""A factor left out or a number too much: 1/2, 2, the number of terms of a mean, the sizes of the theory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derivcheck.terms.term import Call, Divide, Integral, Multiply, Number, Power, Term
from derivcheck.verdicts.edits._edit import ONE, TWO, Edit, Example, Place, divided, product, without

_SCALED = ("body", "exponent")


def _at(place: Place) -> Iterator[Term]:
    if not place.is_value:
        return
    node = place.node
    yield from _numbers(node)
    if isinstance(node, Number) or not _scalable(place):
        return
    for factor in (TWO, *place.around.naturals):
        if factor != node:
            yield product(factor, node)
            yield _over(node, factor)


def _numbers(node: Term) -> Iterator[Term]:
    """Numbers among factors dropped or doubled."""
    if isinstance(node, Multiply):
        for i, f in enumerate(node.factors):
            if isinstance(f, Number):
                yield product(*without(node.factors, i))
                if f != TWO:
                    yield product(*node.factors[:i], Number(f.value * 2), *node.factors[i + 1 :])
    if isinstance(node, Divide):
        if isinstance(node.denominator, Number):
            yield node.numerator
            yield replace(node, denominator=Number(node.denominator.value * 2))
        if isinstance(node.numerator, Number) and node.numerator != ONE:
            yield replace(node, numerator=ONE)


def _scalable(place: Place) -> bool:
    if place.is_whole and not (isinstance(place.parent, Call) and place.parent.function not in ("log", "exp")):
        return place.slot not in _SCALED or isinstance(place.parent, Power | Integral) or place.slot == "exponent"
    return False


def _over(node: Term, factor: Term) -> Term:
    if isinstance(node, Divide):
        return divided(node.numerator, product(factor, node.denominator))
    return product(Divide(ONE, factor), node)


EDIT = Edit(
    kind="missing_factor",
    what="a factor left out, or a number too much",
    cost=1,
    at=_at,
    examples=(
        Example(r"a + b x^2", r"a + \frac{1}{2} b x^2"),
        Example(r"\frac{a}{2 b (1 - c)}", r"\frac{a}{b (1 - c)}"),
        Example(r"c + x", r"c + T x", left=r"\sum_{t=1}^{T} a_t"),
        Example(r"\frac{1}{2} (a - b)", r"a - b"),
    ),
    rank=3,
    pairs=True,
)
