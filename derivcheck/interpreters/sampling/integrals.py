r"""∫ q(z|x) f(z) dz as E_q[f], where the integrand has such a factor.

Main definitions: `averaged`.
"""

from __future__ import annotations

from fractions import Fraction

from derivcheck.interpreters.sampling.free import named
from derivcheck.terms.term import (
    Add,
    Density,
    Divide,
    Expectation,
    FamilyDensity,
    Multiply,
    Negate,
    Number,
    Symbol,
    Term,
)

ONE = Number(Fraction(1))


def averaged(over: tuple[Term, ...], body: Term) -> list[Term]:
    """The integrand summand by summand: an expectation where a factor is a density of all that is integrated, else as it is."""
    return [_average(over, sign, factors, below) or _product(sign, factors, below) for sign, factors, below in _summands(body)]


def _summands(t: Term) -> list[tuple[int, list[Term], list[Term]]]:
    """Sign, factors and divisors of every summand; a product with a sum is multiplied out once."""
    match t:
        case Add(terms):
            return [s for x in terms for s in _summands(x)]
        case Negate(body):
            return [(-sign, f, d) for sign, f, d in _summands(body)]
        case Divide(numerator, denominator):
            return [(sign, f, [*d, denominator]) for sign, f, d in _summands(numerator)]
        case Multiply(factors):
            out: list[tuple[int, list[Term], list[Term]]] = [(1, [], [])]
            for x in factors:
                parts = [(1, [x], list[Term]())] if isinstance(x, Add) else _summands(x)
                out = [(s * s2, [*f, *f2], [*d, *d2]) for s, f, d in out for s2, f2, d2 in parts]
            return out
        case _:
            return [(1, [t], [])]


def _product(sign: int, factors: list[Term], below: list[Term]) -> Term:
    top: Term = ONE if not factors else factors[0] if len(factors) == 1 else Multiply(tuple(factors))
    if below:
        top = Divide(top, below[0] if len(below) == 1 else Multiply(tuple(below)))
    return Negate(top) if sign < 0 else top


def _average(over: tuple[Term, ...], sign: int, factors: list[Term], below: list[Term]) -> Expectation | None:
    wanted = named(over)
    for i, f in enumerate(factors):
        event: tuple[Term, ...] = ()
        if isinstance(f, Density):
            event = f.event
        elif isinstance(f, FamilyDensity) and isinstance(f.point, Symbol):
            event = (f.point,)
        if event and named(event) == wanted and not (isinstance(f, Density) and wanted & named(f.given)):
            assert isinstance(f, Density | FamilyDensity)
            return Expectation(_product(sign, factors[:i] + factors[i + 1 :], below), over, f)
    return None
