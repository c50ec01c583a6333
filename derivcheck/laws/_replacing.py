"""Free symbols replaced by terms, without capture.

Main definitions: `replaced`.
"""

from __future__ import annotations

from collections.abc import Mapping

from derivcheck.terms.substitute import rebuild
from derivcheck.terms.term import (
    Covariance,
    Density,
    Derivative,
    Divergence,
    Expectation,
    Fold,
    Integral,
    Moment,
    Optimum,
    Symbol,
    Term,
)


class _Captured(Exception):
    """A replacement would change its meaning, or that of what is around it."""


def replaced(t: Term, values: Mapping[Symbol, Term]) -> Term | None:
    """t with free symbols replaced, all at once; None if a binder below catches a name or may bind a symbol."""
    changed = frozenset(v.name for v in values)
    new = frozenset[str]().union(*(v.names for v in values.values()))

    def go(node: Term) -> Term:
        if isinstance(node, Symbol) and node in values:
            return values[node]
        if not changed & node.names:
            return node
        match node:
            case Fold(kind, index, lower, upper, body) if Symbol(index) in values:
                rest = replaced(body, {v: x for v, x in values.items() if v != Symbol(index)})
                if rest is None or index in new:
                    raise _Captured
                return Fold(kind, index, go(lower), go(upper), rest)
            case Fold(_, index, _, _, _) if index in changed | new:
                raise _Captured
            case Integral(over, _) if any(_names(o) & (changed | new) for o in over):
                raise _Captured
            case Expectation() | Covariance() | Optimum() | Divergence() | Moment():
                raise _Captured  # what they bind is not always written
            case Derivative(wrt=wrt) if (changed | new) & wrt.names:
                raise _Captured
            case Density(event=event) if not event:
                raise _Captured  # a bare name stands for the density at its variables
            case _:
                return rebuild(node, go)

    try:
        return go(t)
    except _Captured:
        return None


def _names(o: Term) -> frozenset[str]:
    return frozenset({getattr(o, "name", "")})
