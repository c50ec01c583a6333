r"""A moment of a marginal density with a normal kernel is the mean of the kernel's moments."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._free import mentioned
from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import Product, multiply, one_product
from derivcheck.laws.gaussians._closed_forms import gaussian_in, gaussian_of
from derivcheck.laws.gaussians._wick import mean_of
from derivcheck.laws.probability._mixtures import mixtures
from derivcheck.terms.term import Density, FamilyDensity, Integral, Symbol, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Integral)
    with context.inside(t):
        body = one_product(t.body, context)
        if body is None:
            return None
        for v in t.over:
            found = _moment(v, t, body, context) if isinstance(v, Symbol) else None
            if found is not None:
                return found
    return None


def _moment(v: Symbol, t: Integral, body: Product, context: Context) -> Term | None:
    """The integral with v's marginal as the mean of a normal kernel, if what else holds v is a polynomial."""
    weights = [(f, e) for f, e in body.scalars if isinstance(f, Density | FamilyDensity) and context.depends(f, v)]
    if len(weights) != 1 or weights[0][1] != Fraction(1):
        return None
    d = weights[0][0]
    rest = Product(tuple(s for s in body.scalars if s not in weights), body.letters)
    if not isinstance(d, Density) or d.event != (v,) or not context.depends(rest.term, v) or gaussian_of(d, context) is not None:
        return None
    for source, prior, kernel in mixtures(d, context):
        if set(source) & (mentioned(t.body) | set(t.over)):
            continue
        law = gaussian_in(v, [(kernel, Fraction(1))], context)
        mean = None if law is None else mean_of(rest, v, law, context)
        if mean is not None:
            return Integral(tuple(o for o in t.over if o != v) + source, multiply([prior, mean]))
    return None


_XY = {
    "variables": [r"x \in \mathbb{R}^d", r"y \in \mathbb{R}^d"],
    "parameters": ["a > 0"],
    "densities": ["p(x,y) = p(y|x) p(x)"],
    "families": [r"p(y|x) = \mathcal{N}(y; a x, I)"],
}

LAW = Law(
    statement=r"\int p(y) \, y \, dy = \int p(x) \, \mathbb{E}[y|x] \, dx, \quad \int p(y) \, y y^\top \, dy = \int p(x) \left( \mathrm{Cov}(y|x) + \mathbb{E}[y|x] \mathbb{E}[y|x]^\top \right) dx",
    source="Feller (1968), An Introduction to Probability Theory, V.2 and IX.2 (total expectation); Bishop (2006), eq. 2.59 and 2.62",
    on=(Integral,),
    rewrite=_rewrite,
    holds=(
        Example(r"\int p(y) y \, dy", _XY, r"a \int p(x) x dx"),
        Example(r"\int p(y) \|y\|^2 \, dy", _XY, r"d + a^2 \int p(x) \|x\|^2 dx"),
    ),
)
