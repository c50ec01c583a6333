r"""Conditional densities as kernels of their joint: the chain rule, Bayes' rule and independence in one."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws.probability._joint import kernels
from derivcheck.terms.term import Density, Divide, Multiply, Number, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Density)
    found = kernels(t, context)
    if found is None or (found.above == (t,) and not found.below):
        return None
    above = _of(found.above)
    return Divide(above, _of(found.below)) if found.below else above


def _of(factors: tuple[Term, ...]) -> Term:
    if not factors:
        return Number(Fraction(1))
    return factors[0] if len(factors) == 1 else Multiply(factors)


_XZ = {"variables": ["x", "z"], "densities": ["p(x,z) = p(x|z) p(z)"]}
_CHAIN = {"variables": ["x_t"], "densities": [r"q(x_{1:T}|x_0) = \prod_{t=1}^{T} q(x_t|x_{t-1})"]}

LAW = Law(
    statement=r"p(a|b) = \frac{p(a,b)}{p(b)}, \quad p(v_1, \dots, v_n) = \prod_i p(v_i | v_{<i})",
    source="Bishop (2006), Pattern Recognition and Machine Learning, eq. 1.32 and 8.5, section 8.2.2 (d-separation)",
    on=(Density,),
    rewrite=_rewrite,
    holds=(
        Example(r"p(z|x)", _XZ, r"\frac{p(z) p(x|z)}{p(x)}"),
        Example(r"p(x,z)", _XZ, r"p(x|z) p(z)"),
        Example(r"q(x_{t-1}|x_t,x_0)", _CHAIN, r"\frac{q(x_t|x_{t-1}) q(x_{t-1}|x_0)}{q(x_t|x_0)}"),
        Example(r"q(x_t|x_{t-1},x_0)", _CHAIN, r"q(x_t|x_{t-1})"),
    ),
)
