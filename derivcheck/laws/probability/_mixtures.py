"""Marginal densities as mixtures of kernels with a known logarithm.

Main definitions: `mixtures`, `logarithm`.
"""

from __future__ import annotations

from derivcheck.laws._free import mentioned
from derivcheck.laws._law import Context
from derivcheck.terms.term import Call, Density, FamilyDensity, Symbol, Term


def mixtures(d: Density, context: Context) -> list[tuple[tuple[Term, ...], Density, Density]]:
    """x, p(x|w) and p(y|x) where p(y|w) is the integral of their product and log p(y|x) is known."""
    declared = context.signature.densities.get(d.name)
    if declared is None or len(d.event) != 1 or d.index or any(s.variable in d.event for s in context.signature.samples):
        return []  # a draw with a law of its own is no variable of the joint
    found: list[tuple[tuple[Term, ...], Density, Density]] = []
    starts = [(e, ()) for f in declared.factors if f.index is None and len(f.event) == 1 for e in f.event]
    sources = [f.given for f in declared.factors if f.index is None and f.event == d.event] + [(e,) for e, _ in starts]
    for source in sources:
        if not source or set(source) & ({*d.event, *d.given}) or not all(isinstance(s, Symbol) for s in source):
            continue
        kernel = Density(d.name, d.event, source)
        if context.normal(kernel) == kernel and logarithm(kernel, context) is not None and _joint(kernel, d, source, context):
            prior = Density(d.name, source, d.given)
            found.append((source, prior, kernel))
    return found


def logarithm(d: Density | FamilyDensity, context: Context) -> Term | None:
    """The logarithm of a density, if it is known."""
    log = context.normal(Call("log", (d,)))
    return None if log == Call("log", (d,)) else log


def _joint(kernel: Density, d: Density, source: tuple[Term, ...], context: Context) -> bool:
    """Whether p(y|x, w) is p(y|x), so that the product with p(x|w) is p(x, y|w)."""
    if not d.given:
        return True
    whole = Density(d.name, d.event, (*source, *d.given))
    return context.normal(whole) == kernel and not set(source) & mentioned(d)
