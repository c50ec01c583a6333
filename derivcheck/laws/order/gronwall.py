r"""What falls at least at a rate lies below the exponential of that rate: the norm along a linear flow."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import ZERO
from derivcheck.laws.order.rayleigh import is_symmetric
from derivcheck.terms.term import (
    Add,
    Call,
    Derivative,
    Multiply,
    Norm,
    Number,
    Power,
    Symbol,
    Term,
    Transpose,
)

TIME = Symbol("t")
TWO = Number(Fraction(2))


def _rewrite(t: Term, context: Context) -> Term | None:
    match t:
        case Power(Norm(Symbol(name) as w, order), Number(value)) if value == 2 and not w.index:
            m = _rate_matrix(t, w, context)
            if m is None:
                return None
            decay = Call("exp", (Multiply((Number(Fraction(-2)), Call("lambda_min", (m,)), TIME)),))
            return Multiply((decay, Power(Norm(Call(name, (ZERO,)), order), TWO)))
        case _:
            return None


def _rate_matrix(square: Term, w: Symbol, context: Context) -> Symbol | None:
    """The constant symmetric M for which the square's derivative is -2 w^T M w, or -2 tr(w M w^T)."""
    flows = [f for f in context.signature.flows if f.name == w.name]
    if len(flows) != 1:
        return None
    slope = Derivative(square, TIME, "time")
    for name in sorted(flows[0].velocity.names & context.signature.symbols.keys()):
        m = Symbol(name)
        if name == w.name or not is_symmetric(m, context) or not context.met(_constant(name, context)):
            continue
        forms = [Multiply((Transpose(w), m, w))] if len(context.shape(w) or ()) == 1 else [Call("tr", (Multiply(p),)) for p in ((w, m, Transpose(w)), (Transpose(w), m, w))]
        for q in forms:
            if context.normal(Add((slope, Multiply((TWO, q))))) == ZERO:
                return m
    return None


def _constant(name: str, context: Context) -> bool:
    return not context.signature.symbols[name].time_dependent and all(f.name != name for f in context.signature.flows)


_W = {"parameters": [r"w \in \mathbb{R}^n"], "matrices": [r"H \in \mathbb{S}_{++}^{n}"], "time_dependent": ["w"], "flows": [r"\dot w = -H w"]}
_M = {"matrices": [r"W \in \mathbb{R}^{m \times n}", r"H \in \mathbb{S}_{++}^{n}"], "time_dependent": ["W"], "flows": [r"\dot W = -W H"]}

LAW = Law(
    statement=r"\dot y \leq -c y \implies y(t) \leq e^{-c t} y(0), \quad y = \|w\|^2, \; \dot w = -H w, \; c = 2 \lambda_{min}(H), \; H \text{ symmetric and constant}",
    source="Gronwall (1919), Note on the derivatives with respect to a parameter; Khalil (2002), Nonlinear Systems, lemma A.1",
    on=(Power,),
    rewrite=_rewrite,
    sign="<=",
    holds=(
        Example(r"\|w\|^2", _W, r"e^{-2 \lambda_{min}(H) t} \|w(0)\|^2"),
        Example(r"\|W\|_F^2", _M, r"e^{-2 \lambda_{min}(H) t} \|W(0)\|_F^2"),
    ),
)
