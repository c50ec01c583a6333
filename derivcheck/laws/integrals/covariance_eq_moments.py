r"""A covariance is a second moment minus the product of the means."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.terms.term import Add, Covariance, Expectation, Multiply, Negate, Term, Transpose


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Covariance)
    if context.shape(t.left) is None or context.shape(t.right) is None:
        return None

    def mean(x: Term) -> Term:
        return Expectation(x, t.over, t.law, t.given)

    return Add((mean(Multiply((t.left, Transpose(t.right)))), Negate(Multiply((mean(t.left), Transpose(mean(t.right)))))))


_XZ = {"variables": [r"x \in \mathbb{R}^d", r"z \in \mathbb{R}^d"], "densities": ["p(x,z)"]}

LAW = Law(
    statement=r"\mathrm{Cov}(a, b) = \mathbb{E}[a b^\top] - \mathbb{E}[a] \mathbb{E}[b]^\top",
    source="Feller (1968), An Introduction to Probability Theory, IX.5; Bishop (2006), Pattern Recognition and Machine Learning, eq. 1.42",
    on=(Covariance,),
    rewrite=_rewrite,
    holds=(
        Example(r"\mathrm{Cov}_{p(x|z)}(x)", _XZ),
        Example(r"\mathrm{Cov}(x | z)", _XZ, r"\mathbb{E}[x x^\top | z] - \mathbb{E}[x|z] \mathbb{E}[x|z]^\top"),
    ),
)
