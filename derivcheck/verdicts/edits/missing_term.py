r"""A term left out: a summand of the other side, a count, an entropy's constant."""

from __future__ import annotations

from collections.abc import Iterator

from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import (
    Add,
    Call,
    Density,
    Divergence,
    Expectation,
    Negate,
    Number,
    Symbol,
    Term,
)
from derivcheck.verdicts.edits._edit import (
    HALF,
    ONE,
    TWO,
    Edit,
    Example,
    Place,
    negated,
    product,
    total,
)

MANY = 40


def _at(place: Place) -> Iterator[Term]:
    node = place.node
    if not place.is_value:
        return
    if not (place.parent is None or isinstance(node, Add)):
        return
    offered = pool(place) if place.parent is None else (ONE, *place.around.naturals)
    for t in offered:
        for made in (t, negated(t)):
            if (
                not (isinstance(node, Add) and (negated(made) in node.terms))
                and negated(made) != node
            ):
                yield total(node, made)


def pool(place: Place) -> tuple[Term, ...]:
    """What could be missing: one, counts, summands and logarithms of the other side, squares."""
    around = place.around
    found: dict[Term, None] = {ONE: None, **dict.fromkeys(around.naturals)}
    for side in (around.left, around.right):
        for _, x in subterms(side):
            if isinstance(x, Add):
                found.update(dict.fromkeys(t.body if isinstance(t, Negate) else t for t in x.terms))
            elif isinstance(x, Divergence) or (isinstance(x, Call) and x.function in ("log", "tr")):
                found[x] = None
            elif isinstance(x, Density) and x.event:
                found.update((Call("log", (m,)), None) for m in _margins(x))
    found.update((Call("log", (n,)), None) for n in (TWO, *around.naturals))
    found.update(dict.fromkeys(s for s in around.symbols))
    found.pop(around.left, None)
    summed = isinstance(place.node, Add)  # else the half may stand before a bracket already
    halves = [product(HALF, x) for x in found if summed and isinstance(x, Symbol | Number)]
    return tuple(x for x in (*found, *halves) if not isinstance(x, Expectation))[:MANY]


def _margins(d: Density) -> Iterator[Density]:
    """A density, the one of what it is conditioned on, and of each of its variables."""
    yield d
    if d.given:
        yield Density(d.name, d.given, (), d.index)
    if len(d.event) > 1:
        for v in d.event:
            yield Density(d.name, (v,), d.given, d.index)


EDIT = Edit(
    kind="missing_term",
    what="a term left out",
    cost=2,
    at=_at,
    examples=(
        Example(r"a + b", r"a + b - d", left="d c"),
        Example(
            r"\mathbb{E}_{q(z|x)}[\log p(x,z)]", r"\mathbb{E}_{q(z|x)}[\log p(x,z)] + \log p(x)"
        ),
        Example(
            r"\mathbb{E}_{q(z)}[\log p(z)]",
            r"\mathbb{E}_{q(z)}[\log p(z)] + \log p(x)",
            left=r"\log p(x) + c",
        ),
    ),
)
