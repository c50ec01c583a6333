r"""Along a flow the time derivative of a quantity is its velocity."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.terms.term import Derivative, Symbol, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Derivative)
    if t.kind != "time" or not isinstance(t.body, Symbol) or t.body.index:
        return None
    found = [f.velocity for f in context.signature.flows if f.name == t.body.name]
    return found[0] if len(found) == 1 else None


_FLOW = {"matrices": [r"W \in \mathbb{R}^{n \times m}"], "parameters": [r"\eta > 0"], "time_dependent": ["W"], "flows": [r"\dot W = -\eta W"]}

LAW = Law(
    statement=r"\dot W = V(W) \text{ along the flow } \dot W := V(W)",
    source="Arnold (1992), Ordinary Differential Equations, section 1: phase velocity",
    on=(Derivative,),
    rewrite=_rewrite,
    holds=(
        Example(r"\dot W", _FLOW, r"-\eta W"),
        Example(r"\dot W W^\top", _FLOW, r"-\eta W W^\top"),
    ),
)
