r"""A mean under a normal law as one under the standard normal law: the reparameterisation."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._free import mentioned
from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import ONE, ZERO, Product, multiply, one_product
from derivcheck.laws.gaussians._closed_forms import gaussian_of
from derivcheck.terms.instance import instance
from derivcheck.terms.term import (
    Add,
    Call,
    Density,
    FamilyDensity,
    Identity,
    Integral,
    Multiply,
    Symbol,
    Term,
    Transpose,
)


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Integral)
    with context.inside(t):
        body = one_product(t.body, context)
        if body is None:
            return None
        for v in t.over:
            if isinstance(v, Symbol):
                found = _standard(v, t, body, context)
                if found is not None:
                    return found
    return None


def _standard(v: Symbol, t: Integral, body: Product, context: Context) -> Term | None:
    shape = context.shape(v)
    weights = [(f, e) for f, e in body.scalars if isinstance(f, Density | FamilyDensity) and context.depends(f, v)]
    if shape is None or len(shape) > 1 or len(weights) != 1 or weights[0][1] != Fraction(1):
        return None
    law = weights[0][0]
    g = gaussian_of(law, context)
    point = law.point if isinstance(law, FamilyDensity) else law.event[0]
    if g is None or g.variance is None or point != v or context.depends(g.mean, v) or context.depends(g.variance, v):
        return None
    if v.name == context.standard(shape, 1).name:
        return None
    if isinstance(law, Density) and any(_leaves(u, law, t, body, context) for u in t.over if u != v and u in law.given):
        return None
    rest = Product(tuple(s for s in body.scalars if s not in weights), body.letters).term
    if any(v in mentioned(d) for d in rest.densities):
        return None  # it is read as a variable there
    n = next(n for n in range(1, 100) if context.standard(shape, n) not in mentioned(t.body) | set(t.over))
    new = context.standard(shape, n)
    scaled = multiply([Call("sqrt", (g.variance,)), new])
    inside = instance(rest, {v: scaled if g.mean == ZERO else Add((g.mean, scaled))})
    unit = FamilyDensity("gaussian", (ZERO, Identity(shape[0]) if shape else ONE), new)
    return Integral(tuple(new if o == v else o for o in t.over), multiply([unit, inside]))


def _leaves(u: Term, law: Density, t: Integral, body: Product, context: Context) -> bool:
    """Whether what the law is conditioned on is integrated out first: marginalised, or averaged at the end of a word."""
    if not isinstance(u, Symbol) or set(law.given) - {u}:
        return False
    holding = [f for f, _ in body.scalars if context.depends(f, u) and f != law]
    priors = [f for f in holding if isinstance(f, Density) and (f.name, f.event) == (law.name, (u,))]
    words = [f for f in holding if f not in priors]
    if len(priors) != 1 or len(words) > 1 or any(context.depends(x, u) for x in body.letters):
        return False
    return all(isinstance(w, Multiply) and _ends(w.factors, u, context) for w in words) and all(e == 1 for f, e in body.scalars if f in holding)


def _ends(word: tuple[Term, ...], u: Symbol, context: Context) -> bool:
    """Whether a variable is itself one end of a word, and stands nowhere else in it."""
    held = [x for x in word if context.depends(x, u)]
    return len(held) == 1 and (word[0] == Transpose(u) or word[-1] == u)


_Z = {
    "variables": [r"z \in \mathbb{R}", r"\xi_k \in \mathbb{R}"],
    "parameters": [r"m \in \mathbb{R}", "s > 0"],
    "functions": [r"f(z) \in \mathbb{R}"],
    "families": [r"q(z) = \mathcal{N}(z; m, s^2)"],
}

LAW = Law(
    statement=r"\mathbb{E}_{\mathcal{N}(z; m, s^2 I)}[f(z)] = \mathbb{E}_{\mathcal{N}(\epsilon; 0, I)}[f(m + s \epsilon)]",
    source="Kingma & Welling (2014), Auto-Encoding Variational Bayes, section 2.4",
    on=(Integral,),
    rewrite=_rewrite,
    holds=(
        Example(r"\int q(z) f(z) \, dz", _Z),
        Example(r"\int q(z) z f(z)^2 \, dz", _Z),
    ),
)
