r"""Integration by parts against a normal density: derivatives of a function are taken off it (Stein's lemma)."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import ONE, ZERO, Product, add, multiply, one_product
from derivcheck.laws.gaussians._closed_forms import Gaussian, gaussian_of
from derivcheck.laws.gaussians._isotropic import minus, size_of
from derivcheck.laws.matrices._words import letters_of
from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import (
    Add,
    Call,
    Density,
    Derivative,
    Divide,
    FamilyDensity,
    Integral,
    Multiply,
    Negate,
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
            found = _by_parts(v, body, context) if isinstance(v, Symbol) else None
            if found is not None:
                return Integral(t.over, found)
    return None


def _by_parts(v: Symbol, body: Product, context: Context) -> Term | None:
    """The integrand with one derivative by v taken off its function."""
    own = normal_weight(v, body, context)
    if own is None:
        return None
    weight, law = own
    held = tuple(s for s in body.scalars if context.depends(s[0], v) and s[0] != weight)
    fixed = Product(tuple(s for s in body.scalars if s not in held)).term
    pull = Divide(minus(v, law.mean), law.variance or ONE)  # minus the gradient of the logarithm of the weight
    if body.letters:
        if len(body.letters) != 1 or not _free_of_calls(held, v, context):
            return None
        d = body.letters[0]
        if not _is_gradient(d, v, context):
            return None
        assert isinstance(d, Derivative)
        rest = Product(held).term
        slope = Add((multiply([rest, pull]), Negate(context.normal(Derivative(rest, v, "gradient"))))) if held else pull
        return multiply([fixed, d.body, slope])
    for n, (factor, e) in enumerate(held):
        others = (*held[:n], *held[n + 1 :])
        if e != Fraction(1) or not _free_of_calls(others, v, context):
            continue
        made = _of_number(factor, Product(others).term, v, pull, context)
        if made is not None:
            return multiply([fixed, made])
    return None


def _of_number(factor: Term, rest: Term, v: Symbol, pull: Term, context: Context) -> Term | None:
    """What a number with a derivative becomes: a slope of a function of a number, an inner product, a Laplacian."""
    if context.shape(v) == ():
        if not _is_gradient(factor, v, context):
            return None
        assert isinstance(factor, Derivative)
        return multiply([factor.body, pull if rest == ONE else Add((multiply([rest, pull]), Negate(context.normal(Derivative(rest, v, "gradient")))))])
    match factor:
        case Call("tr", (Derivative(d, wrt, "jacobian"),)) if wrt == v and _is_gradient(d, v, context):
            along = Add((multiply([rest, pull]), Negate(context.normal(Derivative(rest, v, "gradient"))))) if rest != ONE else pull
            return multiply([Transpose(along), d])
        case Multiply():
            word = tuple(x for y in factor.factors for x in letters_of(y))
        case _:
            return None
    if len(word) != 2 or not isinstance(word[0], Transpose):
        return None
    for a, d in ((word[0].body, word[1]), (word[1], word[0].body)):
        if not _is_gradient(d, v, context) or (a != v and context.depends(a, v)):
            continue
        assert isinstance(d, Derivative)
        spread = size_of(v, context) if a == v else ZERO
        if spread is None:
            return None
        parts: list[Term] = [multiply([rest, Transpose(a), pull]), Negate(multiply([rest, spread]))]
        if rest != ONE:
            parts.append(Negate(multiply([Transpose(a), context.normal(Derivative(rest, v, "gradient"))])))
        return multiply([d.body, add(parts)])
    return None


def normal_weight(v: Symbol, body: Product, context: Context) -> tuple[Term, Gaussian] | None:
    """The one density in which v stands, if it is normal in v with a variance for all coordinates."""
    weights = [(f, e) for f, e in body.scalars if isinstance(f, Density | FamilyDensity) and context.depends(f, v)]
    shape = context.shape(v)
    if shape is None or len(shape) > 1 or len(weights) != 1 or weights[0][1] != Fraction(1):
        return None
    f = weights[0][0]
    point = f.point if isinstance(f, FamilyDensity) else f.event[0]
    g = gaussian_of(f, context)
    if g is None or g.variance is None or point != v or context.depends(g.mean, v) or context.depends(g.variance, v):
        return None
    return f, g


def _is_gradient(t: Term, v: Symbol, context: Context) -> bool:
    """Whether a term is the gradient by v of a number that the theory's function gives, or of a slope of it."""
    if not isinstance(t, Derivative) or t.wrt != v or t.kind != "gradient" or context.shape(t.body) != ():
        return False
    return total_in(t.body, v, context) or _is_gradient(t.body, v, context)


def total_in(f: Term, v: Symbol, context: Context) -> bool:
    r"""Whether the derivative of a function's value by v is the total one: \partial/\partial z f(2 z, z) may be the partial one."""
    declared = context.signature.functions.get(f.function) if isinstance(f, Call) else None
    if declared is None or not isinstance(f, Call) or len(declared.arguments) != len(f.arguments):
        return False
    return v not in declared.arguments or all(a == y if y == v else not context.depends(a, v) for y, a in zip(declared.arguments, f.arguments, strict=True))


def _free_of_calls(scalars: tuple[tuple[Term, Fraction], ...], v: Symbol, context: Context) -> bool:
    """Whether factors are polynomials in v: their own derivatives bring no function's derivative back."""
    for base, e in scalars:
        if e.denominator != 1 or e < 1 or (base != v and not isinstance(base, Multiply)):
            return False
        if any(isinstance(x, Call | Derivative | Density | FamilyDensity | Integral) and context.depends(x, v) for _, x in subterms(base)):
            return False
    return True


_LINE = {
    "variables": [r"z \in \mathbb{R}"],
    "parameters": [r"m \in \mathbb{R}", "v > 0"],
    "functions": [r"f(z) \in \mathbb{R}"],
    "families": [r"q(z) = \mathcal{N}(z; m, v)"],
}

LAW = Law(
    statement=r"\int \mathcal{N}(x; m, v I) \, a(x)^\top \nabla f(x) \, dx = \int \mathcal{N}(x; m, v I) \, f(x) \left( \frac{(x-m)^\top a(x)}{v} - \nabla \cdot a(x) \right) dx",
    source="Stein (1981), Estimation of the Mean of a Multivariate Normal Distribution, lemmas 1 and 2; Rezende, Mohamed & Wierstra (2014), appendix A and B",
    on=(Integral,),
    rewrite=_rewrite,
    holds=(
        Example(r"\int q(z) z \frac{\partial}{\partial z} f(z) \, dz", _LINE),
        Example(r"\int q(z) \frac{\partial}{\partial z} f(z) \, dz", _LINE, r"\frac{1}{v} \int q(z) f(z) (z - m) dz"),
    ),
)
