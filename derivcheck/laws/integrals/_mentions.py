"""Whether a variable is one of a law's."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context
from derivcheck.terms.term import Add, Number, Symbol, SymbolRange, Term


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
        apart = len(event.index) == 1 and (context.at_least(t.lower, _after(event.index[0])) or context.at_least(event.index[0], _after(t.upper)))
        return False if apart else None
    assert isinstance(t, Symbol)
    return context.coincide(t.index, event.index)


def _after(t: Term) -> Term:
    return Add((t, Number(Fraction(1))))
