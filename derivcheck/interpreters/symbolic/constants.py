r"""Relations up to a constant, and up to a factor: the difference must not depend on what the constant may not.

Main definitions: `up_to_constant`, `up_to_factor`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.laws._free import free
from derivcheck.laws._structure import ZERO
from derivcheck.terms.substitute import rebuild, subterms
from derivcheck.terms.term import Add, Call, Density, FamilyDensity, Negate, Symbol, Term, Unknown

if TYPE_CHECKING:
    from derivcheck.interpreters.symbolic.engine import Engine


def unknowns(*terms: Term) -> tuple[Unknown, ...]:
    """The open constants of a relation."""
    return tuple(x for t in terms for _, x in subterms(t) if isinstance(x, Unknown))


def up_to_constant(left: Term, right: Term, engine: Engine) -> Term | None:
    """The difference without its open constants, if they may be what it is; None if not known."""
    for side in (left, right):
        if any(unknowns(s) and not _lone(s) for s in _summands(side)):
            return None  # an open constant inside something
    open_ones = unknowns(left, right)
    difference = Add((_without(left), Negate(_without(right))))
    kept = engine.normal(difference)
    if any(u.only_of is not None for u in open_ones):
        allowed = {x for u in open_ones for x in (u.only_of or ())}
        if len(open_ones) != 1 or not _only_of(kept, allowed, engine):
            return None
        return difference
    names = engine.signature.constant_free_of
    if not names or any(_named(kept, n, engine) for n in names):
        return None
    return difference


def up_to_factor(left: Term, right: Term, engine: Engine) -> Term | None:
    """The difference of the logarithms, if it is free of the variables in which the proportionality is meant."""
    if not (engine.positive(left) and engine.positive(right)):
        return None
    variables = engine.signature.proportional_in or _own(left) or _own(right)
    difference = Add((Call("log", (left,)), Negate(Call("log", (right,)))))
    kept = engine.normal(difference)
    if not variables or any(_meets(kept, v, engine) for v in variables):
        return None
    return difference


def _own(t: Term) -> tuple[Term, ...]:
    if isinstance(t, Density):
        return t.event
    return (t.point,) if isinstance(t, FamilyDensity) and t.point is not None else ()


def _meets(t: Term, v: Term | str, engine: Engine) -> bool:
    return _named(t, v, engine) if isinstance(v, str) else engine.depends(t, v)


def _named(t: Term, name: str, engine: Engine) -> bool:
    """Whether a term may change with what a convention names: a parameter, a function, a variable such as x_0."""
    from derivcheck.notation import Unreadable, read

    try:
        symbol = read(name, engine.signature)
    except Unreadable:
        return True
    return engine.depends(t, symbol) if isinstance(symbol, Symbol | Call | Density) else True


def _only_of(t: Term, allowed: set[Term], engine: Engine) -> bool:
    """Whether the variables of a term are among those that the constant may depend on."""
    declared = engine.signature.symbols
    return all(
        x in allowed or not isinstance(x, Symbol) or (x.name in declared and declared[x.name].role in ("sequence", "index", "dimension", "parameter"))
        for x in free(t)
        if not isinstance(x, str)
    )


def _summands(t: Term) -> tuple[Term, ...]:
    return t.terms if isinstance(t, Add) else (t,)


def _lone(t: Term) -> bool:
    """Whether an open constant stands alone, but for its sign."""
    return isinstance(t, Unknown) or (isinstance(t, Negate) and isinstance(t.body, Unknown))


def _without(t: Term) -> Term:
    """A side with its open constants put to 0."""
    return ZERO if isinstance(t, Unknown) else rebuild(t, _without)
