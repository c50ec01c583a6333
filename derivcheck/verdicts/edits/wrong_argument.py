r"""A wrong or swapped argument: `KL(q\|p)` for `KL(p\|q)`, `\log y` for `\log(1-y)`, p(x|z) for p(z|x)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derivcheck.terms.term import ELEMENTARY, Add, Call, Density, Divergence, Negate, Symbol, Term
from derivcheck.verdicts.edits._edit import ONE, Edit, Example, Place


def _at(place: Place) -> Iterator[Term]:
    node = place.node
    if isinstance(node, Divergence) and node.q is not None and node.kind != "JSD":
        yield replace(node, p=node.q, q=node.p)
    elif isinstance(node, Density) and node.event and "index" not in place.slots:
        yield from _conditions(node, place)
    elif isinstance(node, Call):
        if len(node.arguments) == 2:
            yield replace(node, arguments=node.arguments[::-1])
        elif len(node.arguments) == 1 and node.function == "log":
            yield from _complement(node)
        if node.function not in ELEMENTARY and place.is_value:
            yield from _other_values(node, place)


def _conditions(node: Density, place: Place) -> Iterator[Term]:
    """The density turned round, joint for conditional, with fewer conditions, or with another's."""
    if node.given:
        yield replace(node, event=node.given, given=node.event)
        yield replace(node, event=(*node.event, *node.given), given=())
        yield replace(node, given=())
    if len(node.given) > 1:
        for i in range(len(node.given)):
            yield replace(node, given=(*node.given[:i], *node.given[i + 1 :]))
    if len(node.event) > 1:
        for v in node.event:
            rest = tuple(x for x in node.event if x != v)
            yield replace(node, event=(v,), given=(*rest, *node.given))
    for law in place.around.densities:
        if law.given != node.given and not set(law.given) & set(node.event):
            yield replace(node, given=law.given)


def _complement(node: Call) -> Iterator[Term]:
    a = node.arguments[0]
    if isinstance(a, Symbol | Call):
        yield Call("log", (Add((ONE, Negate(a))),))
    if (
        isinstance(a, Add)
        and len(a.terms) == 2
        and a.terms[0] == ONE
        and isinstance(a.terms[1], Negate)
    ):
        yield Call("log", (a.terms[1].body,))


def _other_values(node: Call, place: Place) -> Iterator[Term]:
    """A network at another variable of the relation."""
    for i, a in enumerate(node.arguments):
        if isinstance(a, Symbol):
            for s in place.around.symbols:
                if s != a and s.name != a.name and bool(s.index) == bool(a.index):
                    yield replace(
                        node, arguments=(*node.arguments[:i], s, *node.arguments[i + 1 :])
                    )


EDIT = Edit(
    kind="wrong_argument",
    what="a wrong or swapped argument",
    cost=1.2,
    at=_at,
    examples=(
        Example(r"KL(p(z) \| q(z))", r"KL(q(z) \| p(z))"),
        Example(r"f(x) \log y", r"f(x) \log(1 - y)"),
        Example(r"\log p(x|z) + c", r"\log p(z|x) + c"),
        Example(r"\log p(x|z) - c", r"\log p(x,z) - c"),
        Example(r"\log p(z) - c", r"\log p(z|x) - c", left=r"\log p(x|z) - \log q(z|x)"),
        Example(r"D(x, y) + y", r"D(y, x) + y"),
    ),
    rank=3,
    repeats=True,
)
