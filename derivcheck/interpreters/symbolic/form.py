r"""Polynomials whose monomials are commuting scalars times a word of matrices.

Main definitions: `Form`, `Letter`, `Monomial`, `Word`.

A form is Σ c · a_1^{e_1} ⋯ a_k^{e_k} · L_1 L_2 ⋯ L_n: rational c and e, scalar atoms a (terms), and letters L
(columns, rows, matrices). A product of letters that closes to a number is an atom itself (`x^T A y`, read from
the smaller end), so scalars have the empty word alone; of a matrix the empty word is the identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple, final

from derivcheck.interpreters.symbolic.order import order
from derivcheck.terms.term import Multiply, Number, Power, Term, Transpose

Monomial = tuple[tuple[Term, Fraction], ...]
Shape = tuple[str, str]
SCALAR: Shape = ("1", "1")
ONE = Fraction(1)
MINUS_ONE = Number(Fraction(-1))


class Letter(NamedTuple):
    """A matrix, column or row in a word; rows and columns are those of the letter as it stands."""

    base: Term
    transposed: bool
    rows: str
    columns: str
    symmetric: bool = False

    @property
    def flipped(self) -> Letter:
        """Its transpose."""
        return self if self.symmetric else Letter(self.base, not self.transposed, self.columns, self.rows)

    @property
    def inverse(self) -> Letter:
        """Its inverse."""
        if isinstance(self.base, Power) and self.base.exponent == MINUS_ONE:
            return Letter(self.base.base, self.transposed, self.columns, self.rows, self.symmetric)
        return Letter(Power(self.base, MINUS_ONE), self.transposed, self.columns, self.rows, self.symmetric)

    @property
    def term(self) -> Term:
        """The letter as a term."""
        return Transpose(self.base) if self.transposed else self.base


Word = tuple[Letter, ...]
Key = tuple[Monomial, Word]


class Unfit(Exception):
    """The term has no form: shapes that are not known or do not fit."""


@final
@dataclass(frozen=True)
class Form:
    """A polynomial of one shape (SCALAR: a number)."""

    terms: Mapping[Key, Fraction]
    shape: Shape = SCALAR

    @cached_property
    def _hash(self) -> int:
        return hash((frozenset(self.terms.items()), self.shape))

    def __hash__(self) -> int:
        return self._hash

    @property
    def scalar(self) -> bool:
        """Whether it is a number."""
        return self.shape == SCALAR

    @property
    def zero(self) -> bool:
        """Whether it is the number or matrix 0, as it stands."""
        return not self.terms

    def __add__(self, other: Form) -> Form:
        if self.zero or other.zero:
            return other if self.zero else self
        found = dict(self.terms)
        for key, c in other.terms.items():
            _gather(found, key, c)
        return Form(found, _same_shape(self.shape, other.shape))

    def scaled(self, c: Fraction) -> Form:
        """c times the form."""
        return Form({k: c * v for k, v in self.terms.items()}, self.shape) if c else Form({}, self.shape)

    def __neg__(self) -> Form:
        return Form({k: -v for k, v in self.terms.items()}, self.shape)

    def __sub__(self, other: Form) -> Form:
        return self + -other

    def __mul__(self, other: Form) -> Form:
        """The product by the rules of matrices; column by column is their inner product."""
        left = self
        if SCALAR not in (self.shape, other.shape) and self.shape[1] == "1" and other.shape[1] == "1" and same(self.shape[0], other.shape[0]):
            left = self.transpose()
        shape = _product_shape(left.shape, other.shape)
        found: dict[Key, Fraction] = {}
        for (m, w), c in left.terms.items():
            for (n, v), e in other.terms.items():
                monomial = times(m, n)
                key = closed(monomial, joined(w, v)) if w or v else (monomial, ())
                _gather(found, key, c if e == 1 else e if c == 1 else c * e)
        return Form(found, shape)

    def transpose(self) -> Form:
        """The transpose."""
        found: dict[Key, Fraction] = {}
        for (m, w), c in self.terms.items():
            _gather(found, (m, reverse(w)), c)
        return Form(found, (self.shape[1], self.shape[0]))

    @property
    def monomial(self) -> tuple[Fraction, Monomial] | None:
        """Coefficient and monomial of a scalar with one term, else None."""
        if len(self.terms) != 1 or not self.scalar:
            return None
        ((m, _), c) = next(iter(self.terms.items()))
        return c, m

    @property
    def constant(self) -> Fraction | None:
        """The rational number that a scalar is, or None."""
        if self.zero:
            return Fraction(0)
        found = self.monomial
        return found[0] if found is not None and not found[1] else None


def _gather(found: dict[Key, Fraction], key: Key, c: Fraction) -> None:
    """Add a coefficient to what a key has; none stays without."""
    old = found.get(key)
    if old is None:
        found[key] = c
    elif new := old + c:
        found[key] = new
    else:
        del found[key]


def number(c: Fraction | int) -> Form:
    """A rational number."""
    return Form({((), ()): Fraction(c)} if c else {})


def scalar(atom: Term, exponent: Fraction = ONE) -> Form:
    """One scalar atom to a power."""
    return Form({(((atom, exponent),), ()): ONE})


def matrix(letter: Letter) -> Form:
    """One letter."""
    return Form({((), (letter,)): ONE}, (letter.rows, letter.columns))


def power(base: Form, exponent: Fraction) -> Form | None:
    """A monomial to a rational power (all its atoms must allow it), any scalar to a small natural one; else None."""
    one = base.monomial
    if exponent.denominator == 1 and 0 <= exponent <= 12:
        made = number(1)
        for _ in range(int(exponent)):
            made = made * base
        return made
    if one is None:
        return None
    c, m = one
    if exponent.denominator != 1:
        root = _root(c, exponent)
        if root is None:
            return None
        return Form({(tuple((a, e * exponent) for a, e in m), ()): root})
    return Form({(tuple((a, e * exponent) for a, e in m), ()): c**int(exponent)})


def _root(c: Fraction, exponent: Fraction) -> Fraction | None:
    """c to a half-integer power, where that is rational."""
    if exponent.denominator != 2 or c <= 0:
        return None
    above, below = _square_root(c.numerator), _square_root(c.denominator)
    return None if above is None or below is None else Fraction(above, below) ** exponent.numerator


def _square_root(n: int) -> int | None:
    from math import isqrt

    r = isqrt(n)
    return r if r * r == n else None


def times(a: Monomial, b: Monomial) -> Monomial:
    """The product of two monomials."""
    if not a or not b:
        return a or b
    found = dict(a)
    for atom, e in b:
        old = found.get(atom)
        if old is None:
            found[atom] = e
        elif new := old + e:
            found[atom] = new
        else:
            del found[atom]
    return tuple(sorted(found.items(), key=_place))


def _place(power: tuple[Term, Fraction]) -> tuple[object, ...]:
    return order(power[0])


def joined(a: Word, b: Word) -> Word:
    """Two words side by side; a letter beside its inverse goes."""
    while a and b and a[-1].rows == a[-1].columns != "1" and a[-1].inverse == b[0]:
        a, b = a[:-1], b[1:]
    return (*a, *b)


def reverse(word: Word) -> Word:
    """The transpose of a word."""
    return tuple(letter.flipped for letter in reversed(word))


def closed(monomial: Monomial, word: Word) -> Key:
    """A key with the numbers that stand inside a word moved among its scalars."""
    start = None
    for i, letter in enumerate(word):
        if letter.rows == "1":
            start = i
        if letter.columns == "1" and start is not None:
            inner = word[start : i + 1]
            return closed(times(monomial, ((inner_product(inner), ONE),)), (*word[:start], *word[i + 1 :]))
    return monomial, word


def inner_product(word: Word) -> Term:
    """A word from a row to a column as an atom, read from the smaller end."""
    chosen = min(word, reverse(word), key=lambda w: [(order(x.base), x.transposed) for x in (*w[1:-1], w[0], w[-1])])
    if len(chosen) == 1:
        return chosen[0].term
    return Multiply(tuple(x.term for x in chosen))


def same(a: str, b: str) -> bool:
    """Whether two dimensions may be one (`*` is any)."""
    return a == b or "*" in (a, b) or a.replace("_", "") == b.replace("_", "")


def _same_shape(a: Shape, b: Shape) -> Shape:
    if not (same(a[0], b[0]) and same(a[1], b[1])):
        raise Unfit(f"a sum of shapes {a} and {b}")
    return (b[0] if a[0] == "*" else a[0], b[1] if a[1] == "*" else a[1])


def _product_shape(a: Shape, b: Shape) -> Shape:
    if SCALAR in (a, b):
        return b if a == SCALAR else a
    if not same(a[1], b[0]):
        raise Unfit(f"a product of shapes {a} and {b}")
    return (a[0], b[1])


def total(forms: Iterable[Form]) -> Form:
    """The sum of forms."""
    made = Form({})
    for f in forms:
        made = made + f
    return made
