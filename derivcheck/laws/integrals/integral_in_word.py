r"""A variable that stands in densities and at one end of a product alone is integrated within that product."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import Product, multiply, product_of
from derivcheck.terms.term import (
    Add,
    Density,
    FamilyDensity,
    Integral,
    Multiply,
    Symbol,
    Term,
    Transpose,
)


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Integral)
    with context.inside(t):
        whole = context.normal(t.body)
        if isinstance(whole, Add):
            return None
        body = product_of(whole, context)
        for v in t.over:
            found = _within(v, t, body, context) if isinstance(v, Symbol) else None
            if found is not None:
                return found
    return None


def _within(v: Symbol, t: Integral, body: Product, context: Context) -> Term | None:
    holding = [(f, e) for f, e in body.scalars if context.depends(f, v)]
    weights = [(f, e) for f, e in holding if isinstance(f, Density | FamilyDensity)]
    words = [f for f, e in holding if isinstance(f, Multiply) and e == Fraction(1)]
    if not weights or len(words) != 1 or len(holding) != len(weights) + 1 or any(context.depends(x, v) for x in body.letters):
        return None
    letters = words[0].factors
    inner = Integral((v,), multiply([Product(tuple(weights)).term, v]))
    if letters[0] == Transpose(v) and not any(context.depends(x, v) for x in letters[1:]):
        made = multiply([Transpose(inner), *letters[1:]])
    elif letters[-1] == v and not any(context.depends(x, v) for x in letters[:-1]):
        made = multiply([*letters[:-1], inner])
    else:
        return None
    rest = Product(tuple(s for s in body.scalars if s not in holding), body.letters).term
    over = tuple(o for o in t.over if o != v)
    whole = multiply([rest, made])
    return Integral(over, whole) if over else whole


_XY = {"variables": [r"x \in \mathbb{R}^d", r"y \in \mathbb{R}^d"], "densities": ["q(x,y) = q(x) q(y|x)"], "functions": [r"f(y) \in \mathbb{R}^d"]}

LAW = Law(
    statement=r"\iint q(x, y) x^\top f(y) \, dx \, dy = \int \left( \int q(x, y) x \, dx \right)^\top f(y) \, dy",
    source="Rudin (1987), Real and Complex Analysis, theorem 8.8 (Fubini)",
    on=(Integral,),
    rewrite=_rewrite,
    holds=(
        Example(r"\int \int q(x) q(y|x) (x^\top f(y)) \, dx \, dy", _XY),
        Example(r"\int q(x) q(y|x) (x^\top y) \, dx", _XY),
    ),
)
