"""Covariances taken apart, dimensions as terms.

Main definitions: `variance_of`, `size_of`, `affine`.
"""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context
from derivcheck.laws._structure import ONE, ZERO, Product, add, product_of, summands
from derivcheck.terms.term import Add, Identity, Negate, Number, Symbol, Term


def variance_of(covariance: Term, context: Context) -> Term | None:
    """v of a covariance v I, or of a number v; None for another matrix."""
    covariance = context.normal(covariance)
    if context.shape(covariance) == ():
        return covariance
    parts: list[Term] = []
    for s in summands(covariance):
        p = product_of(s, context)
        if len(p.letters) != 1 or not isinstance(p.letters[0], Identity):
            return None
        parts.append(Product(p.scalars).term)
    return add(parts)


def size_of(t: Term, context: Context) -> Term | None:
    """The number of coordinates of a scalar or column, as a term."""
    shape = context.shape(t)
    if shape is None or len(shape) > 1:
        return None
    if not shape:
        return ONE
    if shape[0].isdigit():
        return Number(Fraction(int(shape[0])))
    declared = context.signature.symbols.get(shape[0])
    return Symbol(shape[0]) if declared is not None and declared.role == "dimension" else None


def affine(t: Term, v: Term, context: Context) -> tuple[Term, Term] | None:
    """k and b with t = k v + b, k a number, neither of them with v; None if t is not of this form."""
    slope: list[Term] = []
    rest: list[Term] = []
    for s in summands(context.normal(t)):
        if not context.depends(s, v):
            rest.append(s)
            continue
        p = product_of(s, context)
        scalars = [(b, e) for b, e in p.scalars if context.depends(b, v)]
        letters = [x for x in p.letters if context.depends(x, v)]
        if not scalars and letters == [v] and len(p.letters) == 1:
            slope.append(Product(p.scalars).term)
        elif not letters and scalars == [(v, Fraction(1))] and not p.letters:
            slope.append(Product(tuple(x for x in p.scalars if x[0] != v)).term)
        else:
            return None
    return add(slope), add(rest)


def minus(a: Term, b: Term) -> Term:
    """a - b; a zero mean is the number 0 in any dimension."""
    return a if b == ZERO else Add((a, Negate(b)))
