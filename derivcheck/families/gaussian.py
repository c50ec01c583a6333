r"""\mathcal{N}(\mu, \Sigma): the second parameter is the variance (covariance), not a standard deviation."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from derivcheck.families._family import Family, Parameter, Values, one, positive, real


def _draw(values: Values, n: int, generator: torch.Generator) -> Tensor:
    mean, cov = values
    w = torch.randn(n, *mean.shape[1:], generator=generator, dtype=mean.dtype, device=mean.device)
    if mean.ndim == 1:
        return mean + cov.sqrt() * w
    return mean + (torch.linalg.cholesky(cov) @ w[..., None])[..., 0]


def _log_density(values: Values, x: Tensor) -> Tensor:
    r"""−½ (x − μ)ᵀ Σ⁻¹ (x − μ) − ½ ln det Σ − (d/2) ln 2π."""
    mean, cov = values
    if mean.ndim == 1:
        return -0.5 * ((x - mean).square() / cov + cov.log() + math.log(2 * math.pi))
    L = torch.linalg.cholesky(cov)
    white = torch.linalg.solve_triangular(L, (x - mean)[..., None], upper=False)[..., 0]
    half_log_det = L.diagonal(dim1=-2, dim2=-1).log().sum(-1)
    return -0.5 * white.square().sum(-1) - half_log_det - 0.5 * mean.shape[-1] * math.log(2 * math.pi)


def _covariance(value: Tensor) -> Tensor:
    if value.ndim == 1:
        return positive(value)
    if value.shape[-1] != value.shape[-2]:
        return torch.zeros(len(value), dtype=torch.bool)
    symmetric = (value - value.mT).abs().amax((-2, -1)) <= 1e-8 * value.abs().amax((-2, -1))
    return symmetric & (torch.linalg.cholesky_ex(value).info == 0)


def _fits(values: Values) -> bool:
    mean, cov = values
    return cov.ndim == (1 if mean.ndim == 1 else 3) and cov.shape[1:] == mean.shape[1:] * 2


def _random_instance(random: np.random.Generator) -> Values:
    if random.random() < 0.5:
        return one(random.normal(), random.uniform(0.2, 3.0))
    d = int(random.integers(2, 4))
    half = random.normal(size=(d, d))
    return one(random.normal(size=d), half @ half.T / d + 0.3 * np.eye(d))


FAMILY = Family(
    name="gaussian",
    latex=r"\mathcal{N}",
    parameters=(
        Parameter(r"\mu", "finite", real, (0, 1)),
        Parameter(r"\Sigma", "a positive variance, or a symmetric positive definite covariance", _covariance, (0, 2)),
    ),
    support=r"\mathbb{R}^d",
    source="Bishop 2006, equation 2.43",
    draw=_draw,
    log_density=_log_density,
    contains=lambda _, x: real(x),
    mean=lambda values: values[0],
    variance=lambda values: values[1],
    random_instance=_random_instance,
    fits=_fits,
    event=lambda values: tuple(values[0].shape[1:]),
)
