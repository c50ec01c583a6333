r"""Gaussians with full covariance: draws, log densities, and sums of log p/q that are fast up to d = 64 and beyond.

Main definitions: `Gaussian`, `log_ratio`, `log_ratio_sums`.
"""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import final

import torch
from torch import Tensor

from derivcheck.samplers.quadratic import HalfSquares
from derivcheck.statistics.sums import Sums


@final
@dataclass(frozen=True)
class Gaussian:
    r"""N(mean, cov). Its second parameter is the covariance, as on the page, not a standard deviation.

    Shapes: mean (d,), cov (d, d), float64 on the CPU (`stream.real`).

    Raises:
        ValueError: the shapes differ, or the covariance is not symmetric and positive definite.
    """

    _: KW_ONLY
    mean: Tensor
    cov: Tensor

    def __post_init__(self) -> None:
        if self.mean.ndim != 1 or self.cov.shape != (self.d, self.d):
            raise ValueError(f"mean {tuple(self.mean.shape)} and covariance {tuple(self.cov.shape)}: wanted (d,), (d, d)")
        if not torch.allclose(self.cov, self.cov.T, rtol=1e-10, atol=0):
            raise ValueError("the covariance is not symmetric")
        if int(torch.linalg.cholesky_ex(self.cov).info):
            raise ValueError("the covariance is not positive definite")

    @property
    def d(self) -> int:
        """The dimension."""
        return len(self.mean)

    @cached_property
    def scale_tril(self) -> Tensor:
        """L, lower triangular, with L Lᵀ = cov."""
        return torch.linalg.cholesky(self.cov)

    @cached_property
    def half_log_det(self) -> float:
        """½ ln det cov."""
        return float(self.scale_tril.diagonal().log().sum())

    @property
    def box(self) -> tuple[Tensor, Tensor]:
        """Corners, shape (d,), 9 standard deviations out: the mass outside is below 1e-18 in each direction."""
        reach = 9 * self.cov.diagonal().sqrt()
        return self.mean - reach, self.mean + reach

    def sample(
        self, n: int, generator: torch.Generator, device: torch.device, dtype: torch.dtype = torch.float32
    ) -> Tensor:
        """x = mean + L w with w ~ N(0, I), shape (n, d)."""
        w = torch.randn(n, self.d, generator=generator, device=device, dtype=dtype)
        return torch.addmm(self.mean.to(device, dtype), w, self.scale_tril.T.to(device, dtype))

    def whitened(self, x: Tensor) -> Tensor:
        """L⁻¹ (x − mean), which is N(0, I) if x is N(mean, cov): shape (n, d), float64."""
        centred = x.to(torch.float64) - self.mean.to(x.device)
        return torch.linalg.solve_triangular(self.scale_tril.to(x.device), centred.mT, upper=False).mT

    def log_prob(self, x: Tensor) -> Tensor:
        r"""−½ |L⁻¹(x − mean)|² − ½ ln det cov − (d/2) ln 2π, shape (n,), float64, in nats."""
        constant = self.half_log_det + self.d / 2 * math.log(2 * math.pi)
        return -0.5 * self.whitened(x).square().sum(-1) - constant

    def score(self, x: Tensor) -> Tensor:
        r"""∇_x log p(x) = −cov⁻¹ (x − mean), shape (n, d), float64."""
        L = self.scale_tril.to(x.device)
        return -torch.linalg.solve_triangular(L.mT, self.whitened(x).mT, upper=True).mT


def log_ratio(p: Gaussian, q: Gaussian) -> HalfSquares:
    r"""log p(x)/q(x) at x = m_p + L_p w, in nats, as a function of w ~ N(0, I), which makes x a draw of p.

    ½ (|A w + b|² − |w|²) + ½ ln det S_q/det S_p with A = L_q⁻¹ L_p and b = L_q⁻¹ (m_p − m_q): A w + b is x whitened
    for q.   Its mean is KL(p‖q).
    """
    A = torch.linalg.solve_triangular(q.scale_tril, p.scale_tril, upper=False)
    return HalfSquares(A, q.whitened(p.mean[None])[0], q.half_log_det - p.half_log_det)


def log_ratio_sums(p: Gaussian, q: Gaussian, n: int, generator: torch.Generator, *, second: bool = False) -> Sums:
    r"""`first` = Σ log p(x)/q(x) over n draws x of p, and `second` = Σ (log p(x)/q(x))² if asked for; nats, shape (1,)."""
    return log_ratio(p, q).sums(n, generator, second=second)
