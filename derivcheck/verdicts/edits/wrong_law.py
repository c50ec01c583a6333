r"""A wrong density or law: `q` for `p`, an expectation or a KL under the wrong one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derivcheck.terms.term import Density, Expectation, Term
from derivcheck.verdicts.edits._edit import Edit, Example, Place


def _at(place: Place) -> Iterator[Term]:
    node = place.node
    if isinstance(node, Density):
        names = [x.name for x in place.around.laws if isinstance(x, Density)]
        for name in dict.fromkeys([*names, *place.around.signature.densities]):
            if name != node.name:
                yield replace(node, name=name)
    if isinstance(node, Expectation):
        for e in place.around.expectations:
            new = Expectation(node.body, e.over, e.law, e.given)
            if new != node:
                yield new


EDIT = Edit(
    kind="wrong_law",
    what="a wrong density or law",
    cost=1.3,
    at=_at,
    examples=(
        Example(r"\log q(z)", r"\log p(z)", left=r"\mathbb{E}_{p(z)}[z]"),
        Example(r"\mathbb{E}_{q(z)}[z]", r"\mathbb{E}_{p(z)}[z]", left=r"-\mathbb{E}_{p(z)}[z]"),
    ),
    rank=4,
    repeats=True,
)
