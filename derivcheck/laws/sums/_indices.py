"""Where a fold's letter stands in the indices of its body."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context
from derivcheck.terms.instance import instance
from derivcheck.terms.term import Add, Fold, Negate, Node, Number, Symbol, SymbolRange, Term


def at_index(t: Fold, value: Term) -> Term:
    """The body of a fold at one value of its index.

    Raises:
        Captured: something in the body would bind the value.
    """
    return instance(t.body, {Symbol(t.index): value})


def indices_in(t: Term, letter: str) -> list[Term]:
    """The index terms of a body, those apart that a fold over the same letter binds."""
    own: list[Term] = []
    if isinstance(t, Fold) and t.index == letter:
        return [*indices_in(t.lower, letter), *indices_in(t.upper, letter)]
    index = getattr(t, "index", ())
    if isinstance(index, tuple):
        own += [i for i in index if isinstance(i, Node)]  # type: ignore[misc]
    if isinstance(t, SymbolRange):
        own += [t.lower, t.upper]
    for c in t.children:
        own += indices_in(c, letter)
    return own


def offset_from(index: Term, letter: Symbol, context: Context) -> Fraction | None:
    """c where an index is the letter plus c."""
    if letter.name not in index.names:
        return None
    rest = context.normal(Add((index, Negate(letter))))
    if isinstance(rest, Number):
        return rest.value
    if isinstance(rest, Negate) and isinstance(rest.body, Number):
        return -rest.body.value
    return None
