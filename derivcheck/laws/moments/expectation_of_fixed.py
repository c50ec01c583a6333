r"""What the theory holds fixed is its own mean, whatever is conditioned on."""

from __future__ import annotations

from derivcheck.laws._free import mentioned
from derivcheck.laws._law import Context, Example, Law
from derivcheck.terms.term import Expectation, Symbol, SymbolRange, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Expectation)
    if t.over or t.law is not None or t.body.densities:
        return None
    return t.body if all(_certain(x, context) for x in mentioned(t.body)) else None


def _certain(x: Term, context: Context) -> bool:
    """Whether a symbol is fixed by the theory, or a number that it takes as given."""
    signature = context.signature
    if not isinstance(x, Symbol | SymbolRange) or any(s.variable.name == x.name for s in signature.samples):
        return False
    if x in signature.fixed:
        return True
    known = signature.symbols.get(x.name)
    if known is None:
        return context.shape(x) == ()  # a letter that counts
    return known.role in ("parameter", "sequence", "dimension", "index")


_X = {
    "variables": [r"x_t \in \mathbb{R}^d"],
    "parameters": ["a"],
    "densities": [r"q(x_{1:T}|x_0) = \prod_{t=1}^{T} q(x_t|x_{t-1})"],
    "families": [r"q(x_t|x_{t-1}) = \mathcal{N}(x_t; x_{t-1}, I)"],
    "fixed": ["x_0"],
    "conventions": {"t": "2..T-1"},
}

LAW = Law(
    statement=r"\mathbb{E}[c | x] = c",
    source="Feller (1968), An Introduction to Probability Theory, IX.2: the mean of a constant",
    on=(Expectation,),
    rewrite=_rewrite,
    holds=(
        Example(r"\mathbb{E}[a x_0 | x_t]", _X, "a x_0"),
        Example(r"\mathbb{E}[x_0 | x_2]", _X, "x_0"),
    ),
)
