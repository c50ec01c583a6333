r"""Gaussian mixtures: draws, density, score, and what they become along the forward chain of a diffusion, all exact.

Main definitions: `GaussianMixture`, `expected_x_0`, `expected_eps`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import final

import torch
from torch import Tensor

from derivcheck.samplers.gaussian import Gaussian
from derivcheck.samplers.schedule import Schedule
from derivcheck.samplers.table import indices


@final
@dataclass(frozen=True)
class GaussianMixture:
    r"""p(x) = Σ_k weights_k N(x; means_k, covs_k).

    Shapes: weights (K,), means (K, d), covs (K, d, d), float64 on the CPU (`stream.real`).

    Raises:
        ValueError: shapes that do not fit, weights that are not positive or do not add up to 1, no covariance.
    """

    _: KW_ONLY
    weights: Tensor
    means: Tensor
    covs: Tensor

    def __post_init__(self) -> None:
        K = len(self.weights)
        if self.means.ndim != 2 or len(self.means) != K or len(self.covs) != K:
            raise ValueError(f"{K} weights, means {tuple(self.means.shape)}, covariances {tuple(self.covs.shape)}")
        if not bool((self.weights > 0).all()) or abs(float(self.weights.sum()) - 1) > 1e-12:
            raise ValueError(f"the weights {self.weights.tolist()} are not positive with sum 1")
        _ = self.components

    @cached_property
    def components(self) -> Sequence[Gaussian]:
        """The K Gaussians."""
        return [Gaussian(mean=m, cov=C) for m, C in zip(self.means, self.covs, strict=True)]

    @property
    def mean(self) -> Tensor:
        """Σ_k weights_k means_k, shape (d,)."""
        return self.weights @ self.means

    @property
    def cov(self) -> Tensor:
        """Σ_k weights_k (covs_k + means_k means_kᵀ) − mean meanᵀ, shape (d, d)."""
        centred = self.means - self.mean
        return torch.einsum("k,kij->ij", self.weights, self.covs + centred[:, :, None] * centred[:, None, :])

    @property
    def box(self) -> tuple[Tensor, Tensor]:
        """Corners, shape (d,), of the box around those of all components."""
        low, high = (torch.stack(ends) for ends in zip(*(c.box for c in self.components), strict=True))
        return low.amin(0), high.amax(0)

    def sample(
        self, n: int, generator: torch.Generator, device: torch.device, dtype: torch.dtype = torch.float32
    ) -> Tensor:
        """A component by its weight, then a draw of it: shape (n, d)."""
        k = indices(self.weights, n, generator, device)
        L = torch.stack([c.scale_tril for c in self.components]).to(device, dtype)
        w = torch.randn(n, self.means.shape[1], generator=generator, device=device, dtype=dtype)
        return self.means.to(device, dtype)[k] + torch.einsum("nij,nj->ni", L[k], w)

    def log_joint(self, x: Tensor) -> Tensor:
        """log weights_k + log N(x; means_k, covs_k), shape (n, K), nats, float64."""
        return torch.stack([c.log_prob(x) + math.log(w) for c, w in zip(self.components, self.weights.tolist(), strict=True)], 1)

    def log_prob(self, x: Tensor) -> Tensor:
        """log p(x) in nats, shape (n,), float64, for x (n, d)."""
        return self.log_joint(x).logsumexp(1)

    def responsibilities(self, x: Tensor) -> Tensor:
        """p(k|x), shape (n, K)."""
        return self.log_joint(x).softmax(1)

    def score(self, x: Tensor) -> Tensor:
        r"""∇_x log p(x) = Σ_k p(k|x) ∇_x log N(x; means_k, covs_k), shape (n, d), float64."""
        parts = torch.stack([c.score(x) for c in self.components], 1)
        return torch.einsum("nk,nkd->nd", self.responsibilities(x), parts)

    def diffused(self, schedule: Schedule, t: int) -> GaussianMixture:
        r"""The law of x_t if x_0 has this one: means √ᾱ_t m_k, covariances ᾱ_t C_k + (1 − ᾱ_t) I."""
        bar, rest = float(schedule.alpha_bar[t]), float(schedule.one_minus_alpha_bar[t])
        eye = torch.eye(self.means.shape[1], dtype=torch.float64)
        return GaussianMixture(weights=self.weights, means=math.sqrt(bar) * self.means, covs=bar * self.covs + rest * eye)


def expected_x_0(data: GaussianMixture, schedule: Schedule, t: int, x_t: Tensor) -> Tensor:
    r"""E[x_0|x_t] = Σ_k p(k|x_t) (m_k + √ᾱ_t C_k (ᾱ_t C_k + (1 − ᾱ_t) I)⁻¹ (x_t − √ᾱ_t m_k)), shape (n, d).

    By conditioning in each component, not by way of the score: Tweedie's formula can be held against it.
    """
    later, root = data.diffused(schedule, t), math.sqrt(schedule.alpha_bar[t])
    parts = [
        m.to(x_t.device) - root * component.score(x_t) @ C.to(x_t.device)
        for m, C, component in zip(data.means, data.covs, later.components, strict=True)
    ]
    return torch.einsum("nk,nkd->nd", later.responsibilities(x_t), torch.stack(parts, 1))


def expected_eps(data: GaussianMixture, schedule: Schedule, t: int, x_t: Tensor) -> Tensor:
    r"""E[ε|x_t] = (x_t − √ᾱ_t E[x_0|x_t]) / √(1 − ᾱ_t), shape (n, d): what a perfect ε_θ would return."""
    x_0 = expected_x_0(data, schedule, t, x_t)
    return (x_t.to(torch.float64) - math.sqrt(schedule.alpha_bar[t]) * x_0) / math.sqrt(schedule.one_minus_alpha_bar[t])
