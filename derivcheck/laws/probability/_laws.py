"""Laws as densities at their variables: a bare name at those of its joint."""

from __future__ import annotations

from derivcheck.laws._law import Context
from derivcheck.terms.term import Density, Law, Symbol, SymbolRange, Term


def with_variables(laws: tuple[Law, ...], context: Context) -> tuple[tuple[Density, ...], tuple[Term, ...]] | None:
    """Densities over one set of variables, with these; None if they differ or are not known."""
    made: list[Density] = []
    over: tuple[Term, ...] | None = None
    for law in laws:
        d = at_variables(law, context)
        if d is None or not all(isinstance(e, Symbol | SymbolRange) for e in d.event):
            return None
        if over is None:
            over = d.event
        elif set(over) != set(d.event):
            return None
        made.append(d)
    return (tuple(made), over) if over else None


def at_variables(law: Law, context: Context) -> Density | None:
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
