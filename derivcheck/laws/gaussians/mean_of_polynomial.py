r"""A monomial below a normal density is integrated by its moments."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import Product, multiply, one_product
from derivcheck.laws.gaussians._closed_forms import gaussian_in
from derivcheck.laws.gaussians._wick import mean_of
from derivcheck.terms.term import Density, FamilyDensity, Integral, Symbol, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Integral)
    with context.inside(t):
        body = one_product(t.body, context)
        if body is None:
            return None
        weights = tuple((f, e) for f, e in body.scalars if isinstance(f, Density | FamilyDensity))
        rest = Product(tuple(s for s in body.scalars if s not in weights), body.letters)
        below = {v: _below(v, t.over, weights, context) for v in t.over}
        for v in sorted(t.over, key=lambda v: len(below[v])):  # what is drawn from v goes before v
            if not isinstance(v, Symbol) or not context.depends(rest.term, v):
                continue
            if not all(context.depends(rest.term, u) for u in below[v]):
                continue  # that is integrated out first
            law = gaussian_in(v, list(weights), context)
            mean = None if law is None else mean_of(rest, v, law, context)
            if mean is not None:
                return Integral(t.over, multiply([Product(weights).term, mean]))
    return None


def _below(v: Term, over: tuple[Term, ...], weights: tuple[tuple[Term, Fraction], ...], context: Context) -> list[Term]:
    """The other variables of the integral that are drawn from a law in which v stands."""
    points = [f.point if isinstance(f, FamilyDensity) else f.event[0] for f, _ in weights if isinstance(f, Density | FamilyDensity) and context.depends(f, v)]
    return [u for u in points if u is not None and u != v and u in over]


_Z = {"variables": [r"z \in \mathbb{R}^d"], "parameters": [r"m \in \mathbb{R}^d", r"a \in \mathbb{R}^d", "v > 0"], "matrices": [r"S \in \mathbb{S}_{++}^{d}"]}
_ISO = {**_Z, "families": [r"q(z) = \mathcal{N}(z; m, v I)"]}
_FULL = {**_Z, "families": [r"q(z) = \mathcal{N}(z; m, S)"]}
_LINE = {"variables": [r"z \in \mathbb{R}"], "parameters": [r"m \in \mathbb{R}", "s > 0"], "families": [r"q(z) = \mathcal{N}(z; m, s^2)"]}

LAW = Law(
    statement=r"\mathbb{E}_{\mathcal{N}(m, S)}[x x^\top] = S + m m^\top, \quad \mathbb{E}_{\mathcal{N}(m, s^2)}[x^k] = \sum_j \binom{k}{2j} (2j-1)!! s^{2j} m^{k-2j}",
    source="Bishop (2006), Pattern Recognition and Machine Learning, eq. 2.59 and 2.62; Isserlis (1918), Biometrika 12",
    on=(Integral,),
    rewrite=_rewrite,
    holds=(
        Example(r"\int q(z) (z^\top z) \, dz", _ISO, r"d v + \|m\|^2"),
        Example(r"\int q(z) (z^\top a) \, dz", _FULL, r"m^\top a"),
        Example(r"\int q(z) (z^\top a)^2 \, dz", _FULL, r"a^\top S a + (m^\top a)^2"),
        Example(r"\int q(z) z^4 \, dz", _LINE, r"m^4 + 6 m^2 s^2 + 3 s^4"),
    ),
)
