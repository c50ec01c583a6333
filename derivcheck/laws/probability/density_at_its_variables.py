r"""A bare name of a density is its value at the variables of its declaration."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws.probability._laws import at_variables
from derivcheck.terms.term import Density, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Density)
    return at_variables(t, context) if not t.event else None


LAW = Law(
    statement=r"\log q = \log q(z|x)",
    source="the convention of Doersch (2016), Tutorial on Variational Autoencoders, section 2.1",
    on=(Density,),
    rewrite=_rewrite,
    holds=(
        Example(r"\mathbb{E}_{z \sim q}[\log q]", {"variables": ["x", "z"], "densities": ["p(x,z)", "q(z|x)"]}, r"\mathbb{E}_{z \sim q}[\log q(z|x)]"),
        Example(r"\int f(x) \log f dx", {"variables": ["x"], "densities": ["f(x)"]}, r"\int f(x) \log f(x) dx"),
    ),
)
