r"""The integral of the gradient of a kernel is the gradient of the density that the kernel makes."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._free import mentioned
from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import Product, multiply, product_of
from derivcheck.terms.term import Density, Derivative, Integral, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Integral)
    p = product_of(t.body, context)
    inner = p.letters[0] if len(p.letters) == 1 else next((b for b, e in p.scalars if isinstance(b, Derivative) and e == 1), None)
    if not isinstance(inner, Derivative) or not isinstance(inner.body, Density) or inner.kind != "gradient":
        return None
    for v in t.over:
        if v in mentioned(inner.wrt):
            continue
        rest = tuple(s for s in p.scalars if s[0] != inner)
        weights = tuple(s for s in rest if v in mentioned(s[0]))
        if any(inner.wrt in mentioned(b) or not isinstance(b, Density) or e != 1 for b, e in weights):
            continue
        with context.inside(t), context.inside(inner):
            made = context.normal(Integral((v,), Product((*weights, (inner.body, Fraction(1)))).term))
        if isinstance(made, Integral):
            continue
        others = Product(tuple(s for s in rest if s not in weights)).term
        over = tuple(o for o in t.over if o != v)
        body = multiply([others, Derivative(made, inner.wrt, inner.kind)])
        return Integral(over, body) if over else body
    return None


_XY = {"variables": ["x", "y"], "densities": ["p(x,y) = p(y|x) p(x)"], "families": [r"p(x) = \mathcal{N}(x; 0, 1)", r"p(y|x) = \mathcal{N}(y; x, 1)"], "parameters": ["a"]}

LAW = Law(
    statement=r"\int p(x) \nabla_y p(y|x) \, dx = \nabla_y p(y)",
    source="Folland (1999), Real Analysis, theorem 2.27 (differentiation under the integral sign), with marginalisation",
    on=(Integral,),
    rewrite=_rewrite,
    holds=(
        Example(r"\int p(x) \nabla_y p(y|x) dx", _XY, r"\nabla_y p(y)"),
        Example(r"\int a p(x) \nabla_y p(y|x) dx", _XY, r"a \nabla_y p(y)"),
    ),
)
