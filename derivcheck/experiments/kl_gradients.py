r"""The gradients of KL(q‖p) by two unbiased estimators, reparameterised (T1) and score-function (T3), and their variances.

With z = μ_1 + L ε:  u = Σ_1⁻¹(z − μ_1) is ∇_{μ_1} log q,  s = Σ_2⁻¹(z − μ_2) is −∇_z log p.
Reparameterised: s, and ½(s uᵀ − Σ_1⁻¹). Score function, f = log q/p: f u, and ½ f (u uᵀ − Σ_1⁻¹).
Which has the smaller variance depends on p: for p near q the score function's is the smaller, since there f ≈ 0.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from derivcheck.experiments._experiment import Experiment, Instance
from derivcheck.experiments._gaussian import (
    gaussian,
    numbers,
    random_covariance,
    random_gaussian,
    square_root,
)
from derivcheck.experiments._polynomial import moments, polynomial_trial
from derivcheck.experiments._quadratic import quadratic_trial
from derivcheck.samplers.gaussian import Gaussian
from derivcheck.statistics.claim import Claim, Relation, claim
from derivcheck.statistics.sums import Array
from derivcheck.statistics.trial import Trial

BY_PATH, BY_SCORE = 0.03, 0.15  # tolerances, of the norm of the gradient; the score function needs more draws
DIMENSIONS = (1, 2, 2, 3, 3)
SD = (0.6, 1.8)
APART = 2.0
CLAIM = (
    r"\nabla_{\mu_1} KL(q \| p) = \Sigma_2^{-1} (\mu_1 - \mu_2),"
    r" \quad \nabla_{\Sigma_1} KL(q \| p) = \frac{1}{2} \left( \Sigma_2^{-1} - \Sigma_1^{-1} \right)"
)
NARROWER = r"\operatorname{tr} \operatorname{Var}[\Sigma_2^{-1} (z - \mu_2)] \leq \operatorname{tr} \operatorname{Var}[u \log (q(z)/p(z))]"
Formula = Callable[[Gaussian, Gaussian], tuple[Array, Array]]


def gradients(q: Gaussian, p: Gaussian) -> tuple[Array, Array]:
    """Σ_2⁻¹(μ_1 − μ_2) and ½(Σ_2⁻¹ − Σ_1⁻¹).   Shapes: (d,), (d, d)."""
    precision_p, precision_q = _precisions(q, p)
    return precision_p @ numbers(q.mean - p.mean), 0.5 * (precision_p - precision_q)


def _precisions(q: Gaussian, p: Gaussian) -> tuple[Array, Array]:
    return _inverse(numbers(p.cov)), _inverse(numbers(q.cov))


def _inverse(matrix: Array) -> Array:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def _swapped(q: Gaussian, p: Gaussian) -> tuple[Array, Array]:
    """Of KL(p‖q) in the parameters of q."""
    precision, apart = _inverse(numbers(q.cov)), numbers(q.mean - p.mean)
    second = numbers(p.cov) + np.outer(apart, apart)
    return precision @ apart, 0.5 * (precision - precision @ second @ precision)


def _missing_half(q: Gaussian, p: Gaussian) -> tuple[Array, Array]:
    in_mean, in_cov = gradients(q, p)
    return in_mean, 2 * in_cov


def _log_det_sign(q: Gaussian, p: Gaussian) -> tuple[Array, Array]:
    precision_p, precision_q = _precisions(q, p)
    return gradients(q, p)[0], 0.5 * (precision_p + precision_q)


def _wrong_precision(q: Gaussian, p: Gaussian) -> tuple[Array, Array]:
    return _inverse(numbers(q.cov)) @ numbers(q.mean - p.mean), gradients(q, p)[1]


def _with_sd(q: Gaussian, p: Gaussian) -> tuple[Array, Array]:
    root_p, root_q = (_inverse(square_root(numbers(g.cov))) for g in (p, q))
    return root_p @ numbers(q.mean - p.mean), 0.5 * (root_p - root_q)


def _mean_over_d(q: Gaussian, p: Gaussian) -> tuple[Array, Array]:
    in_mean, in_cov = gradients(q, p)
    return in_mean / q.d, in_cov / q.d


SWAPPED = (
    r"\nabla_{\mu_1} KL(q \| p) = \Sigma_1^{-1} (\mu_1 - \mu_2), \quad \nabla_{\Sigma_1} KL(q \| p) = \frac{1}{2} \left("
    r"\Sigma_1^{-1} - \Sigma_1^{-1} (\Sigma_2 + (\mu_1 - \mu_2)(\mu_1 - \mu_2)^\top) \Sigma_1^{-1} \right)"
)
IN_COV = r"\frac{1}{2} \left( \Sigma_2^{-1} - \Sigma_1^{-1} \right)"
# each is an edit of the gradients above
WRONG: dict[str, tuple[str, Formula]] = {
    "swapped": (SWAPPED, _swapped),
    "missing 1/2": (CLAIM.replace(IN_COV, r"\Sigma_2^{-1} - \Sigma_1^{-1}"), _missing_half),
    "log-det sign": (CLAIM.replace(r"\Sigma_2^{-1} - \Sigma_1", r"\Sigma_2^{-1} + \Sigma_1"), _log_det_sign),
    "precision of q": (CLAIM.replace(r"\Sigma_2^{-1} (\mu", r"\Sigma_1^{-1} (\mu"), _wrong_precision),
    "sd for variance": (CLAIM.replace("^{-1}", "^{-1/2}"), _with_sd),
    "mean over d": (CLAIM.replace(r"\Sigma_2^{-1} (\mu", r"\frac{1}{d} \Sigma_2^{-1} (\mu").replace("{1}{2}", "{1}{2d}"), _mean_over_d),
}


def _reparameterised(q: Gaussian, p: Gaussian, w: Tensor) -> tuple[Tensor, Tensor]:
    """Shapes: w (n, d); results (n, d), (n, d, d)."""
    z = _path(q, w)
    u, s = -q.score(z), -p.score(z)
    precision = torch.linalg.inv(q.cov).to(u)
    outer = s[:, :, None] * u[:, None, :]
    return s, 0.25 * (outer + outer.mT) - 0.5 * precision


def _score_function(q: Gaussian, p: Gaussian, w: Tensor) -> tuple[Tensor, Tensor]:
    """Shapes: w (n, d); results (n, d), (n, d, d)."""
    z = _path(q, w)
    u, f = -q.score(z), q.log_prob(z) - p.log_prob(z)
    precision = torch.linalg.inv(q.cov).to(u)
    return f[:, None] * u, 0.5 * f[:, None, None] * (u[:, :, None] * u[:, None, :] - precision)


def _path(q: Gaussian, w: Tensor) -> Tensor:
    return q.mean.to(w) + w @ q.scale_tril.T.to(w)


def _flat(in_mean: Tensor, in_cov: Tensor) -> Tensor:
    d = in_mean.shape[1]
    rows, columns = np.tril_indices(d)
    return torch.cat((in_mean, in_cov[:, rows, columns]), 1)


def _said(value: tuple[Array, Array], tolerance: float) -> Claim:
    in_mean, in_cov = value
    rows, columns = np.tril_indices(len(in_mean))
    sizes = [np.linalg.norm(in_mean)] * len(in_mean) + [np.linalg.norm(in_cov)] * len(rows)
    return claim(CLAIM, np.concatenate([in_mean, in_cov[rows, columns]]), relative=tolerance, scale=sizes)


def _estimators(q: Gaussian, p: Gaussian, device: torch.device) -> Callable[[Formula], tuple[Trial, ...]]:
    by_path = quadratic_trial(lambda w: _flat(*_reparameterised(q, p, w)), q.d, device)
    by_score = polynomial_trial(lambda w: _flat(*_score_function(q, p, w)), q.d, 4, device)

    def of(said: Formula) -> tuple[Trial, ...]:
        value = said(q, p)
        return by_path(_said(value, BY_PATH)), by_score(_said(value, BY_SCORE))

    return of


def _narrower(q: Gaussian, p: Gaussian, device: torch.device) -> Callable[[Relation], Trial]:
    """E[‖f u‖² − ‖s‖²] against 0: both have one mean, so it is the difference of the traces of their variances."""

    def squares(w: Tensor) -> Tensor:
        by_score, by_path = _score_function(q, p, w)[0], _reparameterised(q, p, w)[0]
        return (by_score.square().sum(1) - by_path.square().sum(1))[:, None]

    (size,), _ = moments(squares, q.d, 6)
    of_claim = polynomial_trial(squares, q.d, 6, device)
    return lambda relation: of_claim(
        claim(NARROWER, 0.0, relative=0.3, scale=np.asarray([abs(size)]), relation=relation)
    )


def applicable(d: int) -> dict[str, Formula]:
    """The slips that change anything: one dimension has no mean over dimensions."""
    return {name: said for name, (_, said) in WRONG.items() if d > 1 or name != "mean over d"}


def _apart(q: Gaussian, p: Gaussian) -> bool:
    """Whether the gradient in Σ_1 is no small difference, and every slip is off by three tolerances somewhere."""
    right, in_cov = _said(gradients(q, p), BY_PATH), gradients(q, p)[1]
    wrong = [_said(said(q, p), BY_PATH) for said in applicable(q.d).values()]
    large = np.linalg.norm(in_cov) >= 0.25 * np.linalg.norm(_inverse(numbers(q.cov)))
    return bool(large) and all(
        bool(np.any(np.abs(w.value - right.value) > 3 * (w.tolerance + right.tolerance))) for w in wrong
    )


def _instance(q: Gaussian, p: Gaussian, device: torch.device) -> Instance:
    """Away from q: both estimators, and the reparameterised one varies less."""
    estimators, variances = _estimators(q, p, device), _narrower(q, p, device)
    slips = {name: estimators(said) for name, said in applicable(q.d).items()}
    trials = (*estimators(gradients), variances(">="))
    return Instance(f"d = {q.d}", trials, {**slips, "wider": (variances("<="),)})


def _near(q: Gaussian, device: torch.device) -> Instance:
    """For p near q the score function's varies less."""
    p = gaussian(numbers(q.mean) + 0.05, 1.05 * numbers(q.cov))
    variances = _narrower(q, p, device)
    return Instance(f"d = {q.d}, p near q", (variances("<="),), {"always narrower": (variances(">="),)})


def _instances(random: np.random.Generator, device: torch.device) -> list[Instance]:
    pairs = [_pair(random, d) for d in DIMENSIONS]
    return [*(_instance(q, p, device) for q, p in pairs), _near(random_gaussian(random, 2, SD), device)]


def _pair(random: np.random.Generator, d: int) -> tuple[Gaussian, Gaussian]:
    """Two Gaussians with means APART standard deviations of p from each other."""
    while True:
        q, cov = random_gaussian(random, d, SD), random_covariance(random, d, SD)
        direction = random.standard_normal(d)
        step = APART * np.linalg.cholesky(cov) @ (direction / np.linalg.norm(direction))
        p = gaussian(numbers(q.mean) + step, cov)
        if _apart(q, p):
            return q, p


EXPERIMENT = Experiment(
    title="Gradients of the divergence of two Gaussians",
    claim=CLAIM,
    source="Petersen & Pedersen 2012, sections 2.1-2.5; Williams 1992; proofs/vae/gauss-kl-gradients.md",
    controls={
        **{name: latex for name, (latex, _) in WRONG.items()},
        "wider": NARROWER.replace(r"\leq", r"\geq"),
        "always narrower": NARROWER + r" \quad (p \to q)",
    },
    instances=_instances,
)
