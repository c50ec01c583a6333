r"""x = μ + L ε with ε ~ N(0, I) has the law N(μ, L Lᵀ): mean, variances and correlations after whitening, by T0."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from derivcheck.experiments._experiment import Experiment, Instance
from derivcheck.experiments._gaussian import gaussian, numbers, random_gaussian, square_root
from derivcheck.experiments._whitened import whitened_trial
from derivcheck.samplers.gaussian import Gaussian
from derivcheck.statistics.sums import Array
from derivcheck.statistics.trial import Trial

TOLERANCE = 0.0099  # a variance said 1 % too high is whitened to 1/1.01 = 1 − 0.0099
DIMENSIONS = (1, 2, 2, 3, 4, 6)
CLAIM = r"\mu + L \epsilon \sim \mathcal{N}(\mu, L L^\top), \quad \epsilon \sim \mathcal{N}(0, I)"


def _law(of_factor: Callable[[Array], Array]) -> Callable[[Gaussian], Gaussian]:
    return lambda x: gaussian(numbers(x.mean), of_factor(numbers(x.scale_tril)))


CLAIMED = _law(lambda L: L @ L.T)
# what is said of the law of μ + L ε, given μ and L
WRONG: dict[str, tuple[str, Callable[[Gaussian], Gaussian]]] = {
    "sd for variance": (
        r"\mu + L \epsilon \sim \mathcal{N}(\mu, (L L^\top)^{1/2})",
        _law(lambda L: square_root(L @ L.T)),
    ),
    "variance + 1 %": (r"\mu + L \epsilon \sim \mathcal{N}(\mu, 1.01 L L^\top)", _law(lambda L: 1.01 * L @ L.T)),
    "variance - 1 %": (r"\mu + L \epsilon \sim \mathcal{N}(\mu, 0.99 L L^\top)", _law(lambda L: 0.99 * L @ L.T)),
    "variance + 5 %": (r"\mu + L \epsilon \sim \mathcal{N}(\mu, 1.05 L L^\top)", _law(lambda L: 1.05 * L @ L.T)),
    "transposed factor": (r"\mu + L \epsilon \sim \mathcal{N}(\mu, L^\top L)", _law(lambda L: L.T @ L)),
    "correlations dropped": (
        r"\mu + L \epsilon \sim \mathcal{N}(\mu, \operatorname{diag}(L L^\top))",
        _law(lambda L: np.diag(np.diag(L @ L.T))),
    ),
    "mean dropped": (
        r"\mu + L \epsilon \sim \mathcal{N}(0, L L^\top)",
        lambda x: Gaussian(mean=torch.zeros_like(x.mean), cov=x.cov),
    ),
}
NEEDS_TWO = {"transposed factor", "correlations dropped"}  # they say the same as the claim in one dimension


def trial(x: Gaussian, said: Gaussian, device: torch.device) -> Trial:
    """x.mean + L ε, whitened by the law that is said of it, is N(0, I)."""
    def z(n: int, random: torch.Generator, device: torch.device) -> Tensor:
        eps = torch.randn(n, x.d, generator=random, device=device)
        return said.whitened(x.mean.to(eps) + eps @ x.scale_tril.T.to(eps))

    return whitened_trial(CLAIM, z, x.d, TOLERANCE, device)


def _instances(random: np.random.Generator, device: torch.device) -> list[Instance]:
    return [_instance(random_gaussian(random, d, (0.2, 3.0)), device) for d in DIMENSIONS]


def _instance(x: Gaussian, device: torch.device) -> Instance:
    said = {name: law for name, (_, law) in WRONG.items() if x.d > 1 or name not in NEEDS_TWO}
    wrong = {name: (trial(x, law(x), device),) for name, law in said.items()}
    return Instance(f"d = {x.d}", (trial(x, CLAIMED(x), device),), wrong)


EXPERIMENT = Experiment(
    title="Reparameterisation",
    claim=CLAIM,
    source="Kingma & Welling 2014, section 2.4; proofs/vae/reparameterisation.md",
    controls={name: latex for name, (latex, _) in WRONG.items()},
    instances=_instances,
)
