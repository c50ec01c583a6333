r"""A term too many."""

from __future__ import annotations

from collections.abc import Iterator

from derivcheck.terms.term import Add, Term
from derivcheck.verdicts.edits._edit import Edit, Example, Place, total, without


def _at(place: Place) -> Iterator[Term]:
    node = place.node
    if place.is_value and isinstance(node, Add):
        for i in range(len(node.terms)):
            yield total(*without(node.terms, i))


EDIT = Edit(
    kind="extra_term",
    what="a term too many",
    cost=1.6,
    at=_at,
    examples=(Example(r"a + b - c", r"a - c"),),
)
