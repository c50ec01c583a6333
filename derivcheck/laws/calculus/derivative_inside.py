r"""Derivatives go into finite sums, stacking and traces, entry by entry."""

from __future__ import annotations

from derivcheck.laws._free import mentioned
from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import add
from derivcheck.laws.calculus._parts import leibniz, of, scalar_kind
from derivcheck.laws.matrices._words import letters_of
from derivcheck.terms.term import Call, Derivative, Fold, Multiply, Symbol, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Derivative)
    body = t.body
    if isinstance(body, Fold) and body.kind == "sum" and t.kind in ("gradient", "jacobian", "time"):
        if Symbol(body.index) in mentioned(t.wrt):
            return None
        return Fold("sum", body.index, body.lower, body.upper, of(body.body, t))
    if not scalar_kind(t, context):
        return None
    with context.inside(t):
        match body:
            case Call("vec" | "tr" as function, (matrix,)):
                return Call(function, (of(matrix, t),))
            case Call("kron", (a, b)):
                return add([Call("kron", (of(a, t), b)), Call("kron", (a, of(b, t)))])
            case Multiply(factors) if context.shape(body) == ():
                return add(leibniz(tuple(x for y in factors for x in letters_of(y)), t, context))
            case _:
                return None


_FLOW = {
    "matrices": [r"W \in \mathbb{R}^{n \times n}", r"A \in \mathbb{R}^{n \times n}"],
    "parameters": [r"v \in \mathbb{R}^n"],
    "time_dependent": ["W", "v"],
    "flows": [r"\dot W = -A W", r"\dot v = -A v"],
}

LAW = Law(
    statement=r"\frac{d}{dt} \operatorname{tr}(A) = \operatorname{tr}(\dot A), \quad \frac{d}{dt} \operatorname{vec}(A) = \operatorname{vec}(\dot A), \quad \frac{d}{dt} \sum_k f_k = \sum_k \dot f_k",
    source="Petersen & Pedersen (2012), The Matrix Cookbook, eq. 35-39",
    on=(Derivative,),
    rewrite=_rewrite,
    holds=(
        Example(r"\frac{d}{dt} \operatorname{vec}(W)", _FLOW, r"\operatorname{vec}(\dot W)"),
        Example(r"\frac{d}{dt} \operatorname{tr}(W^\top W)", _FLOW),
        Example(r"\frac{d}{dt} (v^\top v)", _FLOW, r"2 v^\top \dot v"),
    ),
)
