"""What stands free in a term: symbols, runs of a chain's variables, and the names of functions and densities."""

from __future__ import annotations

from functools import lru_cache

from derivcheck.terms.substitute import substitute
from derivcheck.terms.term import (
    Call,
    Covariance,
    Density,
    Divergence,
    Expectation,
    Fold,
    Integral,
    Moment,
    Optimum,
    Symbol,
    SymbolRange,
    Term,
)


@lru_cache(maxsize=100_000)
def free(t: Term) -> frozenset[Term | str]:
    """Symbols and runs that stand free in a term, and the names of functions and densities.

    Below a fold x_t with the fold's own index is the run of all of them.
    """
    match t:
        case Symbol(_, index):
            return frozenset({t}).union(*(free(i) for i in index))
        case SymbolRange(_, lower, upper):
            return frozenset({t}) | free(lower) | free(upper)
        case Density(name) | Call(name):
            own: set[Term | str] = {name}
            return frozenset(own.union(*(free(c) for c in t.children)))
        case Fold(_, index, lower, upper, body):
            return _runs(free(body), index, lower, upper) | free(lower) | free(upper)
        case Integral(over, body) | Optimum(_, over, body):
            return free(body) - set(over)
        case Expectation(body, over, law, given):
            inside = free(body).union(*(free(c) for c in (law, *given) if c is not None))
            return inside - set(over or (law.event if isinstance(law, Density) else ()))
        case Covariance(left, right, over, law, given):
            inside = (free(left) | free(right)).union(*(free(c) for c in (law, *given) if c is not None))
            return inside - set(over or (law.event if isinstance(law, Density) else ()))
        case Divergence() | Moment():
            laws = [law for law in t.children if isinstance(law, Density)]
            events = {e for law in laws for e in law.event if isinstance(e, Symbol | SymbolRange)}
            given = frozenset[Term | str]().union(*(free(g) for law in laws for g in law.given))
            return frozenset[Term | str]().union(*(free(c) for c in t.children)) - (events - given)
        case _:
            return frozenset[Term | str]().union(*(free(c) for c in t.children))


def mentioned(t: Term) -> frozenset[Symbol | SymbolRange]:
    """The symbols and runs that stand free in a term."""
    return frozenset(x for x in free(t) if isinstance(x, Symbol | SymbolRange))


def _runs(inside: frozenset[Term | str], index: str, lower: Term, upper: Term) -> frozenset[Term | str]:
    letter = Symbol(index)
    found: set[Term | str] = set()
    for x in inside:
        if x == letter:
            continue
        if isinstance(x, str) or index not in x.names:
            found.add(x)
        elif isinstance(x, Symbol) and len(x.index) == 1:
            first, last = (substitute(x.index[0], {letter: b}, {}) for b in (lower, upper))
            found.add(SymbolRange(x.name, first, last))
        else:
            found.add(Symbol(getattr(x, "name", "")))  # any of that name
    return frozenset(found)
