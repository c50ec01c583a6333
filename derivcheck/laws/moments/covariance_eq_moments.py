r"""A covariance is a mean product less the product of the means."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.terms.term import Add, Covariance, Expectation, Multiply, Negate, Term, Transpose


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Covariance)
    left, right = context.shape(t.left), context.shape(t.right)
    if left is None or right is None or max(len(left), len(right)) > 1:
        return None
    other: Term = Transpose(t.right) if right else t.right

    def mean(body: Term) -> Term:
        return Expectation(body, t.over, t.law, t.given)

    product = Multiply((mean(t.left), Transpose(mean(t.right)) if right else mean(t.right)))
    return Add((mean(Multiply((t.left, other))), Negate(product)))


_Z = {"variables": [r"x \in \mathbb{R}^d", r"z \in \mathbb{R}^d"], "densities": ["q(z|x)"], "functions": [r"w(z) \in \mathbb{R}"]}

LAW = Law(
    statement=r"\mathrm{Cov}(a, b) = \mathbb{E}[a b^\top] - \mathbb{E}[a] \mathbb{E}[b]^\top",
    source="Bishop (2006), Pattern Recognition and Machine Learning, eq. 1.41 and 1.42",
    on=(Covariance,),
    rewrite=_rewrite,
    holds=(
        Example(r"\mathrm{Cov}_{q(z|x)}(z)", _Z, r"\mathbb{E}_{q(z|x)}[z z^\top] - \mathbb{E}_{q(z|x)}[z] \mathbb{E}_{q(z|x)}[z]^\top"),
        Example(r"\mathrm{Var}_{q(z|x)}[w(z)]", _Z, r"\mathbb{E}_{q(z|x)}[w(z)^2] - \mathbb{E}_{q(z|x)}[w(z)]^2"),
    ),
)
