r"""A draw with a law that is written for another letter may bear that letter."""

from __future__ import annotations

from derivcheck.laws._free import mentioned
from derivcheck.laws._law import Context, Example, Law
from derivcheck.terms.instance import instance
from derivcheck.terms.term import Density, Integral, Symbol, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Integral)
    for v in t.over:
        for s in context.signature.samples:
            if v != s.variable or not isinstance(v, Symbol) or not isinstance(s.law, Density) or len(s.law.event) != 1:
                continue
            own = s.law.event[0]
            if not isinstance(own, Symbol) or own == v or own in t.over or own in mentioned(t.body) or context.shape(own) != context.shape(v):
                continue
            return Integral(tuple(own if o == v else o for o in t.over), instance(t.body, {v: own}))
    return None


_VIEWS = {
    "variables": [r"x \in \mathbb{R}^d", r"x' \in \mathbb{R}^d"],
    "densities": ["p(x, x') = p(x) p(x'|x)"],
    "independent": ["x_1, x_2 \\sim p(x'|x)"],
}

LAW = Law(
    statement=r"\int p(x_1|x) f(x_1) \, dx_1 = \int p(x'|x) f(x') \, dx'",
    source="Rudin (1976), Principles of Mathematical Analysis, section 6.1: the variable of integration is a dummy",
    on=(Integral,),
    rewrite=_rewrite,
    holds=(
        Example(r"\int p(x_1|x) x_1 dx_1", _VIEWS, r"\mathbb{E}[x' | x]"),
        Example(r"\int p(x_2|x) x_2 x_2^\top dx_2", _VIEWS, r"\mathbb{E}[x' x'^\top | x]"),
    ),
)
