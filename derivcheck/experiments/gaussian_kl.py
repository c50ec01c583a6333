r"""E_q log q/p of two Gaussians with full covariances against the closed form, d = 1 … 64, by T1."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from derivcheck.experiments._experiment import Experiment, Instance
from derivcheck.experiments._gaussian import Gaussian, random_gaussian, square_root
from derivcheck.experiments._quadratic import quadratic_trial
from derivcheck.statistics.claim import claim
from derivcheck.statistics.sequential import Trial

TOLERANCE = 0.01
DIMENSIONS = (1, 2, 4, 8, 16, 32, 64)
SD = (0.4, 2.5)
CLAIM = (
    r"\mathbb{E}_{q(z)}[\log q(z) - \log p(z)] = \frac{1}{2} \left( \log \frac{|\Sigma_2|}{|\Sigma_1|}"
    r" + \operatorname{tr}(\Sigma_2^{-1} \Sigma_1) + (\mu_1 - \mu_2)^\top \Sigma_2^{-1} (\mu_1 - \mu_2) - d \right)"
)
Formula = Callable[[Gaussian, Gaussian], float]


def kl_divergence(q: Gaussian, p: Gaussian) -> float:
    r"""½ (ln |Σ_2|/|Σ_1| + tr Σ_2⁻¹Σ_1 + (μ_1 − μ_2)ᵀΣ_2⁻¹(μ_1 − μ_2) − d).   Units: nats."""
    return 0.5 * (_log_det(q, p) + _trace(q, p) + _distance(q, p) - len(q.mean))


def _log_det(q: Gaussian, p: Gaussian) -> float:
    return float(np.linalg.slogdet(p.cov)[1] - np.linalg.slogdet(q.cov)[1])


def _trace(q: Gaussian, p: Gaussian) -> float:
    return float(np.trace(np.linalg.solve(p.cov, q.cov)))


def _distance(q: Gaussian, p: Gaussian) -> float:
    return float((q.mean - p.mean) @ np.linalg.solve(p.cov, q.mean - p.mean))


def _with_sd(q: Gaussian, p: Gaussian) -> float:
    rooted = [Gaussian(g.mean, square_root(g.cov)) for g in (q, p)]
    return kl_divergence(*rooted)


# each is an edit of the closed form above
WRONG: dict[str, tuple[str, Formula]] = {
    "swapped": (r"\mathbb{E}_{q(z)}[\log q(z) - \log p(z)] = KL(p \| q)", lambda q, p: kl_divergence(p, q)),
    "missing 1/2": (CLAIM.replace(r"\frac{1}{2} ", "", 1), lambda q, p: 2 * kl_divergence(q, p)),
    "missing -d": (CLAIM.replace(" - d ", " "), lambda q, p: kl_divergence(q, p) + len(q.mean) / 2),
    "mean over d": (
        CLAIM.replace(r"\frac{1}{2}", r"\frac{1}{2d}", 1),
        lambda q, p: kl_divergence(q, p) / len(q.mean),
    ),
    "log-det sign": (
        CLAIM.replace(r"|\Sigma_2|}{|\Sigma_1|", r"|\Sigma_1|}{|\Sigma_2|"),
        lambda q, p: kl_divergence(q, p) - _log_det(q, p),
    ),
    "sd for variance": (
        CLAIM.replace(r"\Sigma_1", r"\Sigma_1^{1/2}")
        .replace(r"\Sigma_2^{-1}", r"\Sigma_2^{-1/2}")
        .replace(r"|\Sigma_2|", r"|\Sigma_2^{1/2}|"),
        _with_sd,
    ),
}


def trials(q: Gaussian, p: Gaussian, device: torch.device) -> Callable[[Formula], Trial]:
    """The way from a formula to the claim that E_q log q/p is its value, within a share of that value."""

    def log_ratio(w: torch.Tensor) -> torch.Tensor:
        z = q.path(w)
        return (q.log_density(z) - p.log_density(z))[:, None]

    of_claim = quadratic_trial(log_ratio, len(q.mean), device)
    return lambda said: of_claim(claim(CLAIM, said(q, p), relative=TOLERANCE))


def off_by(q: Gaussian, p: Gaussian, said: Formula) -> float:
    """How far the said value is from the closed form, as a share of the larger of the two."""
    right, wrong = kl_divergence(q, p), said(q, p)
    return abs(wrong - right) / max(abs(wrong), abs(right))


def applicable(d: int) -> dict[str, Formula]:
    """The wrong claims that differ from the right one at all: one dimension has no mean over dimensions."""
    return {name: said for name, (_, said) in WRONG.items() if d > 1 or name != "mean over d"}


def discriminating_pair(random: np.random.Generator, d: int, apart: float) -> tuple[Gaussian, Gaussian]:
    """Two random Gaussians on which every wrong claim is off by the share `apart` or more."""
    while True:
        q, p = random_gaussian(random, d, SD), random_gaussian(random, d, SD)
        if all(off_by(q, p, said) >= apart for said in applicable(d).values()):
            return q, p


def _instances(random: np.random.Generator, device: torch.device) -> list[Instance]:
    return [_instance(*discriminating_pair(random, d, 5 * TOLERANCE), device) for d in DIMENSIONS]


def _instance(q: Gaussian, p: Gaussian, device: torch.device) -> Instance:
    d, trial = len(q.mean), trials(q, p, device)
    wrong = {name: (trial(said),) for name, said in applicable(d).items()}
    return Instance(f"d = {d}", (trial(kl_divergence),), wrong)


EXPERIMENT = Experiment(
    title="Divergence of two Gaussians",
    claim=CLAIM,
    source="Rasmussen & Williams 2006, appendix A.5, eq. A.23; proofs/vae/gauss-kl-full.md",
    controls={name: latex for name, (latex, _) in WRONG.items()},
    instances=_instances,
)
