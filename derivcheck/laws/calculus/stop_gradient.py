r"""A stop-gradient is the identity as a value; only derivatives see it."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.terms.term import StopGradient, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, StopGradient)
    return t.body if context.met(not context.variables) else None


_WF = {"parameters": [r"w \in \mathbb{R}^n", r"v \in \mathbb{R}^n"]}

LAW = Law(
    statement=r"\operatorname{sg}(f) = f",
    condition=r"\text{not below a derivative}",
    source="Chen & He (2021), Exploring simple siamese representation learning, section 3, eq. 3",
    on=(StopGradient,),
    rewrite=_rewrite,
    holds=(
        Example(r"w^\top \operatorname{Stop-Grad}(v)", _WF, r"w^\top v"),
        Example(r"\|\operatorname{Stop-Grad}(v)\|_2^2", _WF, r"v^\top v"),
    ),
    refuses=(Example(r"\frac{\partial}{\partial w} w^\top \operatorname{Stop-Grad}(w)", _WF),),
)
