"""A form as a term, in the one order that makes equal forms equal terms."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from derivcheck.interpreters.symbolic.form import SCALAR, Form, Key, Monomial, Word
from derivcheck.interpreters.symbolic.order import order
from derivcheck.terms.term import Add, Call, Divide, Identity, Multiply, Negate, Number, Power, Term

_HALF = Fraction(1, 2)


@lru_cache(maxsize=10_000)
def term_of(f: Form) -> Term:
    """The canonical term of a form."""
    keys = list(f.terms) if len(f.terms) == 1 else sorted(f.terms, key=_place)
    parts = [_summand(f.terms[k], k[0], k[1], f.shape) for k in keys]
    if not parts:
        return Number(Fraction(0))
    return parts[0] if len(parts) == 1 else Add(tuple(parts))


def _place(key: Key) -> tuple[object, ...]:
    return len(key[1]), [(order(x.base), x.transposed) for x in key[1]], [(order(a), -e) for a, e in key[0]]


def _summand(c: Fraction, m: Monomial, w: Word, shape: tuple[str, str]) -> Term:
    above = [x for a, e in m if e > 0 for x in _powers(a, e)]
    below = [x for a, e in m if e < 0 for x in _powers(a, -e)]
    size = abs(c)
    if not m and not w and shape == SCALAR:
        return Negate(Number(size)) if c < 0 else Number(size)
    if size.numerator != 1:
        above.insert(0, Number(Fraction(size.numerator)))
    if size.denominator != 1:
        below.insert(0, Number(Fraction(size.denominator)))
    letters: list[Term] = [x.term for x in w]
    if not w and shape != SCALAR:
        letters = [Identity(None if shape[0] == "*" else shape[0])]
    if below:
        made = product([Divide(product(above), product(below)), *letters])
    else:
        made = product([*above, *letters])
    return Negate(made) if c < 0 else made


def product(factors: list[Term]) -> Term:
    """Factors as one term; none are 1."""
    if not factors:
        return Number(Fraction(1))
    return factors[0] if len(factors) == 1 else Multiply(tuple(factors))


def _powers(a: Term, e: Fraction) -> list[Term]:
    whole, rest = e.numerator // e.denominator, e - e.numerator // e.denominator
    made: list[Term] = []
    if whole:
        made.append(a if whole == 1 else Power(a, Number(Fraction(whole))))
    if rest == _HALF:
        made.append(Call("sqrt", (a,)))
    elif rest:
        made.append(Power(a, Number(rest)))
    return made
