r"""A logarithm too many: `\log \frac{a}{\log b}` for `\log \frac{a}{b}`."""

from __future__ import annotations

from collections.abc import Iterator

from derivcheck.terms.term import Call, Term
from derivcheck.verdicts.edits._edit import Edit, Example, Place


def _at(place: Place) -> Iterator[Term]:
    node = place.node
    if (
        place.is_value
        and isinstance(node, Call)
        and node.function == "log"
        and len(node.arguments) == 1
    ):
        yield node.arguments[0]


EDIT = Edit(
    kind="extra_log",
    what="a logarithm too many",
    cost=1,
    at=_at,
    examples=(
        Example(r"\log \frac{a}{\log b}", r"\log \frac{a}{b}"),
        Example(r"a + \log b", r"a + b"),
    ),
    rank=2,
    dropped=(r"\log", r"\ln", "log", "ln"),
    repeats=True,
)
