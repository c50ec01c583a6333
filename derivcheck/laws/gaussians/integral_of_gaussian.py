r"""A normal density integrates to one, and one normal density through another is normal."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import ZERO, Product, multiply, one_product
from derivcheck.laws.gaussians._closed_forms import Gaussian, gaussian_of
from derivcheck.laws.gaussians._isotropic import affine
from derivcheck.terms.term import (
    Add,
    Density,
    FamilyDensity,
    Identity,
    Integral,
    Number,
    Power,
    Symbol,
    Term,
)

TWO = Number(Fraction(2))


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Integral)
    with context.inside(t):
        body = one_product(t.body, context)
        if body is None:
            return None
        for v in t.over:
            if not isinstance(v, Symbol):
                continue
            found = _without(v, body, context)
            if found is not None:
                over = tuple(o for o in t.over if o != v)
                return Integral(over, found) if over else found
    return None


def _without(v: Symbol, body: Product, context: Context) -> Term | None:
    holding = [(f, e) for f, e in body.scalars if context.depends(f, v)]
    if any(context.depends(x, v) for x in body.letters) or any(e != 1 for _, e in holding):
        return None
    if not any(isinstance(f, FamilyDensity) for f, _ in holding):
        return None  # of densities by name: integral_of_density
    laws = [(f, gaussian_of(f, context)) for f, _ in holding]
    own = [(f, g) for f, g in laws if _point(f) == v and g is not None and not context.depends(g.mean, v) and not context.depends(g.covariance, v)]
    if len(own) != 1:
        return None
    others = [(f, g) for f, g in laws if f is not own[0][0]]
    rest = Product(tuple(s for s in body.scalars if s not in holding), body.letters).term
    if not others:
        return rest
    if len(others) > 1:
        return None
    made = _through(own[0][1], others[0], v, context)
    return None if made is None else multiply([made, rest])


def _through(inner: Gaussian | None, outer: tuple[Term, Gaussian | None], v: Symbol, context: Context) -> Term | None:
    f, g = outer
    point = _point(f)
    if inner is None or g is None or point is None or context.depends(point, v):
        return None
    if inner.variance is None or g.variance is None or context.depends(g.variance, v):
        return None
    line = affine(g.mean, v, context)
    shape = context.shape(point)
    if line is None or shape is None:
        return None
    k, b = line
    mean = b if inner.mean == ZERO else Add((multiply([k, inner.mean]), b))
    variance = Add((multiply([Power(k, TWO), inner.variance]), g.variance))
    return FamilyDensity("gaussian", (mean, multiply([variance, Identity(shape[0])]) if shape else variance), point)


def _point(f: Term) -> Term | None:
    if isinstance(f, FamilyDensity):
        return f.point
    return f.event[0] if isinstance(f, Density) and len(f.event) == 1 else None


_Z = {"variables": [r"y \in \mathbb{R}^d", r"z \in \mathbb{R}^d"], "parameters": [r"m \in \mathbb{R}^d", "a", "v > 0", "w > 0"], "matrices": [r"S \in \mathbb{S}_{++}^{d}"]}

_LINE = {"variables": [r"y \in \mathbb{R}", r"z \in \mathbb{R}"], "parameters": ["a", "b", "v > 0", "w > 0"]}

LAW = Law(
    statement=r"\int \mathcal{N}(x; m, S) \, dx = 1, \quad \int \mathcal{N}(y; k x + b, w I) \mathcal{N}(x; m, v I) \, dx = \mathcal{N}(y; k m + b, (k^2 v + w) I)",
    source="Bishop (2006), Pattern Recognition and Machine Learning, eq. 2.115",
    on=(Integral,),
    rewrite=_rewrite,
    holds=(
        Example(r"\int \mathcal{N}(z; m, S) \, dz", _Z, "1"),
        Example(r"\int \mathcal{N}(y; z + a, w) \mathcal{N}(z; b, v) \, dz", _LINE, r"\mathcal{N}(y; a + b, v + w)"),
    ),
)
