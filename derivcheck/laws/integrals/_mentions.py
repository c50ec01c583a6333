"""Which variables of a law an expectation's body mentions."""

from __future__ import annotations

from derivcheck.laws._law import Context
from derivcheck.terms.term import Covariance, Density, Expectation, Fold, Integral, Symbol, SymbolRange, Term


def mentioned(t: Term) -> frozenset[Term]:
    """Symbols and runs that stand free in a term."""
    match t:
        case Symbol(_, index):
            return frozenset({t}).union(*(mentioned(i) for i in index))
        case SymbolRange():
            return frozenset({t})
        case Integral(over, body):
            return mentioned(body) - set(over)
        case Expectation(body, over, law, given):
            return (mentioned(body).union(*(mentioned(c) for c in (law, *given) if c is not None))) - set(over or (law.event if isinstance(law, Density) else ()))
        case Covariance(left, right, over, law, given):
            return (mentioned(left) | mentioned(right)).union(*(mentioned(c) for c in (law, *given) if c is not None)) - set(over)
        case Fold(_, index, lower, upper, body):
            return (mentioned(body) - {Symbol(index)}) | mentioned(lower) | mentioned(upper)
        case _:
            return frozenset[Term]().union(*(mentioned(c) for c in t.children))


def within(t: Term, event: Term, context: Context) -> bool | None:
    """Whether a mentioned symbol or run is (part of) an event; None if that is not known."""
    if t == event:
        return True
    if not isinstance(event, Symbol | SymbolRange) or getattr(t, "name", None) != event.name:
        return False
    if isinstance(event, SymbolRange):
        if isinstance(t, Symbol):
            if len(t.index) != 1:
                return None
            low = high = t.index[0]
        else:
            assert isinstance(t, SymbolRange)
            low, high = t.lower, t.upper
        if context.at_least(low, event.lower) and context.at_least(event.upper, high):
            return True
        if context.at_least(event.lower, _after(high)) or context.at_least(low, _after(event.upper)):
            return False
        return None
    if isinstance(t, SymbolRange):
        return None
    assert isinstance(t, Symbol)
    return context.coincide(t.index, event.index)


def _after(t: Term) -> Term:
    from fractions import Fraction

    from derivcheck.terms.term import Add, Number

    return Add((t, Number(Fraction(1))))
