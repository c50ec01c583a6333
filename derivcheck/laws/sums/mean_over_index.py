r"""The mean over an index that is drawn uniformly is the sum over its range, divided by its length."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import ONE
from derivcheck.terms.term import (
    Add,
    Divide,
    Expectation,
    FamilyDensity,
    Fold,
    Negate,
    Symbol,
    Term,
)


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Expectation)
    if t.law is not None or t.given:
        return None
    for v in t.over:
        if not isinstance(v, Symbol) or v.index or v.name not in context.signature.indices:
            continue
        laws = [s.law for s in context.signature.samples if s.variable == v]
        match laws:
            case [FamilyDensity("uniform", (low, high))] if context.at_least(high, low):
                rest = tuple(o for o in t.over if o != v)
                if Symbol(v.name) in {x for x in rest if isinstance(x, Symbol)}:
                    return None
                body = Expectation(t.body, rest, None) if rest else t.body
                return Divide(Fold("sum", v.name, low, high, body), Add((high, Negate(low), ONE)))
            case _:
                return None
    return None


_T = {"sequences": [r"\beta_t \in (0,1)"], "laws": [r"t \sim \mathcal{U}\{1, \dots, T\}"], "conventions": {"t": "2..T-1"}}

LAW = Law(
    statement=r"\mathbb{E}_{t \sim \mathcal{U}\{a, \dots, b\}}[f(t)] = \frac{1}{b-a+1} \sum_{t=a}^{b} f(t)",
    source="Feller (1968), An Introduction to Probability Theory, IX.2, definition of expectation",
    on=(Expectation,),
    rewrite=_rewrite,
    holds=(
        Example(r"\mathbb{E}_{t}[\beta_t^2]", _T, r"\frac{1}{T} \sum_{t=1}^{T} \beta_t^2"),
        Example(r"\mathbb{E}_{t}[\beta_t]", _T),
    ),
)
