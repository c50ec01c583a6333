r"""One letter for another of the relation: `\alpha_t` for `\beta_t`."""

from __future__ import annotations

from collections.abc import Iterator

from derivcheck.terms.term import Symbol, Term
from derivcheck.verdicts.edits._edit import Edit, Example, Place
from derivcheck.verdicts.edits.accent import base_of


def _at(place: Place) -> Iterator[Term]:
    node = place.node
    if not isinstance(node, Symbol) or not place.is_value:
        return
    declared = place.around.signature.symbols
    for s in place.around.symbols:
        same = base_of(s.name) == base_of(node.name)
        if (
            not same
            and len(s.index) == len(node.index)
            and _shape(s, declared) == _shape(node, declared)
        ):
            yield s


def _shape(s: Symbol, declared: object) -> object:
    found = declared.get(s.name)  # type: ignore[attr-defined]
    return found.shape if found is not None else ()


EDIT = Edit(
    kind="wrong_symbol",
    what="one letter for another",
    cost=1.6,
    at=_at,
    examples=(Example(r"a x + b", r"b x + b"),),
    rank=6,
    repeats=True,
)
