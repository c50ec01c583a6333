r"""Hessian, Laplacian and divergence by gradients."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.terms.term import Call, Derivative, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Derivative)
    shape = context.shape(t.wrt)
    if shape is None or len(shape) > 1 or context.shape(t.body) is None:
        return None
    if t.kind == "divergence":
        jacobian = Derivative(t.body, t.wrt, "jacobian" if shape else "gradient")
        return Call("tr", (jacobian,)) if context.shape(t.body) == shape else None
    if t.kind not in ("hessian", "laplacian") or context.shape(t.body) != ():
        return None
    twice = Derivative(Derivative(t.body, t.wrt, "gradient"), t.wrt, "jacobian" if shape else "gradient")
    return Call("tr", (twice,)) if t.kind == "laplacian" else twice


_V = {"parameters": [r"v \in \mathbb{R}^n", r"b \in (0,1)"], "matrices": [r"A \in \mathbb{R}^{n \times n}"]}

LAW = Law(
    statement=r"\nabla^2 f = \nabla (\nabla f)^\top, \quad \Delta f = \operatorname{tr}(\nabla^2 f), \quad \nabla \cdot g = \operatorname{tr}(\nabla g)",
    source="Petersen & Pedersen (2012), The Matrix Cookbook, eq. 97-98",
    on=(Derivative,),
    rewrite=_rewrite,
    holds=(
        Example(r"\nabla_v^2 \log(1 + v^\top v)", _V),
        Example(r"\nabla_v^2 (v^\top A v)", _V, r"A + A^\top"),
    ),
)
