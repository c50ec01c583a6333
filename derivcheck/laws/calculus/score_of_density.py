r"""The gradient of a density with a known logarithm is the density times its score; of a mixture the mean of them."""

from __future__ import annotations

from derivcheck.laws._free import mentioned
from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws.calculus._parts import moves, of
from derivcheck.terms.term import (
    Call,
    Density,
    Derivative,
    FamilyDensity,
    Integral,
    Multiply,
    Symbol,
    Term,
)


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Derivative)
    d = t.body
    if not isinstance(d, Density | FamilyDensity) or t.kind not in ("gradient", "jacobian"):
        return None
    with context.inside(t):
        log = _logarithm(d, context)
        if log is not None:
            return Multiply((d, of(log, t)))
        if not isinstance(d, Density):
            return None
        for source, prior, kernel in _mixtures(d, context):
            if not moves(prior, t, context):
                return Integral(source, Multiply((prior, of(kernel, t))))
    return None


def _logarithm(d: Density | FamilyDensity, context: Context) -> Term | None:
    """The logarithm of a density, if it is known."""
    log = context.normal(Call("log", (d,)))
    return None if log == Call("log", (d,)) else log


def _mixtures(d: Density, context: Context) -> list[tuple[tuple[Term, ...], Density, Density]]:
    """x, p(x|w) and p(y|x) where p(y|w) is the integral of their product and log p(y|x) is known."""
    declared = context.signature.densities.get(d.name)
    if declared is None or len(d.event) != 1 or d.index:
        return []
    found: list[tuple[tuple[Term, ...], Density, Density]] = []
    starts = [(e, ()) for f in declared.factors if f.index is None and len(f.event) == 1 for e in f.event]
    sources = [f.given for f in declared.factors if f.index is None and f.event == d.event] + [(e,) for e, _ in starts]
    for source in sources:
        if not source or set(source) & ({*d.event, *d.given}) or not all(isinstance(s, Symbol) for s in source):
            continue
        kernel = Density(d.name, d.event, source)
        if context.normal(kernel) == kernel and _logarithm(kernel, context) is not None and _joint(kernel, d, source, context):
            prior = Density(d.name, source, d.given)
            found.append((source, prior, kernel))
    return found


def _joint(kernel: Density, d: Density, source: tuple[Term, ...], context: Context) -> bool:
    """Whether p(y|x, w) is p(y|x), so that the product with p(x|w) is p(x, y|w)."""
    if not d.given:
        return True
    whole = Density(d.name, d.event, (*source, *d.given))
    return context.normal(whole) == kernel and not set(source) & mentioned(d)


_XY = {
    "variables": [r"x \in \mathbb{R}^d", r"y \in \mathbb{R}^d"],
    "parameters": ["a > 0"],
    "densities": ["p(x,y) = p(y|x) p(x)"],
    "families": [r"p(y|x) = \mathcal{N}(y; a x, I)"],
}

LAW = Law(
    statement=r"\nabla_y p(y) = p(y) \nabla_y \log p(y), \quad \nabla_y p(y) = \int p(x) p(y|x) \nabla_y \log p(y|x) \, dx",
    source="Vincent (2011), A Connection Between Score Matching and Denoising Autoencoders, appendix; Hyvärinen (2005), section 2",
    on=(Derivative,),
    rewrite=_rewrite,
    holds=(
        Example(r"\nabla_y p(y|x)", _XY, r"p(y|x) (a x - y)"),
        Example(r"\nabla_y p(y)", _XY, r"\int p(x) p(y|x) (a x - y) dx"),
    ),
)
