r"""The Jensen-Shannon divergence is the mean divergence from the mixture."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws.probability._laws import with_variables
from derivcheck.terms.term import (
    Add,
    Call,
    Density,
    Divergence,
    Divide,
    Expectation,
    Multiply,
    Negate,
    Number,
    Term,
)

HALF = Number(Fraction(1, 2))


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Divergence)
    if t.kind != "JSD" or t.q is None:
        return None
    found = with_variables((t.p, t.q), context)
    if found is None:
        return None
    laws, over = found
    log_mixture = Call("log", (Divide(Add(laws), Number(Fraction(2))),))
    return Add(tuple(Multiply((HALF, Expectation(Add((Call("log", (p,)), Negate(log_mixture))), over, p))) for p in laws if isinstance(p, Density)))


_FG = {"variables": ["x"], "densities": ["f(x)", "g(x)"]}

LAW = Law(
    statement=r"JSD(p, q) = \frac{1}{2} KL(p \| m) + \frac{1}{2} KL(q \| m), \quad m = \frac{1}{2}(p + q)",
    source="Lin (1991), Divergence measures based on the Shannon entropy, eq. 4.1",
    on=(Divergence,),
    rewrite=_rewrite,
    holds=(
        Example(r"JSD(f, g)", _FG),
        Example(r"JSD(f(x), g(x))", _FG, r"\frac{1}{2} \int f(x) \log \frac{2 f(x)}{f(x) + g(x)} dx + \frac{1}{2} \int g(x) \log \frac{2 g(x)}{f(x) + g(x)} dx"),
    ),
)
