r"""The logarithm of a normal density is a quadratic."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import multiply
from derivcheck.laws.gaussians._closed_forms import gaussian_of
from derivcheck.laws.gaussians._isotropic import minus, size_of
from derivcheck.terms.term import (
    Add,
    Call,
    Constant,
    Density,
    Divide,
    FamilyDensity,
    Multiply,
    Negate,
    Number,
    Power,
    Term,
    Transpose,
)

HALF = Number(Fraction(1, 2))
TWO = Number(Fraction(2))


def _rewrite(t: Term, context: Context) -> Term | None:
    match t:
        case Call("log", (FamilyDensity(point=point) as law,)) if point is not None:
            pass
        case Call("log", (Density(event=(point,)) as law,)):
            pass
        case _:
            return None
    g = gaussian_of(law, context)
    d = size_of(point, context)
    if g is None or d is None:
        return None
    deviation = minus(point, g.mean)
    circle = Multiply((TWO, Constant("pi")))
    if g.variance is not None:
        square = Divide(Power(deviation, TWO), Multiply((TWO, g.variance)))
        return Negate(Add((multiply([HALF, d, Call("log", (Multiply((circle, g.variance)),))]), square)))
    square = Multiply((HALF, Transpose(deviation), Power(g.covariance, Number(Fraction(-1))), deviation))
    volume = Multiply((HALF, Call("log", (Call("det", (g.covariance,)),))))
    return Negate(Add((multiply([HALF, d, Call("log", (circle,))]), volume, square)))


_Z = {"variables": [r"z \in \mathbb{R}^d"], "parameters": [r"m \in \mathbb{R}^d", "v > 0"], "matrices": [r"S \in \mathbb{S}_{++}^{d}"]}
_CHAIN = {
    "variables": [r"x_t \in \mathbb{R}^d"],
    "sequences": [r"\beta_t \in (0,1)"],
    "densities": [r"q(x_{1:T}|x_0) = \prod_{t=1}^{T} q(x_t|x_{t-1})"],
    "families": [r"q(x_t|x_{t-1}) = \mathcal{N}(x_t; \sqrt{1-\beta_t} x_{t-1}, \beta_t I)"],
    "conventions": {"t": "2..T-1"},
}

LAW = Law(
    statement=r"\log \mathcal{N}(x; m, S) = -\frac{d}{2} \log(2\pi) - \frac{1}{2} \log |S| - \frac{1}{2} (x-m)^\top S^{-1} (x-m)",
    source="Bishop (2006), Pattern Recognition and Machine Learning, eq. 2.43; along a chain: Ho, Jain & Abbeel (2020), eq. 4",
    on=(Call,),
    rewrite=_rewrite,
    holds=(
        Example(r"\log \mathcal{N}(z; m, v I)", _Z, r"-\frac{d}{2} \log(2 \pi v) - \frac{1}{2 v} \|z - m\|^2"),
        Example(r"\log \mathcal{N}(z; m, S)", _Z),
        Example(r"\log q(x_t|x_{t-1})", _CHAIN),
        Example(r"\log q(x_t|x_0)", _CHAIN),
    ),
)
