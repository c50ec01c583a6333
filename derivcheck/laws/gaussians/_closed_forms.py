"""Which conditional densities are normal, and with which mean and covariance.

Main definitions: `gaussian_of`. A density is normal by a declaration; along a chain of normal kernels
x_s = k_s x_{s-1} + noise; or as a product of kernels whose exponents add up to a quadratic with a positive
coefficient (`gaussian_in`: completing the square).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import final

from derivcheck.laws._law import Context
from derivcheck.laws._structure import ONE, ZERO, add, multiply
from derivcheck.laws.gaussians._isotropic import affine, minus, variance_of
from derivcheck.laws.probability._joint import kernels
from derivcheck.terms.instance import instance
from derivcheck.terms.signature import FamilyDeclaration
from derivcheck.terms.term import (
    Add,
    Call,
    Density,
    Divide,
    FamilyDensity,
    Fold,
    Identity,
    Multiply,
    Negate,
    Number,
    Power,
    Symbol,
    Term,
)

STEPS = 4  # steps of a chain that are composed one by one
TWO = Number(Fraction(2))


@final
@dataclass(frozen=True)
class Gaussian:
    """A normal law of a variable: its mean, its covariance, and the variance of a coordinate if that is all."""

    mean: Term
    covariance: Term
    variance: Term | None


def gaussian_of(d: Term, context: Context) -> Gaussian | None:
    """The normal density that a density of one variable is, if it is known to be one."""
    if isinstance(d, FamilyDensity):
        return _of_family(d, context)
    if not isinstance(d, Density) or len(d.event) != 1 or d.index:
        return None
    with context.inside(d):
        return _declared(d, context) or _of_chain(d, context)


def posterior(d: Density, context: Context) -> Gaussian | None:
    """As `gaussian_of`, and by Bayes' rule from normal kernels."""
    found = gaussian_of(d, context)
    if found is not None or len(d.event) != 1:
        return found
    quotient = kernels(d, context)
    if quotient is None or not isinstance(d.event[0], Symbol):
        return None
    one = Fraction(1)
    with context.inside(d):
        return gaussian_in(d.event[0], [*((k, one) for k in quotient.above), *((k, -one) for k in quotient.below)], context)


def gaussian_in(v: Symbol, factors: list[tuple[Term, Fraction]], context: Context) -> Gaussian | None:
    """The normal density in v that a product of powers of normal densities is, up to what is free of v."""
    held = [(f, e) for f, e in factors if context.depends(f, v)]
    found = [(f, e, gaussian_of(f, context)) for f, e in held]
    if not held or any(g is None for _, _, g in found):
        return None
    if len(found) == 1:
        f, e, g = found[0]
        if e == 1 and _point(f) == v and g is not None and not context.depends(g.mean, v) and not context.depends(g.covariance, v):
            return g
    weights: list[Term] = []
    pulls: list[Term] = []
    for f, e, g in found:
        assert g is not None
        point = _point(f)
        if g.variance is None or point is None or context.depends(g.variance, v):
            return None
        line = affine(minus(point, g.mean), v, context)
        if line is None:
            return None
        k, b = line
        weights.append(Divide(multiply([Number(e), Power(k, TWO)]), g.variance))
        if b != ZERO:
            pulls.append(Negate(multiply([Divide(multiply([Number(e), k]), g.variance), b])))
    precision = context.normal(add(weights))
    if not context.met(context.positive(precision)):
        return None
    variance = context.normal(Divide(ONE, precision))
    mean = context.normal(Multiply((variance, add(pulls)))) if pulls else ZERO
    return _isotropic(v, mean, variance, context)


def _point(f: Term) -> Term | None:
    if isinstance(f, FamilyDensity):
        return f.point
    return f.event[0] if isinstance(f, Density) and len(f.event) == 1 else None


def _isotropic(v: Term, mean: Term, variance: Term, context: Context) -> Gaussian | None:
    shape = context.shape(v)
    if shape is None or len(shape) > 1:
        return None
    return Gaussian(mean, context.normal(Multiply((variance, Identity(shape[0])))) if shape else variance, variance)


def _of_family(d: FamilyDensity, context: Context) -> Gaussian | None:
    if d.family != "gaussian" or len(d.parameters) != 2 or d.point is None:
        return None
    mean, covariance = (context.normal(p) for p in d.parameters)
    shape = context.shape(d.point)
    if shape is None or len(shape) > 1:
        return None
    own = context.shape(mean)
    if mean != ZERO and own != shape:
        return None
    variance = variance_of(covariance, context)
    if variance is not None:
        if shape and context.shape(covariance) == ():
            return None  # a number is no covariance of a column
        return _isotropic(d.point, mean, variance, context)
    return Gaussian(mean, covariance, None) if context.shape(covariance) == (*shape, *shape) and shape else None


# --- declared families ----------------------------------------------------------------------------


def _declared(d: Density, context: Context) -> Gaussian | None:
    candidates = [f for f in context.signature.families if f.density.name == d.name and len(f.density.event) == 1 and len(f.density.given) == len(d.given)]
    for f in sorted(candidates, key=lambda f: len(_letters(f))):
        values = _matched(f, d, context)
        if values is None:
            return None  # it may or may not be this one
        if values is False:
            continue
        terms = values if isinstance(values, dict) else {}
        family = instance(FamilyDensity(f.family.family, f.family.parameters, f.density.event[0]), terms)
        if not isinstance(family, FamilyDensity):
            return None
        return _of_family(FamilyDensity(family.family, family.parameters, d.event[0]), context)
    return None


def _letters(f: FamilyDeclaration) -> set[str]:
    return {n for p in (*f.density.event, *f.density.given) for i in getattr(p, "index", ()) for n in i.names} - {"T"}


def _matched(f: FamilyDeclaration, d: Density, context: Context) -> dict[Symbol, Term] | bool | None:
    """What a declaration's letters stand for in a use; False if it is not about it, None if that is not known."""
    found: dict[Symbol, Term] = {}
    letters = _letters(f)
    for pattern, actual in zip((*f.density.event, *f.density.given), (*d.event, *d.given), strict=True):
        if not isinstance(pattern, Symbol):
            return None
        if not pattern.index:
            if context.shape(pattern) != context.shape(actual):
                return None
            if found.setdefault(pattern, actual) != actual:
                return None
            continue
        if not isinstance(actual, Symbol) or actual.name != pattern.name or len(actual.index) != len(pattern.index):
            return None
        for p, a in zip(pattern.index, actual.index, strict=True):
            inside = sorted(p.names & letters)
            if not inside:
                same = context.coincide((p,), (a,))
                if same is not True:
                    return same
                continue
            letter = Symbol(inside[0])
            offset = context.normal(minus(p, letter))
            if letter.name in offset.names:
                return None
            value = context.normal(Add((a, Negate(offset))))
            if found.setdefault(letter, value) != value:
                return False
    return found


# --- chains ---------------------------------------------------------------------------------------


def _of_chain(d: Density, context: Context) -> Gaussian | None:
    """q(x_b|x_a) along normal kernels q(x_s|x_{s-1}) with mean k_s x_{s-1} and variance c_s."""
    declared = context.signature.densities.get(d.name)
    if declared is None or len(d.given) != 1:
        return None
    x, start = d.event[0], d.given[0]
    if not isinstance(x, Symbol) or not isinstance(start, Symbol) or x.name != start.name or len(x.index) != 1 or len(start.index) != 1:
        return None
    if not any(f.index is not None and _forward(f.event, f.given, x.name, context) for f in declared.factors):
        return None
    b, a = x.index[0], start.index[0]
    first = context.normal(Add((a, ONE)))
    if not context.at_least(b, first):
        return None
    length = context.normal(Add((b, Negate(a))))
    if isinstance(length, Number) and length.value <= STEPS:
        return _composed(d.name, x, start, int(length.value), context)
    return _preserving(d.name, x, start, (first, b), context)


def _forward(event: tuple[Term, ...], given: tuple[Term, ...], name: str, context: Context) -> bool:
    match event, given:
        case (Symbol(e, (i,)),), (Symbol(g, (j,)),) if e == g == name:
            return context.normal(Add((i, Negate(j)))) == ONE
        case _:
            return False


def _step(name: str, x: str, s: Term, context: Context) -> tuple[Term, Term] | None:
    """k_s and c_s of one kernel."""
    before = Symbol(x, (context.normal(Add((s, Negate(ONE)))),))
    kernel = Density(name, (Symbol(x, (s,)),), (before,))
    with context.inside(kernel):
        g = _declared(kernel, context)
        line = None if g is None or g.variance is None else affine(g.mean, before, context)
    if line is None or line[1] != ZERO or g is None or g.variance is None or context.depends(g.variance, before):
        return None
    return line[0], g.variance


def _composed(name: str, x: Symbol, start: Symbol, length: int, context: Context) -> Gaussian | None:
    factor: Term = ONE
    variance: Term = ZERO
    for n in range(1, length + 1):
        step = _step(name, x.name, context.normal(Add((start.index[0], Number(Fraction(n))))), context)
        if step is None:
            return None
        k, c = step
        factor, variance = multiply([k, factor]), Add((multiply([Power(k, TWO), variance]), c))
    return _isotropic(x, context.normal(multiply([factor, start])), context.normal(variance), context)


def _preserving(name: str, x: Symbol, start: Symbol, bounds: tuple[Term, Term], context: Context) -> Gaussian | None:
    """Kernels with k_s² + c_s = 1 keep that: the mean is Π k_s x_a, the variance 1 - Π k_s²."""
    letter = next(n for n in ("s", "r", "u", "i") if n not in x.names | start.names)
    s = Symbol(letter)
    if any(not _letters(f) for f in context.signature.families if f.density.name == name and len(f.density.given) == 1):
        return None  # a step of its own law
    with context.inside(Fold("prod", letter, *bounds, ONE)):
        step = _step(name, x.name, s, context)
        if step is None:
            return None
        k, c = step
        square = context.normal(Power(k, TWO))
        if not context.met(context.positive(k) and context.normal(Add((square, c))) == ONE):
            return None
    kept = Fold("prod", letter, *bounds, square)
    mean = multiply([Call("sqrt", (kept,)), start])
    return _isotropic(x, context.normal(mean), context.normal(Add((ONE, Negate(kept)))), context)
