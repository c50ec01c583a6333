r"""A sign of another meaning: the factorial of a sequence's term for the product of the terms up to it."""

from __future__ import annotations

from collections.abc import Iterator

from derivcheck.terms.term import Call, Fold, Symbol, Term
from derivcheck.verdicts.edits._edit import ONE, Edit, Example, Place


def _at(place: Place) -> Iterator[Term]:
    node = place.node
    if (
        isinstance(node, Call)
        and node.function == "factorial"
        and isinstance(node.arguments[0], Symbol)
    ):
        s = node.arguments[0]
        if len(s.index) == 1:
            run = next(n for n in ("s", "i", "j") if n not in s.index[0].names)
            yield Fold("prod", run, ONE, s.index[0], Symbol(s.name, (Symbol(run),)))


EDIT = Edit(
    kind="notation",
    what="a factorial for a product",
    cost=1.5,
    at=_at,
    examples=(Example(r"\sqrt{\alpha_t!}", r"\sqrt{\prod_{s=1}^{t} \alpha_s}"),),
    repeats=True,
    pairs=True,
)
