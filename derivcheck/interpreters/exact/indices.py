"""Index terms as integers: `t-1`, `T`, `k` in a world where `t`, `T`, `k` have values."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from derivcheck.interpreters.exact.values import CannotEvaluate
from derivcheck.terms.term import Add, Multiply, Negate, Number, Symbol, Term


def integer(t: Term, values: Mapping[str, int]) -> int:
    """The integer that an index term is worth; raises CannotEvaluate if it has none."""
    if isinstance(t, Symbol) and not t.index:
        found = values.get(t.name)
        if found is not None:
            return found
    value = _rational(t, values)
    if value.denominator != 1:
        raise CannotEvaluate(f"the index {value} is not an integer")
    return int(value)


def _rational(t: Term, values: Mapping[str, int]) -> Fraction | int:
    """The value of an index term; an int where it is one, which adds faster than a fraction."""
    match t:
        case Number(value):
            return value.numerator if value.denominator == 1 else value
        case Symbol(name, ()):
            if name not in values:
                raise CannotEvaluate(f"the index {name} has no range")
            return values[name]
        case Add(terms):
            return sum(_rational(x, values) for x in terms)
        case Negate(body):
            return -_rational(body, values)
        case Multiply(factors):
            out: Fraction | int = 1
            for x in factors:
                out *= _rational(x, values)
            return out
        case _:
            raise CannotEvaluate(f"{type(t).__name__} is not an index")


def is_label(t: Term, values: Mapping[str, int]) -> bool:
    """Whether an index term is a mere label (a symbol without an integer)."""
    return isinstance(t, Symbol) and not t.index and t.name not in values


def matched(pattern: tuple[Term, ...], given: tuple[Term, ...], values: Mapping[str, int], fixed: Mapping[str, int]) -> dict[str, int] | None:
    """The values of the pattern's free indices that make it equal `given`, or None.

    fixed: indices that a pattern takes as constants (`T`), not as its own variables.
    """
    if len(pattern) != len(given):
        return None
    bound: dict[str, int] = {}
    for p, g in zip(pattern, given, strict=True):
        if p == g and not (p.names - set(fixed)):
            continue
        if is_label(g, values):
            if p == g:
                continue
            return None
        value = integer(g, values)
        free = p.names - set(fixed)
        if not free:
            try:
                if integer(p, fixed) != value:
                    return None
            except CannotEvaluate:
                return None
            continue
        if len(free) != 1:
            return None
        (name,) = free
        try:
            at_0, at_1 = (integer(p, {**fixed, name: k}) for k in (0, 1))
        except CannotEvaluate:
            return None
        slope = at_1 - at_0
        if slope == 0 or (value - at_0) % slope:
            return None
        solved = (value - at_0) // slope
        if bound.setdefault(name, solved) != solved:
            return None
    return bound
