r"""An integral below an integral is one over both variables."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import Product, product_of
from derivcheck.terms.term import Integral, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Integral)
    body = product_of(t.body, context)
    for n, (f, e) in enumerate(body.scalars):
        if isinstance(f, Integral) and e == Fraction(1):
            rest = Product((*body.scalars[:n], *body.scalars[n + 1 :]), body.letters)
            return _joined(t, f, Product((*rest.scalars, *product_of(f.body, context).scalars), rest.letters).term, rest.term, context)
    if len(body.letters) == 1 and isinstance(body.letters[0], Integral):
        inner = body.letters[0]
        found = product_of(inner.body, context)
        return _joined(t, inner, Product((*body.scalars, *found.scalars), found.letters).term, Product(body.scalars).term, context)
    return None


def _joined(t: Integral, inner: Integral, body: Term, rest: Term, context: Context) -> Term | None:
    if set(inner.over) & set(t.over) or any(context.depends(rest, v) for v in inner.over):
        return None
    return Integral(tuple(sorted({*t.over, *inner.over}, key=str)), body)


LAW = Law(
    statement=r"\int f(x) \left( \int g(x,z) \, dz \right) dx = \int \int f(x) g(x,z) \, dz \, dx",
    source="Rudin (1987), Real and Complex Analysis, theorem 8.8 (Fubini)",
    on=(Integral,),
    rewrite=_rewrite,
    holds=(
        Example(r"\int p(x) \left(\int q(z|x) \log p(x,z) dz\right) dx", {"variables": ["x", "z"], "densities": ["p(x,z)", "q(z|x)"]}),
        Example(r"\int f(x) \left(\int g(z) \log g(x) f(z) dz \right)^2 \left(\int g(z) \log(g(x) + f(z)) dz\right) dx", {"variables": ["x", "z"], "densities": ["f(x)", "g(x)"]}),
    ),
)
