r"""A wrong variance in a law: a standard deviation for a variance, one step's for that of several steps."""

from __future__ import annotations

from collections.abc import Iterator

from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import (
    Add,
    Call,
    FamilyDensity,
    Identity,
    Moment,
    Multiply,
    Negate,
    Number,
    Power,
    Symbol,
    Term,
)
from derivcheck.verdicts.edits._edit import ONE, TWO, Edit, Example, Place, product
from derivcheck.verdicts.edits.accent import base_of


def is_variance(place: Place) -> bool:
    """Whether a place belongs to the variance of a law, or the right side is one."""
    for i, p in enumerate(place.parents):
        below = place.parents[i + 1] if i + 1 < len(place.parents) else place.node
        if isinstance(p, FamilyDensity) and p.family == "gaussian" and len(p.parameters) > 1:
            return below == p.parameters[1] and below != p.parameters[0]
    left = place.around.left
    if isinstance(left, Moment):
        return left.kind != "mean"
    name = getattr(left, "name", getattr(left, "function", None))
    return any(
        isinstance(d.body, Moment)
        and d.body.kind != "mean"
        and getattr(d.head, "name", getattr(d.head, "function", None)) == name
        for d in place.around.signature.definitions
    )


def _at(place: Place) -> Iterator[Term]:
    node = place.node
    if not is_variance(place) or "index" in place.slots:
        return
    if isinstance(node, Call) and node.function == "sqrt" and not isinstance(place.parent, Call):
        yield node.arguments[0]
    if isinstance(node, Symbol) and not isinstance(place.parent, Power):
        for name in place.around.names:
            if name != node.name and base_of(name) == base_of(node.name):
                yield Symbol(name, node.index)
        yield Power(node, TWO)
    if isinstance(place.parent, FamilyDensity):
        yield from _whole(node, place)


def _whole(node: Term, place: Place) -> Iterator[Term]:
    """1 - s for s, and the other way round, with the identity kept."""
    for x in _scalars(place):
        for made in (x, Add((ONE, Negate(x)))):
            yield product(made, Identity()) if _has_identity(node) else made
            if not _has_identity(node):
                yield product(made, Identity())


def _scalars(place: Place) -> list[Term]:
    """Symbols of the relation and their namesakes at the same index."""
    found: dict[Term, None] = {}
    for s in place.around.symbols:
        if not s.index or s.name in {
            n for n, d in place.around.signature.symbols.items() if d.role == "variable"
        }:
            continue
        for name in place.around.names:
            if base_of(name) == base_of(s.name):
                found[Symbol(name, s.index)] = None
    return list(found)


def _has_identity(t: Term) -> bool:
    return any(isinstance(x, Identity) for _, x in subterms(t)) or (
        isinstance(t, Number | Multiply) and False
    )


EDIT = Edit(
    kind="wrong_variance",
    what="a wrong variance",
    cost=1.1,
    at=_at,
    examples=(
        Example(
            r"\mathcal{N}(x_1; \sqrt{\alpha_1} x_0, \sqrt{1 - \alpha_1} I)",
            r"\mathcal{N}(x_1; \sqrt{\alpha_1} x_0, (1 - \alpha_1) I)",
        ),
        Example(
            r"\mathcal{N}(x_2; m, (1 - \alpha_2) I)",
            r"\mathcal{N}(x_2; m, (1 - \bar\alpha_2) I)",
            left=r"\bar\alpha_2",
        ),
        Example(r"\mathcal{N}(x; m, \sigma I)", r"\mathcal{N}(x; m, \sigma^2 I)"),
    ),
    rank=0,
    pairs=True,
)
