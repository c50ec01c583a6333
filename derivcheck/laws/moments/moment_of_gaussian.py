r"""The mean and the covariance of a normal density, also of one that Bayes' rule makes of normal kernels."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws.gaussians._closed_forms import posterior
from derivcheck.terms.substitute import rebuild
from derivcheck.terms.term import Density, Moment, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Moment)
    if not isinstance(t.law, Density):
        return None
    with context.inside(t.law):
        law = rebuild(t.law, context.normal)
    g = posterior(law, context) if isinstance(law, Density) else None
    if g is None:
        return None
    return {"mean": g.mean, "covariance": g.covariance, "variance": g.variance}[t.kind]


_CHAIN = {
    "variables": [r"x_t \in \mathbb{R}^d"],
    "sequences": [r"\beta_t \in (0,1)"],
    "densities": [r"q(x_{1:T}|x_0) = \prod_{t=1}^{T} q(x_t|x_{t-1})"],
    "families": [r"q(x_t|x_{t-1}) = \mathcal{N}(x_t; \sqrt{1-\beta_t} x_{t-1}, \beta_t I)"],
    "conventions": {"t": "2..T-1"},
}

LAW = Law(
    statement=r"\mathbb{E}_{\mathcal{N}(m, S)}[x] = m, \quad \mathrm{Cov}_{\mathcal{N}(m, S)}(x) = S",
    source="Bishop (2006), Pattern Recognition and Machine Learning, eq. 2.59 and 2.64, section 2.3.3 (Bayes' theorem for normal variables)",
    on=(Moment,),
    rewrite=_rewrite,
    holds=(
        Example(r"\operatorname{MarginalVariance}[q(x_{t-1}|x_t, x_0)]", _CHAIN),
        Example(r"\operatorname{Mean}[q(x_{t-1}|x_t, x_0)]", _CHAIN),
    ),
)
