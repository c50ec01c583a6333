r"""The mean of a product of independent draws is the product of their means."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._free import mentioned
from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import Product, multiply, product_of
from derivcheck.laws.matrices._words import letters_of
from derivcheck.terms.term import Density, Integral, Multiply, Term, Transpose


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Integral)
    if len(t.over) < 2:
        return None
    with context.inside(t):
        p = product_of(context.normal(t.body), context)
    closed = [b for b, e in p.scalars if isinstance(b, Multiply) and e == Fraction(1)]
    if p.letters:
        word, scalars = p.letters, p.scalars
    elif len(closed) == 1:
        word = tuple(x for y in closed[0].factors for x in letters_of(y))
        scalars = tuple(s for s in p.scalars if s[0] != closed[0])
    else:
        return None
    for v in t.over:
        weights = [s for s in scalars if v in mentioned(s[0])]
        if len(weights) != 1 or not isinstance(weights[0][0], Density) or weights[0][0].event != (v,) or weights[0][1] != 1:
            continue
        found = _apart(v, word)
        if found is None:
            continue
        start, end = found
        if not any(u in mentioned(x) for u in t.over if u != v for x in (*word[:start], *word[end:])):
            continue  # what stands beside is a constant: linear
        if not p.letters and word[start:end] not in ((v,), (Transpose(v),)) and any(_alone(u, word) for u in t.over if u != v):
            continue  # the other variable's mean goes in, not that of a function: integral_in_word
        inner = Integral((v,), multiply([weights[0][0], *word[start:end]]))
        rest = Product(tuple(s for s in scalars if s not in weights)).term
        return Integral(tuple(o for o in t.over if o != v), multiply([rest, *word[:start], inner, *word[end:]]))
    return None


def _apart(v: Term, word: tuple[Term, ...]) -> tuple[int, int] | None:
    """Where the letters with v stand, if they stand together; None if there are none, or no others."""
    holding = [i for i, x in enumerate(word) if v in mentioned(x)]
    if not holding or len(holding) == len(word) or holding[-1] - holding[0] + 1 != len(holding):
        return None
    return holding[0], holding[-1] + 1


def _alone(v: Term, word: tuple[Term, ...]) -> bool:
    """Whether a variable is itself one end of a word, and stands nowhere else in it."""
    ends = word[0] == Transpose(v) or word[-1] == v
    return ends and sum(v in mentioned(x) for x in word) == 1


_VIEWS = {
    "variables": [r"x \in \mathbb{R}^d", r"x' \in \mathbb{R}^d"],
    "densities": ["p(x, x') = p(x) p(x'|x)"],
    "independent": ["x_1, x_2 \\sim p(x'|x)"],
}

LAW = Law(
    statement=r"\int p(x|c) p(z|c) \, a(x) b(z)^\top \, dx \, dz = \mathbb{E}[a|c] \, \mathbb{E}[b|c]^\top",
    source="Feller (1968), An Introduction to Probability Theory, IX.2, theorem 3; Rudin (1987), Real and Complex Analysis, theorem 8.8 (Fubini)",
    on=(Integral,),
    rewrite=_rewrite,
    holds=(
        Example(r"\int p(x'|x) p(x_2|x) x' x_2^\top dx' dx_2", _VIEWS, r"\mathbb{E}[x'|x] \mathbb{E}[x'|x]^\top"),
        Example(r"\int p(x) p(x'|x) x x'^\top dx dx'", _VIEWS),
    ),
)
