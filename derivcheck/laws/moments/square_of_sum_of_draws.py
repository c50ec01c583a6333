r"""The mean square of a sum over independent draws of one law: K squares, and K (K - 1) mixed terms that factor."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._free import mentioned
from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import ONE, multiply, product_of
from derivcheck.terms.instance import instance
from derivcheck.terms.term import (
    Add,
    Density,
    Expectation,
    Fold,
    Multiply,
    Negate,
    Symbol,
    SymbolRange,
    Term,
)


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Expectation)
    law = t.law
    if not isinstance(law, Density) or len(law.event) != 1 or t.given or len(t.over) != 1:
        return None
    (own,), (run,) = law.event, t.over
    if not isinstance(own, Symbol) or own.index or not isinstance(run, SymbolRange) or not context.at_least(run.upper, run.lower):
        return None
    with context.inside(t):
        p = product_of(t.body, context)
    if p.letters or sum((e for _, e in p.scalars), Fraction(0)) != 2 or any(e.denominator != 1 or e < 1 for _, e in p.scalars):
        return None
    found = [_term(f, run, own) for f, e in p.scalars for _ in range(int(e))]
    if any(f is None for f in found):
        return None
    a, b = (f for f in found if f is not None)
    count = Add((run.upper, Negate(run.lower), ONE))

    def mean(body: Term) -> Term:
        return Expectation(body, (own,), law)

    mixed = multiply([count, Add((count, Negate(ONE))), mean(a), mean(b)])
    return Add((multiply([count, mean(Multiply((a, b)))]), mixed))


def _term(f: Term, run: SymbolRange, own: Symbol) -> Term | None:
    """g(x) of a sum of g(x_k) over the draws x_k, where g says nothing else of k or of x."""
    if not isinstance(f, Fold) or f.kind != "sum" or (f.lower, f.upper) != (run.lower, run.upper):
        return None
    letter = Symbol(f.index)
    drawn = Symbol(run.name, (letter,))
    if any(x == own or (x.name == run.name and x != drawn) for x in mentioned(f.body)):
        return None
    made = instance(f.body, {drawn: own})
    return None if letter in mentioned(made) else made


_Z = {"variables": ["x", "z"], "densities": ["p(x,z)", "q(z|x)"], "laws": [r"z_k \sim q(z|x)"], "conventions": {"K": "1..3"}, "functions": [r"w(z) \in \mathbb{R}", r"v(z) \in \mathbb{R}"]}

LAW = Law(
    statement=r"\mathbb{E}\left[\left(\sum_{k=1}^{K} f(z_k)\right)^2\right] = K \, \mathbb{E}[f(z)^2] + K (K - 1) \, \mathbb{E}[f(z)]^2 \text{ for independent } z_k \sim q",
    source="Feller (1968), An Introduction to Probability Theory, IX.5, theorem 1 (the variance of a sum), and IX.2, theorem 3",
    on=(Expectation,),
    rewrite=_rewrite,
    holds=(
        Example(r"\mathbb{E}_{z_1, \dots, z_K \sim q(z|x)}\left[\left(\sum_{k=1}^{K} w(z_k)\right)^2\right]", _Z, r"K \mathbb{E}_{q(z|x)}[w(z)^2] + K (K - 1) \mathbb{E}_{q(z|x)}[w(z)]^2"),
        Example(r"\mathbb{E}_{z_1, \dots, z_K \sim q(z|x)}\left[\left(\sum_{k=1}^{K} w(z_k)\right) \left(\sum_{j=1}^{K} v(z_j)\right)\right]", _Z),
    ),
)
