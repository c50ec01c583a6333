r"""The trace trick: what is constant in a product that closes to a number leaves the integral."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import Product, multiply, product_of
from derivcheck.laws.matrices._words import letters_of
from derivcheck.terms.term import Call, Integral, Multiply, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Integral)
    with context.inside(t):
        p = product_of(context.normal(t.body), context)
        closed = [b for b, e in p.scalars if isinstance(b, Multiply) and e == Fraction(1)]
        if p.letters or len(closed) != 1:
            return None
        word = tuple(x for y in closed[0].factors for x in letters_of(y))
        moving = [any(context.depends(x, v) for v in t.over) for x in word]
    if not any(moving):
        return None
    rest = Product(tuple(s for s in p.scalars if s[0] != closed[0])).term
    first, last = moving.index(True), len(word) - moving[::-1].index(True)
    if first > 0 or last < len(word):
        return multiply([*word[:first], Integral(t.over, multiply([rest, *word[first:last]])), *word[last:]])
    run = _longest(moving, word)
    if run is None:
        return None
    start, end = run
    inner = Integral(t.over, multiply([rest, *word[end:], *word[:start]]))
    return Call("tr", (multiply([*word[start:end], inner]),))


def _longest(moving: list[bool], word: tuple[Term, ...]) -> tuple[int, int] | None:
    """The longest run of constant letters (of equal ones the first in a fixed order)."""
    runs: list[tuple[int, int]] = []
    start: int | None = None
    for i, m in enumerate([*moving, True]):
        if not m and start is None:
            start = i
        elif m and start is not None:
            runs.append((start, i))
            start = None
    return min(runs, key=lambda r: (r[0] - r[1], str(word[r[0] : r[1]]))) if runs else None


_X = {"variables": [r"x \in \mathbb{R}^d"], "densities": ["p(x)"], "matrices": [r"A \in \mathbb{R}^{d \times d}"], "parameters": [r"b \in \mathbb{R}^d"]}

LAW = Law(
    statement=r"\mathbb{E}[x^\top A x] = \operatorname{tr}(A \, \mathbb{E}[x x^\top]), \quad \mathbb{E}[b^\top x] = b^\top \mathbb{E}[x]",
    source="Petersen & Pedersen (2012), The Matrix Cookbook, section 6.2.2",
    on=(Integral,),
    rewrite=_rewrite,
    holds=(
        Example(r"\int p(x) x^\top A x dx", _X, r"\operatorname{tr}(A \mathbb{E}_{p(x)}[x x^\top])"),
        Example(r"\int p(x) b^\top A x dx", _X, r"b^\top A \mathbb{E}_{p(x)}[x]"),
    ),
)
