r"""The derivative of f(b + s x) by what b and s hold, as one by the normal variable x."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import ZERO, Product, multiply, one_product
from derivcheck.laws.gaussians._isotropic import affine
from derivcheck.laws.gaussians.integration_by_parts import normal_weight, total_in
from derivcheck.laws.matrices._words import letters_of
from derivcheck.terms.term import (
    Add,
    Call,
    Derivative,
    Divide,
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
            if isinstance(v, Symbol) and normal_weight(v, body, context) is not None:
                found = _replaced(v, body, context)
                if found is not None:
                    return Integral(t.over, found)
    return None


def _replaced(v: Symbol, body: Product, context: Context) -> Term | None:
    """The integrand with one derivative by a parameter as one by v."""
    if len(body.letters) == 1:
        made = _by_path(body.letters[0], v, context)
        return None if made is None else Multiply((Product(body.scalars).term, made))
    if body.letters:
        return None
    for n, (factor, e) in enumerate(body.scalars):
        if e != Fraction(1):
            continue
        rest = Product((*body.scalars[:n], *body.scalars[n + 1 :])).term
        made = _by_path(factor, v, context)
        if made is not None:
            return Multiply((rest, made))
        if not isinstance(factor, Multiply):
            continue
        word = [x for y in factor.factors for x in letters_of(y)]
        for i, x in enumerate(word):
            inner = _by_path(x.body if isinstance(x, Transpose) else x, v, context)
            if inner is not None:
                return Multiply((rest, multiply([*word[:i], Transpose(inner) if isinstance(x, Transpose) else inner, *word[i + 1 :]])))
    return None


def _by_path(d: Term, v: Symbol, context: Context) -> Term | None:
    r"""\partial_w f(a) by \nabla_v f(a), where a = b + s v is the only argument that moves."""
    if not isinstance(d, Derivative) or d.kind != "gradient" or not isinstance(d.wrt, Symbol) or d.wrt == v:
        return None
    f, w = d.body, d.wrt
    if not isinstance(f, Call) or context.shape(f) != () or not (total_in(f, w, context) and total_in(f, v, context)) or context.depends(v, w):
        return None
    with context.inside(d):
        moving = [a for a in f.arguments if context.depends(a, w) or context.depends(a, v)]
        if len(moving) != 1 or w.name in f.function:
            return None
        line = affine(moving[0], v, context)
        if line is None or line[0] == ZERO or not context.positive(line[0]):
            return None
        s, b = line
        inner = Derivative(f, v, "gradient")
        if context.shape(w) == ():
            slope = Add((multiply([Derivative(s, w, "gradient"), v]), Derivative(b, w, "gradient")))
            return Divide(multiply([Transpose(slope), inner]), s)
        along = affine(b, w, context)
        if along is None or context.depends(s, w) or context.shape(w) != context.shape(v):
            return None
        return Divide(multiply([along[0], inner]), s)


_E = {
    "variables": [r"z \in \mathbb{R}^d", r"\epsilon \in \mathbb{R}^d"],
    "parameters": [r"m \in \mathbb{R}^d", "s > 0"],
    "functions": [r"f(z) \in \mathbb{R}"],
    "laws": [r"\epsilon \sim \mathcal{N}(0, I)"],
}

LAW = Law(
    statement=r"\nabla_m f(m + s x) = \frac{1}{s} \nabla_x f(m + s x), \quad \frac{\partial}{\partial s} f(m + s x) = \frac{1}{s} x^\top \nabla_x f(m + s x)",
    source="Rudin (1976), Principles of Mathematical Analysis, theorem 9.15; Kingma & Welling (2014), Auto-Encoding Variational Bayes, section 2.4",
    on=(Integral,),
    rewrite=_rewrite,
    holds=(
        Example(r"\int \mathcal{N}(\epsilon; 0, I) \nabla_m f(m + s \epsilon) \, d\epsilon", _E, r"\frac{1}{s} \mathbb{E}_{\epsilon}[f(m + s \epsilon) \epsilon]"),
        Example(r"\int \mathcal{N}(\epsilon; 0, I) \frac{\partial}{\partial s} f(m + s \epsilon) \, d\epsilon", _E),
    ),
)
