r"""x = μ + σ ε with ε ~ N(0, 1) has the law N(μ, σ²): its mean, by T0."""

from __future__ import annotations

import numpy as np
import torch

from derivcheck.experiments._experiment import Experiment, Instance
from derivcheck.samplers.reduce import power_sums
from derivcheck.samplers.stream import generator
from derivcheck.statistics.claim import claim
from derivcheck.statistics.sums import Sums
from derivcheck.statistics.tiers.exact_gaussian import KnownVariance
from derivcheck.statistics.trial import Trial

CLAIM = r"\mu + \sigma \epsilon \sim \mathcal{N}(\mu, \sigma^2), \quad \epsilon \sim \mathcal{N}(0, 1)"


def _instances(random: np.random.Generator, device: torch.device) -> list[Instance]:
    return [_instance(random.normal(), random.uniform(0.2, 3.0), device) for _ in range(5)]


def _instance(mu: float, sigma: float, device: torch.device) -> Instance:
    def draw(seed: int, n: int) -> Sums:
        eps = torch.randn(n, 1, generator=generator(seed, device), device=device)
        return power_sums(mu + sigma * eps)

    def trial(mean: float) -> Trial:
        said = claim(CLAIM, mean, relative=0.01, scale=sigma)
        return Trial(said, KnownVariance(np.asarray([sigma])), draw)

    wrong = {"noise not centred": (trial(mu + sigma),)}
    return Instance(f"mu = {mu:.3g}, sigma = {sigma:.3g}", (trial(mu),), wrong)


EXPERIMENT = Experiment(
    title="Reparameterisation",
    claim=CLAIM,
    source="Kingma & Welling 2014, section 2.4",
    controls={"noise not centred": r"\mu + \sigma \epsilon \sim \mathcal{N}(\mu + \sigma, \sigma^2)"},
    instances=_instances,
)
