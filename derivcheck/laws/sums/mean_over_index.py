r"""The mean over an index that is drawn uniformly is the sum over its range, divided by its length."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import ONE, Product, product_of
from derivcheck.terms.term import Add, Divide, FamilyDensity, Fold, Integral, Negate, Symbol, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Integral)
    with context.inside(t):
        body = product_of(t.body, context)
    for f, e in body.scalars:
        match f:
            case FamilyDensity("uniform", (low, high), Symbol(name, ()) as v) if e == Fraction(1) and v in t.over and _index(name, f, context):
                rest = Product(tuple(s for s in body.scalars if s[0] != f), body.letters).term
                over = tuple(o for o in t.over if o != v)
                if not context.met(context.at_least(high, low)):
                    return None
                return Divide(Fold("sum", name, low, high, Integral(over, rest) if over else rest), Add((high, Negate(low), ONE)))
            case _:
                pass
    return None


def _index(name: str, f: FamilyDensity, context: Context) -> bool:
    """Whether the theory draws a whole number of this name from this range."""
    return name in context.signature.indices and any(
        s.variable == Symbol(name) and isinstance(s.law, FamilyDensity) and s.law.family == f.family and tuple(map(context.normal, s.law.parameters)) == f.parameters
        for s in context.signature.samples
    )


LAW = Law(
    statement=r"\mathbb{E}_{t \sim \mathcal{U}\{a, \dots, b\}}[f(t)] = \frac{1}{b-a+1} \sum_{t=a}^{b} f(t)",
    condition=r"b \ge a",
    source="Feller (1968), An Introduction to Probability Theory, IX.2, definition of expectation",
    on=(Integral,),
    rewrite=_rewrite,
    holds=(
        Example(
            r"\mathbb{E}_{t}[\beta_t^2]",
            {"sequences": [r"\beta_t \in (0,1)"], "laws": [r"t \sim \mathcal{U}\{1, \dots, T\}"], "conventions": {"t": "2..T-1"}},
            r"\frac{1}{T} \sum_{t=1}^{T} \beta_t^2",
        ),
    ),
)
