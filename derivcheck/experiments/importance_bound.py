r"""log (1/K) Σ w_k of K importance weights: its mean rises with K, stays below log p(x), and the mean of the weights is p(x), by T3.

All that T3 needs is derived, none of it fitted. With l = log w a quadratic form of the normals that draw z, E w and E w² are
Gaussian integrals. With f = log (1/K) Σ w_k and a = log p(x): where f ≥ a, (f − a)² ≤ (e^{f−a} − 1)² and ≤ 4e^{f−a−2}; where
f < a, Jensen has f ≥ (1/K) Σ l_k. So  var f ≤ E (f − a)² ≤ min(χ²/K, 4/e²) + (a − E l)² + var(l)/K,  χ² = var(w)/p(x)².
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import final

import numpy as np
import torch
from torch import Tensor

from derivcheck.experiments._experiment import Experiment, Instance
from derivcheck.experiments._latent import Inference, random_inference
from derivcheck.experiments._quadratic import coefficients
from derivcheck.experiments._trials import varied_trial
from derivcheck.experiments.elbo import gap
from derivcheck.statistics.claim import Claim, Relation, claim
from derivcheck.statistics.sums import Array
from derivcheck.statistics.trial import Trial

SIZES = ((1, 2), (1, 3), (2, 3), (2, 8), (3, 4))
DRAWS = (2, 4, 8)  # K
OF_EVIDENCE, OF_GAP = 0.03, 0.1  # tolerances, of p(x) and of KL(q‖p(z|x))
BOUND = r"\mathbb{E}[\log \frac{1}{K} \sum_{k=1}^{K} w(z_k)] \leq \log p(x)"
RISES = r"\mathbb{E}[\log \frac{1}{K} \sum_{k=1}^{K} w(z_k)] \leq \mathbb{E}[\log \frac{1}{2K} \sum_{k=1}^{2K} w(z_k)]"
UNBIASED = r"\mathbb{E}[\frac{1}{K} \sum_{k=1}^{K} w(z_k)] = p(x)"
WRONG = {
    "log-mean-exp unbiased": BOUND.replace(r"\leq", "="),
    "bound from above": BOUND.replace(r"\leq", r"\geq"),
    "falls with K": RISES.replace(r"\leq", r"\geq"),
    "more draws gain nothing": BOUND.replace(r"\leq \log p(x)", r"= \mathbb{E}[\log w(z)]"),
    "sum for mean": BOUND.replace(r"\frac{1}{K} ", "", 1),
    "weights have mean exp(ELBO)": UNBIASED.replace("p(x)", r"e^{\mathbb{E}[\log w(z)]}"),
    "prior dropped": UNBIASED.replace("w(z_k)", "p(x|z_k)"),
}


@final
@dataclass(frozen=True)
class Weights:
    """log w = c + bᵀe + eᵀA e of e ~ N(0, I), with the moments of l = log w and of w.   Shapes: A (k, k), b (k,)."""

    at: Callable[[Tensor], Tensor]
    A: Array
    b: Array
    c: float

    @property
    def mean_log(self) -> float:
        """E l = c + tr A.   Units: nats."""
        return self.c + float(np.trace(self.A))

    @property
    def variance_log(self) -> float:
        """Var l = bᵀb + 2 tr A²."""
        return float(self.b @ self.b + 2 * np.sum(self.A**2))

    def log_moment(self, power: int) -> float:
        r"""ln E w^s = s c + ½ s² bᵀ(I − 2sA)⁻¹ b − ½ ln det(I − 2sA).

        Raises:
            ValueError: the moment is infinite.
        """
        inner = np.eye(len(self.b)) - 2 * power * self.A
        if np.linalg.eigvalsh(inner).min() <= 0:
            raise ValueError(f"the weights have no moment of order {power}")
        spread = power**2 * float(self.b @ np.linalg.solve(inner, self.b))
        return power * self.c + 0.5 * spread - 0.5 * float(np.linalg.slogdet(inner)[1])

    @property
    def chi_square(self) -> float:
        """Var(w)/(E w)²."""
        return math.expm1(self.log_moment(2) - 2 * self.log_moment(1))

    def variance_bound(self, K: int) -> float:
        """Of log (1/K) Σ w_k, as at the top of this file."""
        above = min(self.chi_square / K, 4 / math.e**2)
        return above + (self.log_moment(1) - self.mean_log) ** 2 + self.variance_log / K


def weights(at: Callable[[Tensor], Tensor], k: int) -> Weights:
    """Those whose logarithm `at` is, (n, k) -> (n,), a quadratic form.

    Raises:
        ValueError: it is none.
    """
    A, b, c = coefficients(lambda e: at(e)[:, None], k)
    return Weights(at, A[0], b[0], float(c[0]))


def _log_means(w: Weights, n: int, K: int, random: torch.Generator) -> Tensor:
    """Log (1/K) Σ w_k of n groups of K, shape (n,)."""
    e = torch.randn(n * K, len(w.b), generator=random, device=random.device)
    return w.at(e).view(n, K).logsumexp(1) - math.log(K)


@final
@dataclass(frozen=True)
class _Trials:
    """The trials of one inference: `said` in, trial out."""

    w: Weights
    device: torch.device

    def log_mean(self, said: Claim, K: int) -> Trial:
        """A claim on E log (1/K) Σ w_k."""
        return self._trial(said, self.w.variance_bound(K), lambda n, g: _log_means(self.w, n, K, g), JENSEN)

    def rise(self, relation: Relation, K: int, scale: float) -> Trial:
        """E log (1/2K) Σ w_k − E log (1/K) Σ w_k against 0, each from draws of its own."""
        said = claim(RISES, 0.0, relative=OF_GAP, scale=np.asarray([scale]), relation=relation)
        bound = self.w.variance_bound(K) + self.w.variance_bound(2 * K)
        return self._trial(
            said, bound, lambda n, g: _log_means(self.w, n, 2 * K, g) - _log_means(self.w, n, K, g), JENSEN
        )

    def mean(self, log_value: float, K: int) -> Trial:
        """E (1/K) Σ w_k = e^{log_value}, in units of e^{log_value}."""
        said = claim(UNBIASED, 1.0, relative=OF_EVIDENCE)
        bound = self.w.chi_square * math.exp(2 * (self.w.log_moment(1) - log_value)) / K
        return self._trial(said, bound, lambda n, g: (_log_means(self.w, n, K, g) - log_value).exp(), INTEGRAL)

    def _trial(
        self, said: Claim, bound: float, values: Callable[[int, torch.Generator], Tensor], because: str
    ) -> Trial:
        trial = varied_trial(said, lambda n, g: values(n, g)[:, None], bound, because, self.device)
        return replace(trial, block=BLOCK)


BLOCK = 1 << 13  # groups at once: up to 24 weights each
JENSEN = "the bound falls short of log p(x) by no more than the mean of log w does, and exceeds it by what var w allows"
INTEGRAL = "E w and E w² are Gaussian integrals of the model and q"


def _instance(case: Inference, device: torch.device) -> Instance:
    w = weights(case.model.log_weight(case.x, case.q), case.model.k)
    likelihood = weights(lambda e: _log_likelihood(case, e), case.model.k)
    trials, evidence, size = _Trials(w, device), case.log_evidence, np.asarray([gap(case)])

    def bound(relation: Relation, value: float, K: int) -> Trial:
        return trials.log_mean(claim(BOUND, value, relative=OF_GAP, scale=size, relation=relation), K)

    elbo, most = evidence - float(size[0]), DRAWS[-1]
    return Instance(
        case.name,
        (
            *(bound("<=", evidence, K) for K in DRAWS),
            *(trials.rise(">=", K, float(size[0])) for K in (1, *DRAWS[:-1])),
            *(trials.mean(evidence, K) for K in DRAWS),
        ),
        {
            "log-mean-exp unbiased": (bound("=", evidence, 2),),
            "bound from above": (bound(">=", evidence, 2),),
            "falls with K": tuple(trials.rise("<=", K, float(size[0])) for K in (1, 2)),
            "more draws gain nothing": (bound("=", elbo, most),),
            "sum for mean": (bound("<=", evidence - math.log(most), most),),
            "weights have mean exp(ELBO)": (trials.mean(elbo, most),),
            "prior dropped": (_Trials(likelihood, device).mean(evidence, most),),
        },
    )


def _log_likelihood(case: Inference, e: Tensor) -> Tensor:
    z = case.q.mean.to(e.device) + e.to(torch.float64) @ case.q.scale_tril.T.to(e.device)
    return case.model.log_joint(case.x, z) - case.model.prior.log_prob(z)


def _instances(random: np.random.Generator, device: torch.device) -> list[Instance]:
    # q is wider than the posterior in every direction: the weights are bounded, and w² has a mean
    cases = [random_inference(random, k, d, shift=0.7, spread=(1.2, 2.0)) for k, d in SIZES]
    return [_instance(case, device) for case in cases]


EXPERIMENT = Experiment(
    title="Importance-weighted bound",
    claim=r"\mathbb{E}[\log w(z)] \leq " + RISES + r" \leq \log p(x), \quad " + UNBIASED,
    source="Burda, Grosse & Salakhutdinov 2016, theorem 1; proofs/vae/iw-bound.md, proofs/vae/iw-unbiased.md",
    controls=WRONG,
    instances=_instances,
)
