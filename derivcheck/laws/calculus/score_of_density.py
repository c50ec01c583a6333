r"""The gradient of a density with a known logarithm is the density times its score; of a mixture the mean of them."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws.calculus._parts import moves, of
from derivcheck.laws.probability._mixtures import logarithm, mixtures
from derivcheck.terms.term import Density, Derivative, FamilyDensity, Integral, Multiply, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Derivative)
    d = t.body
    if not isinstance(d, Density | FamilyDensity) or t.kind not in ("gradient", "jacobian"):
        return None
    with context.inside(t):
        log = logarithm(d, context)
        if log is not None:
            return Multiply((d, of(log, t)))
        if not isinstance(d, Density):
            return None
        for source, prior, kernel in mixtures(d, context):
            if not moves(prior, t, context):
                return Integral(source, Multiply((prior, of(kernel, t))))
    return None


_XY = {
    "variables": [r"x \in \mathbb{R}^d", r"y \in \mathbb{R}^d"],
    "parameters": ["a > 0"],
    "densities": ["p(x,y) = p(y|x) p(x)"],
    "families": [r"p(y|x) = \mathcal{N}(y; a x, I)"],
}

LAW = Law(
    statement=r"\nabla_y p(y) = p(y) \nabla_y \log p(y), \quad \nabla_y p(y) = \int p(x) p(y|x) \nabla_y \log p(y|x) \, dx",
    source="Vincent (2011), A Connection Between Score Matching and Denoising Autoencoders, appendix; Hyvärinen (2005), section 2",
    on=(Derivative,),
    rewrite=_rewrite,
    holds=(
        Example(r"\nabla_y p(y|x)", _XY, r"p(y|x) (a x - y)"),
        Example(r"\nabla_y p(y)", _XY, r"\int p(x) p(y|x) (a x - y) dx"),
    ),
)
