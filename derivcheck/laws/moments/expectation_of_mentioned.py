r"""An expectation that names neither variables nor law averages over the random variables in it."""

from __future__ import annotations

from derivcheck.laws._free import mentioned
from derivcheck.laws._law import Context, Example, Law
from derivcheck.terms.term import Expectation, Symbol, SymbolRange, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Expectation)
    if t.over or t.law is not None:
        return None
    over: list[Symbol] = []
    for x in mentioned(t.body) - set(t.given):
        known = context.signature.symbols.get(x.name)
        if not (known is not None and known.role == "variable") and all(s.variable.name != x.name for s in context.signature.samples):
            continue
        if isinstance(x, SymbolRange) or context.free_outside(x) or (context.bound(x) and not t.given) or x in context.signature.fixed:
            return None  # some of it may be held
        over.append(x)
    if not over or any(_may_be(x, g, context) for x in over for g in t.given if isinstance(g, Symbol) and g.name == x.name):
        return None
    return Expectation(t.body, tuple(sorted(over, key=str)), None, t.given)


def _may_be(x: Symbol, given: Symbol, context: Context) -> bool:
    """Whether a variable may be one that is given; x_1 with a law of its own is not the x that it is given."""
    drawn = any(s.variable == x and given in getattr(s.law, "given", ()) for s in context.signature.samples)
    return not drawn and context.coincide(x.index, given.index) is not False


_E = {"variables": [r"x \in \mathbb{R}^d", r"\epsilon \in \mathbb{R}^d"], "laws": [r"\epsilon \sim \mathcal{N}(0, I)"], "parameters": ["a"]}

LAW = Law(
    statement=r"\mathbb{E}[f(x) | y] = \mathbb{E}_{x|y}[f(x)]",
    source="Feller (1968), An Introduction to Probability Theory, V.1 and IX.2: the notation",
    on=(Expectation,),
    rewrite=_rewrite,
    holds=(
        Example(r"\mathbb{E}[a \epsilon]", _E, "0"),
        Example(r"\mathbb{E}[\|\epsilon\|^2]", _E, "d"),
    ),
)
