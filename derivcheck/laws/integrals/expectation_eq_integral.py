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
    """Each variable by its own law in the theory, conditioned ones by their joint; what laws share is averaged over too."""
    over = list(t.over)
    weights: list[Term] = []
    joint: list[Term] = []
    for v in over:  # it grows
        if isinstance(v, Symbol) and not v.index and v.name in context.signature.indices:
            return None  # an index that is drawn: mean_over_index
        if any(isinstance(v, Symbol) and _of(s.variable, v, context) is None for s in context.signature.samples):
            return None  # it may or may not be the variable of a law
        if v in t.over and isinstance(v, Symbol) and not v.index and any(x.name == v.name and x != v for x in mentioned(t.body)):
            return None  # its copies are meant: expectation_of_copies
        law = _sampled(v, context)
        if law is None:
            joint.append(v)
            continue
        conditions = law.given if isinstance(law, Density) else ()
        if t.given and set(conditions) != set(t.given):
            return None
        for g in conditions:
            if g in over or g in t.given:
                continue
            if context.bound(g) or context.free_outside(g):
                return None
            over.append(g)
        weights.append(law)
    if joint:
        densities = context.signature.densities
        names = [n for n, d in densities.items() if all(_covers(d.factors, v) for v in (*joint, *t.given))]
        if len(names) > 1:  # the one in which they come first: x_0 ~ q(x_0), not the end of another chain
            names = [n for n in names if all(any(f.event == (v,) and not f.given and f.index is None for f in densities[n].factors) for v in joint)]
        if len(names) != 1:
            return None
        weights.append(Density(names[0], tuple(joint), t.given))
    if not over:
        return None
    return (weights[0] if len(weights) == 1 else Multiply(tuple(weights))), tuple(over)


def _sampled(v: Term, context: Context) -> Density | FamilyDensity | None:
    for s in context.signature.samples:
        if not isinstance(v, Symbol) or not _of(s.variable, v, context):
            continue
        terms = {i: j for i, j in zip(s.variable.index, v.index, strict=True) if i != j}
        if any(not isinstance(i, Symbol) or i.name == "T" for i in terms):
            continue  # x_1 has a law, this is x_2
        law = instance(s.law, terms) if terms else s.law
        if isinstance(law, FamilyDensity):
            return FamilyDensity(law.family, law.parameters, v)
        if isinstance(law, Density) and len(law.event) <= 1:
            return Density(law.name, (v,), law.given, law.index)
    return None


def _of(declared: Symbol, v: Symbol, context: Context) -> bool | None:
    """Whether a sampling statement is about a variable: free letters of its index match any, the rest itself only."""
    if declared.name != v.name or len(declared.index) != len(v.index):
        return False
    for i, j in zip(declared.index, v.index, strict=True):
        if isinstance(i, Symbol) and not i.index and i.name != "T":
            continue
        same = context.coincide((i,), (j,))
        if same is not True:
            return same
    return True


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
