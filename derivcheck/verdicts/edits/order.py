r"""Matrices multiplied in the wrong order: `A B` for `B A`."""

from __future__ import annotations

from collections.abc import Iterator

from derivcheck.terms.term import Identity, Multiply, Number, Term
from derivcheck.verdicts.edits._edit import Edit, Example, Place


def _at(place: Place) -> Iterator[Term]:
    node = place.node
    if not place.is_value or not isinstance(node, Multiply) or len(node.factors) > 8:
        return
    for i in range(len(node.factors) - 1):
        a, b = node.factors[i], node.factors[i + 1]
        if a != b and not isinstance(a, Number | Identity) and not isinstance(b, Number | Identity):
            yield Multiply((*node.factors[:i], b, a, *node.factors[i + 2 :]))


EDIT = Edit(
    kind="order",
    what="matrices in the wrong order",
    cost=1.5,
    at=_at,
    examples=(Example(r"A B c", r"B A c"),),
    rank=6,
)
