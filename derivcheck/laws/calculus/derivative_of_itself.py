r"""The derivative of a variable by itself."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import ONE
from derivcheck.terms.term import Derivative, Identity, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Derivative)
    if t.body != t.wrt or t.kind not in ("gradient", "jacobian"):
        return None
    shape = context.shape(t.wrt)
    if shape == ():
        return ONE
    return Identity(shape[0]) if shape is not None and len(shape) == 1 else None


_V = {"parameters": [r"v \in \mathbb{R}^n", "b"], "matrices": [r"A \in \mathbb{R}^{m \times n}"]}

LAW = Law(
    statement=r"\frac{\partial x}{\partial x} = 1, \quad \frac{\partial v}{\partial v} = I",
    source="Petersen & Pedersen (2012), The Matrix Cookbook, section 2.4",
    on=(Derivative,),
    rewrite=_rewrite,
    holds=(
        Example(r"\frac{\partial}{\partial b} b", _V, "1"),
        Example(r"v^\top \nabla_v v", _V, r"v^\top"),
    ),
)
