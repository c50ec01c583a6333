r"""A name with a definition is its body."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._matching import unfolded
from derivcheck.terms.term import Call, Density, Power, Symbol, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    if t in context.variables or (isinstance(t, Symbol) and context.bound(t)):
        return None
    return unfolded(t, context)


LAW = Law(
    statement=r"h(x) = b(x) \text{ where } h(x) := b(x)",
    source="Whitehead & Russell (1910), Principia Mathematica, *1: definition",
    on=(Symbol, Call, Density, Power),
    rewrite=_rewrite,
    holds=(
        Example(r"w(z)", {"variables": ["x", "z"], "densities": ["p(x,z)", "q(z|x)"], "definitions": [r"w(z) = \frac{p(x,z)}{q(z|x)}"]}, r"\frac{p(x,z)}{q(z|x)}"),
        Example(r"\alpha_{t-1}", {"sequences": [r"\beta_t \in (0,1)"], "definitions": [r"\alpha_t = 1 - \beta_t"]}, r"1 - \beta_{t-1}"),
    ),
)
