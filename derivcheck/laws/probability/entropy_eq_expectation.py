r"""Entropy and cross-entropy are mean negative log densities."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws.probability._laws import with_variables
from derivcheck.terms.term import Call, Density, Divergence, Expectation, Negate, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Divergence)
    if t.kind not in ("entropy", "cross_entropy"):
        return None
    found = with_variables((t.p,) if t.q is None else (t.p, t.q), context)
    if found is None:
        return None
    laws, over = found
    assert isinstance(laws[0], Density)
    return Negate(Expectation(Call("log", (laws[-1],)), over, laws[0]))


LAW = Law(
    statement=r"H(p) = -\mathbb{E}_p[\log p], \quad H(p, q) = -\mathbb{E}_p[\log q]",
    source="Cover & Thomas (2006), Elements of Information Theory, eq. 8.1 and section 5.4",
    on=(Divergence,),
    rewrite=_rewrite,
    holds=(
        Example(r"H(q(z|x))", {"variables": ["x", "z"], "densities": ["q(z|x)"]}, r"-\mathbb{E}_{q(z|x)}[\log q(z|x)]"),
        Example(r"H(f, g)", {"variables": ["x"], "densities": ["f(x)", "g(x)"]}, r"-\int f(x) \log g(x) dx"),
    ),
)
