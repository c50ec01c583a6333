r"""Jacobi's formula: the derivative of a determinant."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws.calculus._parts import MINUS_ONE, of, scalar_kind
from derivcheck.terms.term import Call, Derivative, Multiply, Power, Term, Transpose


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Derivative)
    if not isinstance(t.body, Call) or t.body.function != "det" or t.kind not in ("gradient", "time", "jacobian"):
        return None
    matrix = t.body.arguments[0]
    inverse = Power(matrix, MINUS_ONE)
    if matrix == t.wrt and t.kind == "gradient":
        return Multiply((t.body, Transpose(inverse)))
    if scalar_kind(t, context):
        return Multiply((t.body, Call("tr", (Multiply((inverse, of(matrix, t))),))))
    return None


_S = {"matrices": [r"S \in \mathbb{S}_{++}^{n}", r"A \in \mathbb{R}^{n \times n}"], "time_dependent": ["S"], "flows": [r"\dot S = S A + A^\top S"]}

LAW = Law(
    statement=r"\frac{\partial}{\partial A} |A| = |A| A^{-\top}, \quad \frac{d}{dt} |A| = |A| \operatorname{tr}(A^{-1} \dot A)",
    source="Petersen & Pedersen (2012), The Matrix Cookbook, eq. 46 and 49",
    on=(Derivative,),
    rewrite=_rewrite,
    holds=(
        Example(r"\frac{\partial}{\partial S} |S|", _S, r"|S| S^{-1}"),
        Example(r"\frac{d}{dt} |S|", _S, r"2 |S| \operatorname{tr}(A)"),
    ),
)
