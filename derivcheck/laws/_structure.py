"""A normal form taken apart: summands, scalar factors with exponents, letters in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import final

from derivcheck.laws._law import Context
from derivcheck.terms.term import Add, Call, Divide, Multiply, Negate, Number, Power, Term

ONE = Number(Fraction(1))
ZERO = Number(Fraction(0))
MINUS_ONE = Number(Fraction(-1))
ONCE = Fraction(1)


def summands(t: Term) -> tuple[Term, ...]:
    """The terms of a sum, or the term alone."""
    return t.terms if isinstance(t, Add) else (t,)


def add(terms: list[Term]) -> Term:
    """The sum of terms."""
    if not terms:
        return ZERO
    return terms[0] if len(terms) == 1 else Add(tuple(terms))


def multiply(factors: list[Term]) -> Term:
    """The product of factors."""
    kept = [f for f in factors if f != ONE]
    if not kept:
        return ONE
    return kept[0] if len(kept) == 1 else Multiply(tuple(kept))


@final
@dataclass(frozen=True)
class Product:
    """A summand: scalar factors (base, exponent), then matrices in order."""

    scalars: tuple[tuple[Term, Fraction], ...]
    letters: tuple[Term, ...] = ()

    @property
    def term(self) -> Term:
        """The product as a term."""
        return multiply([_powered(b, e) for b, e in self.scalars] + list(self.letters))

    def split(self, stays: Callable[[Term], bool]) -> tuple[Product, Product, Product]:
        """What may leave to the left, what stays inside, what may leave to the right."""
        out = tuple(s for s in self.scalars if not stays(s[0]))
        inside = tuple(s for s in self.scalars if stays(s[0]))
        first = next((i for i, x in enumerate(self.letters) if stays(x)), None)
        if first is None:
            if inside:
                return Product(out), Product(inside), Product((), self.letters)
            return Product(out, self.letters), Product(()), Product(())
        last = max(i for i, x in enumerate(self.letters) if stays(x))
        return Product(out, self.letters[:first]), Product(inside, self.letters[first : last + 1]), Product((), self.letters[last + 1 :])


def product_of(t: Term, context: Context) -> Product:
    """A summand in normal form as scalars and letters."""
    found = context.products.get(t)
    if found is None:
        found = context.products[t] = _taken_apart(t, context)
    return found


def _taken_apart(t: Term, context: Context) -> Product:
    scalars: list[tuple[Term, Fraction]] = []
    letters: list[Term] = []
    _gather(t, ONCE, scalars, letters, context)
    return Product(tuple(scalars), tuple(letters))


def one_product(t: Term, context: Context) -> Product | None:
    """A term's normal form as scalars and letters; None if it is a sum."""
    whole = context.normal(t)
    return None if isinstance(whole, Add) else product_of(whole, context)


def _gather(t: Term, e: Fraction, scalars: list[tuple[Term, Fraction]], letters: list[Term], context: Context) -> None:
    match t:
        case Negate(body):
            scalars.append((MINUS_ONE, ONCE))
            _gather(body, e, scalars, letters, context)
        case Multiply(factors) if context.shape(t) != () or all(context.shape(f) == () for f in factors):
            for f in factors:
                _gather(f, e, scalars, letters, context)
        case Divide(above, below):
            _gather(above, e, scalars, letters, context)
            _gather(below, -e, scalars, letters, context)
        case Power(base, Number(value)) if context.shape(t) == ():
            scalars.append((base, e * value))
        case Call("sqrt", (body,)):
            scalars.append((body, e / 2))
        case _:
            if t == ONE:
                return
            if context.shape(t) == ():
                scalars.append((t, e))
            else:
                letters.append(t)


def _powered(base: Term, e: Fraction) -> Term:
    return base if e == 1 else Power(base, Number(e))
