r"""What is given is certain: a conditional of a variable given itself is 1."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.terms.term import Density, Number, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Density)
    event = tuple(e for e in t.event if e not in t.given)
    if len(event) == len(t.event):
        return None
    return Density(t.name, event, t.given, t.index) if event else Number(Fraction(1))


_CHAIN = {"variables": ["x_t"], "densities": [r"q(x_{1:T}|x_0) = \prod_{t=1}^{T} q(x_t|x_{t-1})"]}

LAW = Law(
    statement=r"p(a|a, b) = 1",
    source="the convention of Ho, Jain & Abbeel (2020), Denoising Diffusion Probabilistic Models, appendix A, eq. 20-21 (t = 1)",
    on=(Density,),
    rewrite=_rewrite,
    holds=(
        Example(r"q(x_0|x_0)", _CHAIN, "1"),
        Example(r"q(x_0|x_1,x_0)", _CHAIN, "1"),
    ),
)
