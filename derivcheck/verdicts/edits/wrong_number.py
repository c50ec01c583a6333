r"""A number among factors too much or too small: `2 a` for `a`, `\\frac{a}{2 b}` for `\\frac{a}{b}`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derivcheck.terms.term import Divide, Multiply, Number, Term
from derivcheck.verdicts.edits._edit import ONE, TWO, Edit, Example, Place, product, without


def _at(place: Place) -> Iterator[Term]:
    node = place.node
    if not place.is_value:
        return
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


EDIT = Edit(
    kind="missing_factor",
    what="a number among factors too much or too small",
    cost=1,
    at=_at,
    examples=(
        Example(r"\frac{a}{2 b (1 - c)}", r"\frac{a}{b (1 - c)}"),
        Example(r"\frac{1}{2} (a - b)", r"a - b"),
        Example(r"a - 2 b c", r"a - b c"),
    ),
    rank=3,
    pairs=True,
    dropped=("2", "4", r"\frac{1}{2}", r"\frac12"),
)
