r"""The Kullback-Leibler divergence is the mean log ratio under its first density."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws.probability._laws import with_variables
from derivcheck.terms.term import Add, Call, Density, Divergence, Expectation, Negate, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Divergence)
    if t.kind != "KL" or t.q is None:
        return None
    found = with_variables((t.p, t.q), context)
    if found is None:
        return None
    (p, q), over = found
    assert isinstance(p, Density)
    return Expectation(Add((Call("log", (p,)), Negate(Call("log", (q,))))), over, p)


_XZ = {"variables": ["x", "z"], "densities": ["p(x,z)", "q(z|x)"]}

LAW = Law(
    statement=r"KL(p \| q) = \mathbb{E}_p[\log p - \log q]",
    source="Kullback & Leibler (1951), On information and sufficiency, eq. 2.4",
    on=(Divergence,),
    rewrite=_rewrite,
    holds=(
        Example(r"KL(q(z|x) \| p(z|x))", _XZ, r"\mathbb{E}_{q(z|x)}[\log q(z|x) - \log p(z|x)]"),
        Example(r"KL(f \| g)", {"variables": ["x"], "densities": ["f(x)", "g(x)"]}, r"\int f(x) \log \frac{f(x)}{g(x)} dx"),
    ),
)
