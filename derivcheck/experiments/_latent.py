r"""Linear-Gaussian models of an experiment, drawn at random: an observation of each, and a q(z|x) that is not its posterior.

Main definitions: `Inference`, `random_inference`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from torch import Tensor

from derivcheck.experiments._gaussian import gaussian, numbers, random_covariance
from derivcheck.samplers.gaussian import Gaussian
from derivcheck.samplers.linear_gaussian import LinearGaussian
from derivcheck.samplers.stream import real


@final
@dataclass(frozen=True)
class Inference:
    """A model, one observation x (d,) of it, and q(z|x) there."""

    model: LinearGaussian
    x: Tensor
    q: Gaussian

    @property
    def name(self) -> str:
        """How large it is."""
        return f"z in R^{self.model.k}, x in R^{len(self.x)}"

    @property
    def posterior(self) -> Gaussian:
        """p(z|x)."""
        return self.model.posterior(self.x)

    @property
    def log_evidence(self) -> float:
        """log p(x), in nats."""
        return float(self.model.log_evidence(self.x[None])[0])


def random_inference(
    random: np.random.Generator, k: int, d: int, *, shift: float, spread: tuple[float, float]
) -> Inference:
    """q(z|x) = N(m + shift·L e, L R Lᵀ), with m, L Lᵀ of the posterior, e ~ N(0, I), and R's roots in `spread`.

    Shapes: z (k,), x (d,).
    """
    W, b = random.standard_normal((d, k)), random.standard_normal(d)
    model = LinearGaussian(W=real(W), b=real(b), S=real(_symmetric(random_covariance(random, d, (0.5, 1.5)))))
    noise = numbers(model.noise.scale_tril) @ random.standard_normal(d)
    x = real(W @ random.standard_normal(k) + b + noise)
    posterior = model.posterior(x)
    L = numbers(posterior.scale_tril)
    mean = numbers(posterior.mean) + shift * L @ random.standard_normal(k)
    return Inference(model, x, gaussian(mean, L @ random_covariance(random, k, spread) @ L.T))


def _symmetric(cov: np.ndarray) -> np.ndarray:
    return (cov + cov.T) / 2
