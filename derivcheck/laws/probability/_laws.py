"""Laws as densities at their variables: a bare name at those of its joint."""

from __future__ import annotations

from derivcheck.laws._law import Context
from derivcheck.terms.substitute import rebuild
from derivcheck.terms.term import Density, FamilyDensity, Symbol, SymbolRange, Term


def with_variables(laws: tuple[Term, ...], context: Context) -> tuple[tuple[Term, ...], tuple[Term, ...]] | None:
    """Densities over one set of variables, with these; None if they differ or are not known.

    The first must be one density; others may be mixtures of some.
    """
    made: list[Term] = []
    over: tuple[Term, ...] | None = None
    for law in laws:
        if over is not None and not isinstance(law, Density | FamilyDensity):
            if any(len(d.event) > 0 and set(d.event) != set(over) for d in law.densities):
                return None
            made.append(_bare_at(law, over))
            continue
        d = at_variables(law, context)
        if d is None or not all(isinstance(e, Symbol | SymbolRange) for e in d.event):
            return None
        if over is None:
            over = d.event
        elif set(over) != set(d.event):
            return None
        made.append(d)
    return (tuple(made), over) if over else None


def _bare_at(t: Term, over: tuple[Term, ...]) -> Term:
    """A mixture of bare densities at their variables."""
    if isinstance(t, Density) and not t.event:
        return Density(t.name, over, t.given, t.index)
    return rebuild(t, lambda c: _bare_at(c, over))


def at_variables(law: Term, context: Context) -> Density | None:
    """A density with its event; a bare name takes that of its declaration."""
    if not isinstance(law, Density):
        return None
    if law.event:
        return law
    declared = context.signature.densities.get(law.name)
    if declared is not None:
        events = tuple(e for f in declared.factors for e in f.event)
        if any(f.index is not None for f in declared.factors):
            return None
        given = tuple(g for f in declared.factors for g in f.given if g not in events)
        return Density(law.name, events, tuple(dict.fromkeys(given)), law.index)
    for f in context.signature.families:
        if f.density.name == law.name:
            return f.density
    return None
