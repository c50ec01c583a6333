r"""An accent and an index at once on one symbol: `\alpha_{t-1}` for `\bar\alpha_t`."""

from __future__ import annotations

from collections.abc import Iterator

from derivcheck.terms.term import Symbol, Term
from derivcheck.verdicts.edits import accent, index
from derivcheck.verdicts.edits._edit import Edit, Example, Place


def _at(place: Place) -> Iterator[Term]:
    if not isinstance(place.node, Symbol) or len(place.node.index) != 1 or "index" in place.slots:
        return
    for other in accent.EDIT.at(place):
        if isinstance(other, Symbol):
            for i in place.around.indices:
                if (i,) != other.index:
                    yield Symbol(other.name, (i,))


EDIT = Edit(
    kind="index",
    what="an accent and an index of one symbol",
    cost=2,
    at=_at,
    examples=(
        Example(r"\sqrt{\alpha_{t-1}} x_0", r"\sqrt{\bar\alpha_t} x_0", left=r"\bar\alpha_t"),
    ),
    repeats=True,
)
del index
