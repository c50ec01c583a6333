r"""Gaussians of an experiment: drawn at random, sampled by their path, with the log density of the page.

Main definitions: `Gaussian`, `random_gaussian`, `random_covariance`, `square_root`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np
import torch
from torch import Tensor

from derivcheck.statistics.sums import Array


@final
@dataclass(frozen=True)
class Gaussian:
    r"""N(mean, cov).   Shapes: mean (d,), cov (d, d) positive definite.

    Raises:
        LinAlgError: cov is not positive definite.
    """

    mean: Array
    cov: Array

    @cached_property
    def factor(self) -> Array:
        """L, lower triangular, with L Lᵀ = cov."""
        return np.linalg.cholesky(self.cov)

    def path(self, eps: Tensor) -> Tensor:
        """mean + L ε.   Shapes: eps (n, d); result (n, d)."""
        return as_like(self.mean, eps) + eps @ as_like(self.factor.T, eps)

    def log_density(self, x: Tensor) -> Tensor:
        r"""−½ ‖L⁻¹(x − mean)‖² − Σ_i ln L_ii − (d/2) ln 2π.   Shapes: x (n, d); result (n,).   Units: nats."""
        inverse = np.linalg.inv(self.factor)
        whitened = (x - as_like(self.mean, x)) @ as_like(inverse.T, x)
        constant = np.log(np.diag(self.factor)).sum() + 0.5 * len(self.mean) * math.log(2 * math.pi)
        return -0.5 * whitened.square().sum(-1) - float(constant)


def random_gaussian(random: np.random.Generator, d: int, sd: tuple[float, float]) -> Gaussian:
    """A standard normal mean, and `random_covariance`."""
    return Gaussian(random.standard_normal(d), random_covariance(random, d, sd))


def random_covariance(random: np.random.Generator, d: int, sd: tuple[float, float]) -> Array:
    """Q diag(s²) Qᵀ, Q uniform among the rotations, s log-uniform in the range.   Shapes: result (d, d)."""
    rotation, upper = np.linalg.qr(random.standard_normal((d, d)))
    axes = rotation * np.sign(np.diag(upper))  # Mezzadri 2007: without the signs Q is not uniform
    scales = np.exp(random.uniform(math.log(sd[0]), math.log(sd[1]), d))
    return (axes * scales**2) @ axes.T


def square_root(cov: Array) -> Array:
    """The symmetric root of a covariance: what a standard deviation is in several dimensions."""
    values, axes = np.linalg.eigh(cov)
    return (axes * np.sqrt(values)) @ axes.T


def as_like(value: Array, like: Tensor) -> Tensor:
    """The parameter in the draws' precision and on their device."""
    return torch.as_tensor(np.ascontiguousarray(value), dtype=like.dtype, device=like.device)
