r"""The logarithm of a product is the sum of the logarithms."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.terms.term import Call, Fold, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Call)
    if t.function != "log" or len(t.arguments) != 1:
        return None
    body = t.arguments[0]
    if not isinstance(body, Fold) or body.kind != "prod":
        return None
    with context.inside(body):
        if not context.met(context.positive(body.body)):
            return None
    return Fold("sum", body.index, body.lower, body.upper, Call("log", (body.body,)))


LAW = Law(
    statement=r"\log \prod_k a_k = \sum_k \log a_k",
    condition="a_k > 0",
    source="Abramowitz & Stegun (1964), Handbook of Mathematical Functions, 4.1.7",
    on=(Call,),
    rewrite=_rewrite,
    holds=(
        Example(r"\log \prod_{t=1}^{T} q(x_t|x_{t-1})", {"variables": ["x_t"], "densities": [r"q(x_{1:T}|x_0) = \prod_{t=1}^{T} q(x_t|x_{t-1})"]}),
        Example(r"\log \prod_{k=1}^{K} \beta_k", {"sequences": [r"\beta_t \in (0,1)"], "conventions": {"K": "2..4"}}),
    ),
    refuses=(Example(r"\log \prod_{k=1}^{2} \gamma_k", {"sequences": [r"\gamma_t < 0"]}),),
)
