r"""E_q log q/p of two Gaussians with full covariances against the closed form, d = 1 … 64, by T1."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from derivcheck.experiments._experiment import Experiment, Instance
from derivcheck.experiments._gaussian import random_gaussian
from derivcheck.experiments._kl_edits import FORM, FORMS, Formula, applicable, kl_divergence, off_by
from derivcheck.experiments._quadratic import quadratic_trial
from derivcheck.samplers.gaussian import Gaussian, log_ratio_sums
from derivcheck.samplers.stream import generator
from derivcheck.statistics.claim import claim
from derivcheck.statistics.sums import Sums
from derivcheck.statistics.trial import Trial

TOLERANCE = 0.01
DIMENSIONS = (1, 2, 4, 8, 16, 32, 64)
SD = (0.4, 2.5)
LEAST = 0.5  # nats: 1 % of a smaller divergence takes many draws, and tells no more
RATIO = r"\mathbb{E}_{q(z)}[\log q(z) - \log p(z)] = "
CLAIM = RATIO + FORM


def trials(q: Gaussian, p: Gaussian, device: torch.device) -> Callable[[Formula], Trial]:
    """The way from a formula to the claim that E_q log q/p is its value, within a share of that value."""

    def log_ratio(w: torch.Tensor) -> torch.Tensor:
        z = q.mean + w @ q.scale_tril.T
        return (q.log_prob(z) - p.log_prob(z))[:, None]

    def draw(seed: int, n: int) -> Sums:
        return log_ratio_sums(q, p, n, generator(seed, device))

    of_claim = quadratic_trial(log_ratio, q.d, device, draw)
    return lambda said: of_claim(claim(CLAIM, said(q, p), relative=TOLERANCE))


def discriminating_pair(random: np.random.Generator, d: int, apart: float) -> tuple[Gaussian, Gaussian]:
    """Two random Gaussians, LEAST or more from each other, on which every slip is off by the share `apart` or more."""
    while True:
        q, p = random_gaussian(random, d, SD), random_gaussian(random, d, SD)
        slips = applicable(d).values()
        if kl_divergence(q, p) >= LEAST and all(off_by(q, p, said) >= apart for said in slips):
            return q, p


def _instances(random: np.random.Generator, device: torch.device) -> list[Instance]:
    return [_instance(*discriminating_pair(random, d, 5 * TOLERANCE), device) for d in DIMENSIONS]


def _instance(q: Gaussian, p: Gaussian, device: torch.device) -> Instance:
    d, trial = q.d, trials(q, p, device)
    wrong = {name: (trial(said),) for name, said in applicable(d).items()}
    return Instance(f"d = {d}", (trial(kl_divergence),), wrong)


EXPERIMENT = Experiment(
    title="Divergence of two Gaussians",
    claim=CLAIM,
    source="Rasmussen & Williams 2006, appendix A.5, eq. A.23; proofs/vae/gauss-kl-full.md",
    controls={name: RATIO + form for name, form in FORMS.items()},
    instances=_instances,
)
