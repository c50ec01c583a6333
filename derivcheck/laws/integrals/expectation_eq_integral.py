r"""An expectation is the integral against its law."""

from __future__ import annotations

from derivcheck.laws._free import mentioned
from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws.probability._laws import at_variables
from derivcheck.terms.instance import instance
from derivcheck.terms.term import (
    Density,
    Expectation,
    FamilyDensity,
    Integral,
    Multiply,
    Number,
    Symbol,
    SymbolRange,
    Term,
)


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Expectation)
    if _unclear(t) or (t.given and t.law is not None) or (not t.over and isinstance(t.law, Density) and not t.law.event):
        return None
    t = _renamed(t, context)
    weight, over = _weight(t, context) or (None, ())
    if weight is None or not all(isinstance(v, Symbol) for v in over):
        return None
    shape = context.shape(t.body)
    if shape is None:
        return None
    return Integral(tuple(sorted(over, key=str)), Multiply((weight, t.body)))


def _unclear(t: Expectation) -> bool:
    r"""Whether E_\epsilon of something in \epsilon_t averages over it is not said."""
    used = mentioned(t.body)
    return any(
        isinstance(v, Symbol) and not v.index and v not in used and any(isinstance(u, Symbol) and u.name == v.name and u.index for u in used) for v in t.over
    )


def _weight(t: Expectation, context: Context) -> tuple[Term, tuple[Term, ...]] | None:
    """The density that an expectation averages with, and its variables."""
    law = t.law
    if law is None:
        return _own_laws(t, context)
    if isinstance(law, FamilyDensity):
        if len(t.over) != 1:
            return None
        return FamilyDensity(law.family, law.parameters, t.over[0]), t.over
    full = at_variables(law, context)
    if full is None or any(isinstance(e, SymbolRange) for e in full.event):
        return None
    if not t.over or set(t.over) == set(full.event):
        return full, full.event
    if len(full.event) == 1 and _draws(t.over, full, context, bare=not law.event):  # independent draws, or another letter: x \sim p
        draws = [_drawn(full, v) for v in t.over]
        return (draws[0] if len(draws) == 1 else Multiply(tuple(draws))), t.over
    return None


def _renamed(t: Expectation, context: Context) -> Expectation:
    """One draw under its law's own letter: which draw it is does not matter."""
    full = at_variables(t.law, context) if isinstance(t.law, Density) else None
    if full is None or len(full.event) != 1 or len(t.over) != 1 or t.over == full.event:
        return t
    own, drawn = full.event[0], t.over[0]
    if not isinstance(drawn, Symbol) or not _draws(t.over, full, context, bare=isinstance(t.law, Density) and not t.law.event) or own in mentioned(t.body) or own in full.given or drawn in full.given:
        return t
    return Expectation(instance(t.body, {drawn: own}), (own,), full)


def _draws(over: tuple[Term, ...], law: Density, context: Context, *, bare: bool) -> bool:
    """Whether variables are draws of a law: its own letter again, or one other letter of a bare law."""
    own = law.event[0]
    if not isinstance(own, Symbol) or own in law.given or any(v in law.given for v in over):
        return False
    drawn = over[0]
    if bare and len(over) == 1 and isinstance(drawn, Symbol) and drawn.name not in context.signature.symbols:
        return True
    return all(isinstance(v, Symbol) and v.name == own.name for v in over)


def _drawn(law: Density, variable: Term) -> Term:
    return Density(law.name, (variable,), law.given, law.index)


def _own_laws(t: Expectation, context: Context) -> tuple[Term, tuple[Term, ...]] | None:
    """Each variable by its own law in the theory; conditioned ones by their joint."""
    over = t.over
    if not over:
        return None
    weights: list[Term] = []
    joint: list[Term] = []
    for v in over:
        law = _sampled(v, context)
        if law is None:
            joint.append(v)
        elif t.given:
            return None
        else:
            weights.append(law)
    if joint:
        names = [n for n, d in context.signature.densities.items() if all(_covers(d.factors, v) for v in (*joint, *t.given))]
        if len(names) != 1:
            return None
        weights.append(Density(names[0], tuple(joint), t.given))
    return (weights[0] if len(weights) == 1 else Multiply(tuple(weights))), over


def _sampled(v: Term, context: Context) -> Term | None:
    for s in context.signature.samples:
        if not isinstance(v, Symbol) or s.variable.name != v.name or len(s.variable.index) != len(v.index):
            continue
        terms = {i: j for i, j in zip(s.variable.index, v.index, strict=True) if i != j}
        if any(isinstance(i, Number) or i.names & {"T"} for i in terms):
            continue  # the law of another one
        law = instance(s.law, terms) if terms else s.law
        if isinstance(law, FamilyDensity):
            return FamilyDensity(law.family, law.parameters, v)
        if isinstance(law, Density) and len(law.event) <= 1:
            return Density(law.name, (v,), law.given, law.index)
    return None


def _covers(factors: object, v: Term) -> bool:
    return any(
        (isinstance(e, Symbol) and isinstance(v, Symbol) and e.name == v.name and (e.index == v.index or f.index is not None))
        for f in factors  # type: ignore[attr-defined]
        for e in (*f.event, *f.given)
    )


LAW = Law(
    statement=r"\mathbb{E}_{p}[f] = \int p(x) f(x) \, dx",
    source="Kolmogorov (1933), Grundbegriffe der Wahrscheinlichkeitsrechnung, IV.1",
    on=(Expectation,),
    rewrite=_rewrite,
    holds=(
        Example(r"\mathbb{E}_{q(z|x)}[\log p(x,z)]", {"variables": ["x", "z"], "densities": ["p(x,z)", "q(z|x)"]}, r"\int q(z|x) \log p(x,z) dz"),
        Example(r"\mathbb{E}_{x \sim p}[\log g(x)]", {"variables": ["x"], "densities": ["p(x)", "g(x)"]}, r"\int p(x) \log g(x) dx"),
    ),
)
