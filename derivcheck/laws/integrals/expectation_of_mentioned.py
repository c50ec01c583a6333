r"""An expectation that names neither law nor variables averages over the variables that it mentions."""

from __future__ import annotations

from derivcheck.laws._free import mentioned
from derivcheck.laws._law import Context, Example, Law
from derivcheck.terms.term import Expectation, Symbol, SymbolRange, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Expectation)
    if t.over or t.law is not None or context.signature.paths:
        return None
    found = [x for x in mentioned(t.body) if x not in t.given and _varies(x, context)]
    if not found or any(isinstance(x, SymbolRange) or context.bound(x) or context.free_outside(x) or x in context.signature.fixed for x in found):
        return None
    return Expectation(t.body, tuple(sorted(found, key=str)), None, t.given)


def _varies(x: Symbol | SymbolRange, context: Context) -> bool:
    declared = context.signature.symbols.get(x.name)
    return (declared is not None and declared.role == "variable") or any(s.variable.name == x.name for s in context.signature.samples)


_VIEWS = {
    "variables": [r"x \in \mathbb{R}^d", r"x' \in \mathbb{R}^d"],
    "densities": ["p(x, x') = p(x) p(x'|x)"],
    "independent": ["x_1, x_2 \\sim p(x'|x)"],
}

LAW = Law(
    statement=r"\mathbb{E}[f(a)] = \mathbb{E}_{p(a)}[f(a)], \quad \mathbb{E}[f(a) | b] = \mathbb{E}_{p(a|b)}[f(a)]",
    source="Kolmogorov (1933), Grundbegriffe der Wahrscheinlichkeitsrechnung, IV.1 and V.4",
    on=(Expectation,),
    rewrite=_rewrite,
    holds=(
        Example(r"\mathbb{E}[x' | x]", _VIEWS, r"\mathbb{E}_{p(x'|x)}[x']"),
        Example(r"\mathbb{E}[x_1^\top x_2]", _VIEWS, r"\mathbb{E}_{x_1,x_2}[x_1^\top x_2]"),
    ),
)
