r"""The derivative of an integral by the value of a function at a point is that of the integrand there."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws.calculus._parts import moves
from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import Call, Derivative, Fold, Integral, Symbol, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Derivative)
    if t.kind != "gradient":
        return None
    wrt = t.wrt
    if isinstance(wrt, Symbol) and not wrt.index:
        declared = context.signature.functions.get(wrt.name)
        if declared is None or declared.network or not declared.arguments or declared.shape:
            return None
        return Derivative(t.body, Call(wrt.name, declared.arguments), t.kind)
    if not isinstance(wrt, Call) or not isinstance(t.body, Integral) or t.body.over != wrt.arguments:
        return None
    with context.inside(t):
        inner = t.body.body
        if not moves(inner, t, context) or context.shape(inner) != ():
            return None
        uses = [x for _, x in subterms(inner)]
        once = all(x == wrt for x in uses if isinstance(x, Call | Symbol) and getattr(x, "function", getattr(x, "name", "")) == wrt.function)
        if not once or any(isinstance(x, Integral | Fold) for x in uses):
            return None
    return Derivative(inner, wrt, t.kind)


_D = {"variables": ["x"], "densities": ["p(x)", "q(x)"], "functions": [r"D(x) \in (0,1)"]}

LAW = Law(
    statement=r"\frac{\delta}{\delta D(x)} \int g(D(x), x) \, dx = \frac{\partial g}{\partial y}(D(x), x)",
    source="Gelfand & Fomin (1963), Calculus of Variations, section 7 (the variational derivative), for an integrand without derivatives",
    on=(Derivative,),
    rewrite=_rewrite,
    holds=(
        Example(r"\frac{\partial}{\partial D(x)} \int p(x) \log D(x) dx", _D, r"\frac{p(x)}{D(x)}"),
        Example(r"\frac{\partial}{\partial D} \int q(x) \log(1 - D(x)) dx", _D, r"-\frac{q(x)}{1 - D(x)}"),
    ),
)
