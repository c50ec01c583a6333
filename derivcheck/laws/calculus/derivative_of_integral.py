r"""Differentiation under the integral sign."""

from __future__ import annotations

from derivcheck.laws._free import mentioned
from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws.calculus._parts import of
from derivcheck.terms.term import Derivative, Integral, Symbol, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Derivative)
    body = t.body
    if not isinstance(body, Integral) or t.kind not in ("gradient", "jacobian") or not isinstance(t.wrt, Symbol) or t.wrt.name in context.signature.functions:
        return None
    if not context.met(not set(body.over) & mentioned(t.wrt)):
        return None
    return Integral(body.over, of(body.body, t))


_Z = {"variables": [r"z \in \mathbb{R}^d"], "parameters": [r"w \in \mathbb{R}^d"], "densities": ["p(z)"]}

LAW = Law(
    statement=r"\frac{\partial}{\partial w} \int f(x, w) \, dx = \int \frac{\partial f}{\partial w}(x, w) \, dx",
    source="Rudin (1976), Principles of Mathematical Analysis, theorem 9.42; Folland (1999), Real Analysis, theorem 2.27",
    on=(Derivative,),
    rewrite=_rewrite,
    holds=(
        Example(r"\nabla_w \int p(z) \exp(w^\top z) dz", _Z, r"\int p(z) \exp(w^\top z) z dz"),
        Example(r"\nabla_w \int p(z) \|w - z\|_2^2 dz", _Z, r"2 w - 2 \int p(z) z dz"),
    ),
)
