r"""An integral in a product of matrices below an integral is one over both variables, if it is no conditional mean."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._free import mentioned
from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import Product, multiply, product_of
from derivcheck.laws.matrices._words import letters_of
from derivcheck.terms.term import Density, Integral, Multiply, Term, Transpose


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Integral)
    with context.inside(t):
        p = product_of(context.normal(t.body), context)
        words: list[tuple[tuple[tuple[Term, Fraction], ...], tuple[Term, ...]]] = []
        if len(p.letters) > 1:
            words.append((p.scalars, p.letters))
        for n, (b, e) in enumerate(p.scalars):
            if isinstance(b, Multiply) and e == Fraction(1) and not p.letters and context.shape(b) == ():
                words.append(((*p.scalars[:n], *p.scalars[n + 1 :]), tuple(x for y in b.factors for x in letters_of(y))))
        for scalars, word in words:
            for i, x in enumerate(word):
                rest = multiply([Product(scalars).term, *word[:i], *word[i + 1 :]])
                inner = x.body if isinstance(x, Transpose) else x
                if not isinstance(inner, Integral) or set(inner.over) & (set(t.over) | mentioned(rest)) or _mean(inner, context):
                    continue
                body = Transpose(inner.body) if isinstance(x, Transpose) else inner.body
                whole = multiply([Product(scalars).term, *word[:i], body, *word[i + 1 :]])
                return Integral(tuple(sorted({*t.over, *inner.over}, key=str)), whole)
    return None


def _mean(inner: Integral, context: Context) -> bool:
    """Whether an integral is the mean of something under one kernel."""
    if len(inner.over) != 1:
        return False
    weights = [(b, e) for b, e in product_of(inner.body, context).scalars if inner.over[0] in mentioned(b)]
    return len(weights) == 1 and isinstance(weights[0][0], Density) and weights[0][0].event == inner.over and weights[0][1] == 1


_XY = {
    "variables": [r"x \in \mathbb{R}^d", r"y \in \mathbb{R}^d"],
    "densities": ["p(x,y) = p(y|x) p(x)"],
    "functions": [r"f(y) \in \mathbb{R}^d"],
}

LAW = Law(
    statement=r"\int a(y)^\top \left( \int b(x, y) \, dx \right) dy = \int \int a(y)^\top b(x, y) \, dx \, dy",
    source="Rudin (1987), Real and Complex Analysis, theorem 8.8 (Fubini)",
    on=(Integral,),
    rewrite=_rewrite,
    holds=(
        Example(r"\int f(y)^\top \left( \int p(x) p(y|x) x \, dx \right) dy", _XY),
        Example(r"\int 2 f(y)^\top \left( \int p(x) p(y|x) x \, dx \right) dy", _XY),
    ),
)
