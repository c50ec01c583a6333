r"""A plus or minus lost between two parts, so that they are read as a product."""

from __future__ import annotations

from collections.abc import Iterator

from derivcheck.terms.term import Call, Expectation, Fold, Integral, Multiply, Term
from derivcheck.verdicts.edits._edit import Edit, Example, Place, negated, product, total

_SEPARATE = (Fold, Integral, Expectation)


def _at(place: Place) -> Iterator[Term]:
    node = place.node
    if not place.is_value:
        return
    if isinstance(node, Multiply):
        for i in range(1, len(node.factors)):
            a, b = product(*node.factors[:i]), product(*node.factors[i:])
            yield total(a, b)
            yield total(a, negated(b))
    if isinstance(node, Call) and node.function == "log":
        inner = node.arguments[0]
        if isinstance(inner, Multiply):  # \log a \prod b for \log a + ..
            for i in range(1, len(inner.factors)):
                if isinstance(inner.factors[i], _SEPARATE):
                    yield total(
                        Call("log", (product(*inner.factors[:i]),)), product(*inner.factors[i:])
                    )


EDIT = Edit(
    kind="missing_operator",
    what="a plus or minus lost between two parts",
    cost=1,
    at=_at,
    examples=(
        Example(r"\log a \sum_{t=1}^{T} c_t", r"\log a + \sum_{t=1}^{T} c_t"),
        Example(r"a b", r"a - b"),
    ),
    rank=2,
    inserted=("+ ", "- "),
)
