r"""A divergence is never negative."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import ZERO
from derivcheck.terms.term import Divergence, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Divergence)
    return ZERO if t.kind in ("KL", "JSD") else None


LAW = Law(
    statement=r"KL(p \| q) \geq 0",
    source="Kullback & Leibler (1951), On information and sufficiency, lemma 3.1; Cover & Thomas (2006), theorem 8.6.1",
    on=(Divergence,),
    rewrite=_rewrite,
    sign=">=",
    holds=(
        Example(r"KL(q(z|x) \| p(z|x))", {"variables": ["x", "z"], "densities": ["p(x,z)", "q(z|x)"]}, "0"),
        Example(r"JSD(f, g)", {"variables": ["x"], "densities": ["f(x)", "g(x)"]}, "0"),
    ),
)
