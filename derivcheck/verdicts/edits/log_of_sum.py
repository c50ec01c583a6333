r"""A logarithm pulled through a sum or an expectation: `\sum \log f` for `\log \sum f`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derivcheck.terms.term import Add, Call, Expectation, Fold, Integral, Negate, Term
from derivcheck.verdicts.edits._edit import Edit, Example, Place, total

_BINDERS = (Fold, Integral, Expectation)


def _at(place: Place) -> Iterator[Term]:
    node = place.node
    if not place.is_value:
        return
    if isinstance(node, _BINDERS):
        body = node.body
        if isinstance(body, Call) and body.function == "log":
            yield Call("log", (replace(node, body=body.arguments[0]),))
        yield Call("log", (replace(node, body=Call("exp", (body,))),))
    if (
        isinstance(node, Call)
        and node.function == "log"
        and isinstance(node.arguments[0], _BINDERS)
    ):
        inner = node.arguments[0]
        yield replace(inner, body=Call("log", (inner.body,)))
    if isinstance(node, Call) and node.function == "log" and isinstance(node.arguments[0], Add):
        yield total(*(_log(t) for t in node.arguments[0].terms))
    if isinstance(node, Add) and len(node.terms) >= 2 and all(_is_log(t) for t in node.terms):
        yield Call("log", (Add(tuple(t.arguments[0] for t in node.terms)),))  # type: ignore[union-attr]


def _log(t: Term) -> Term:
    return Negate(Call("log", (t.body,))) if isinstance(t, Negate) else Call("log", (t,))


def _is_log(t: Term) -> bool:
    return isinstance(t, Call) and t.function == "log"


EDIT = Edit(
    kind="log_of_sum",
    what="a logarithm pulled through a sum",
    cost=1.8,
    at=_at,
    examples=(
        Example(r"\sum_{k=1}^{K} \log a_k", r"\log \sum_{k=1}^{K} a_k"),
        Example(r"\mathbb{E}_{q(z)}[\log p(z)]", r"\log \mathbb{E}_{q(z)}[p(z)]"),
        Example(r"\log(a + b)", r"\log a + \log b"),
        Example(r"\log a + \log b", r"\log(a + b)"),
    ),
)
