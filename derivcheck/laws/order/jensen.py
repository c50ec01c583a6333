r"""The logarithm of a mean is at least the mean of the logarithm."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import ONE, Product, product_of
from derivcheck.terms.term import Call, Density, Expectation, Integral, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Call)
    if t.function != "log" or len(t.arguments) != 1:
        return None
    inner = t.arguments[0]
    if isinstance(inner, Expectation):
        return Expectation(Call("log", (inner.body,)), inner.over, inner.law, inner.given)
    if not isinstance(inner, Integral):
        return None
    body = product_of(inner.body, context)
    weights = tuple((b, e) for b, e in body.scalars if isinstance(b, Density) and e == Fraction(1))
    rest = tuple(s for s in body.scalars if s not in weights)
    if not weights or not rest:
        return None
    weight = Product(weights).term
    if not context.met(context.normal(Integral(inner.over, weight)) == ONE):
        return None
    return Integral(inner.over, Product((*weights, (Call("log", (Product(rest).term,)), Fraction(1)))).term)


_FG = {"variables": ["x"], "densities": ["f(x)", "g(x)"], "functions": [r"h(x) > 0"]}

LAW = Law(
    statement=r"\log \mathbb{E}_p[u] \geq \mathbb{E}_p[\log u]",
    condition=r"\int p = 1",
    source="Jensen (1906), Sur les fonctions convexes; Cover & Thomas (2006), theorem 2.6.2",
    on=(Call,),
    rewrite=_rewrite,
    sign=">=",
    holds=(
        Example(r"\log \int f(x) h(x) dx", _FG, r"\int f(x) \log h(x) dx"),
        Example(r"\log \mathbb{E}_{f}[h(x)]", _FG, r"\mathbb{E}_{f}[\log h(x)]"),
    ),
    refuses=(Example(r"\log \int f(x) g(x) e^{3} dx", _FG),),
)
