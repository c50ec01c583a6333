r"""A factor of the relation too many or too few: `x - y` for `\beta_t x - y`."""

from __future__ import annotations

from collections.abc import Iterator

from derivcheck.terms.term import Add, Call, Divide, Multiply, Number, Term
from derivcheck.verdicts.edits._edit import ONE, Edit, Example, Place, divided, product, without

MOST = 8


def _at(place: Place) -> Iterator[Term]:
    if not place.is_value:
        return
    node = place.node
    if isinstance(node, Multiply):
        for i, f in enumerate(node.factors):
            if not isinstance(f, Number):
                yield product(*without(node.factors, i))
    if isinstance(node, Divide):
        yield node.numerator
        if node.numerator != ONE:
            yield divided(ONE, node.denominator)
    if (
        place.parent is None
        or isinstance(place.parent, Add)
        or (isinstance(place.parent, Call) and place.parent.function in ("log", "exp"))
    ):
        for s in place.around.symbols[:MOST]:
            if s != node:
                yield product(s, node)
                yield divided(node, s)


EDIT = Edit(
    kind="missing_factor",
    what="a factor of the relation too many or too few",
    cost=2.5,
    at=_at,
    examples=(
        Example(r"x - y", r"b x - y", left="b"),
        Example(r"\frac{a}{b} c", r"\frac{a}{b}"),
        Example(r"\frac{x + y}{c}", r"x + y"),
    ),
)
