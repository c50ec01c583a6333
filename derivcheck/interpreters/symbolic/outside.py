"""Which variables stand free outside all expectations of a relation."""

from __future__ import annotations

from derivcheck.terms.term import (
    Covariance,
    Density,
    Divergence,
    Expectation,
    Fold,
    Integral,
    Symbol,
    SymbolRange,
    Term,
)


def free_outside(*sides: Term) -> frozenset[Term]:
    """Symbols and runs that stand outside expectations and integrals."""
    return frozenset[Term]().union(*(_free(s) for s in sides))


def _free(t: Term) -> frozenset[Term]:
    match t:
        case Symbol() | SymbolRange():
            return frozenset({t})
        case Expectation(_, _, law, given) | Covariance(_, _, _, law, given):
            conditions = (*given, *(law.given if isinstance(law, Density) else ()))
            return frozenset[Term]().union(*(_free(c) for c in conditions))
        case Integral(over, body):
            return _free(body) - set(over)
        case Divergence(_, p, q):
            bound = set(p.event) if isinstance(p, Density) else set[Term]()
            return frozenset[Term]().union(*(_free(c) for c in (p, q) if c is not None)) - bound
        case Fold(_, index, lower, upper, body):
            return (_free(body) - {Symbol(index)}) | _free(lower) | _free(upper)
        case _:
            return frozenset[Term]().union(*(_free(c) for c in t.children))
