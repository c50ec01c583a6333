"""Means of monomials under a normal law (Isserlis, Wick): the mean in place of the variable, and contractions.

Main definitions: `mean_of`.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb

from derivcheck.laws._law import Context
from derivcheck.laws._structure import ONE, ZERO, Product, add, multiply
from derivcheck.laws.gaussians._closed_forms import Gaussian
from derivcheck.laws.gaussians._isotropic import size_of
from derivcheck.terms.instance import instance
from derivcheck.terms.term import Call, Multiply, Number, Power, Symbol, Term, Transpose

HIGHEST = 6  # powers of a number


def mean_of(p: Product, v: Symbol, law: Gaussian, context: Context) -> Term | None:
    """The mean of a monomial that mentions v; None if it is no monomial in v, or of too high a degree."""
    if context.shape(v) == ():
        return _of_power(p, v, law, context)
    with_v = [(b, e) for b, e in p.scalars if context.depends(b, v)]
    letters = [x for x in p.letters if context.depends(x, v)]
    if any(x not in (v, Transpose(v)) for x in letters):
        return None
    degree = len(letters)
    for b, e in with_v:
        n = _occurrences(b, v, context)
        if not n or e.denominator != 1 or e < 1:
            return None
        degree += n * int(e)
    if degree > 2:
        return None
    parts: list[Term] = []
    if law.mean != ZERO:
        parts.append(instance(p.term, {v: law.mean}))
    if degree == 2:
        rest = tuple(s for s in p.scalars if s not in with_v)
        contracted = _contracted(with_v, p.letters, v, law, context)
        if contracted is None:
            return None
        parts.append(multiply([Product(rest).term, contracted]))
    return add(parts)


def _of_power(p: Product, v: Symbol, law: Gaussian, context: Context) -> Term | None:
    """E[v^k] = Σ_j C(k, 2j) (2j - 1)!! s^j m^(k - 2j)."""
    powers = [e for b, e in p.scalars if b == v]
    rest = Product(tuple(s for s in p.scalars if s[0] != v), p.letters)
    if len(powers) != 1 or law.variance is None or context.depends(rest.term, v):
        return None
    if powers[0].denominator != 1 or not 1 <= powers[0] <= HIGHEST:
        return None
    k = int(powers[0])
    parts: list[Term] = []
    odd = 1
    for j in range(k // 2 + 1):
        if j:
            odd *= 2 * j - 1
        left = k - 2 * j
        if left and law.mean == ZERO:
            continue
        factors: list[Term] = [Number(Fraction(comb(k, 2 * j) * odd))]
        factors += [Power(law.variance, Number(Fraction(j)))] if j else []
        factors += [Power(law.mean, Number(Fraction(left)))] if left else []
        parts.append(multiply(factors))
    return multiply([rest.term, add(parts)])


def _word(b: Term) -> tuple[Term, ...]:
    return b.factors if isinstance(b, Multiply) else (b,)


def _occurrences(b: Term, v: Symbol, context: Context) -> int:
    """How often v ends a product that closes to a number; 0 if it stands elsewhere in it."""
    word = _word(b)
    if len(word) < 2 or any(context.depends(x, v) for x in word[1:-1]):
        return 0
    ends = [word[0] == Transpose(v), word[-1] == v]
    if any(context.depends(x, v) and not at for x, at in zip((word[0], word[-1]), ends, strict=True)):
        return 0
    return sum(ends)


def _contracted(with_v: list[tuple[Term, Fraction]], letters: tuple[Term, ...], v: Symbol, law: Gaussian, context: Context) -> Term | None:
    """A product of two occurrences of v with the covariance in their place."""
    between = [law.variance] if law.variance is not None else []
    matrix = [] if law.variance is not None else [law.covariance]
    columns: list[Term] = []
    for b, e in with_v:
        word = _word(b)
        if _occurrences(b, v, context) == 2:
            inner = [*word[1:-1], *matrix]
            size = size_of(v, context)
            if not inner and size is None:
                return None
            return multiply([*between, Call("tr", (multiply(inner),)) if inner else size or ONE])
        columns += [multiply(list(word[1:])) if word[0] == Transpose(v) else Transpose(multiply(list(word[:-1])))] * int(e)
    if len(columns) == 2:
        return multiply([*between, multiply([Transpose(columns[0]), *matrix, columns[1]]), *letters])
    places = [i for i, x in enumerate(letters) if x in (v, Transpose(v))]
    if len(columns) == 1 and len(places) == 1:
        i = places[0]
        new = [*matrix, columns[0]] if letters[i] == v else [Transpose(columns[0]), *matrix]
        return multiply([*between, multiply([*letters[:i], *new, *letters[i + 1 :]])])
    if len(places) == 2 and places[1] == places[0] + 1 and letters[places[0]] == v and letters[places[1]] == Transpose(v):
        i = places[0]
        return multiply([*letters[:i], law.covariance, *letters[i + 2 :]])
    return None
