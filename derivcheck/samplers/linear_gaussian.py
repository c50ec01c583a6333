r"""The linear-Gaussian VAE: z ~ N(0, I_k), x|z ~ N(W z + b, S), with its evidence and posterior in closed form.

Main definitions: `LinearGaussian`.
Source: Bishop 2006, "Pattern Recognition and Machine Learning", equations 2.113–2.117; Tipping & Bishop 1999.
"""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import final

import torch
from torch import Tensor

from derivcheck.samplers.gaussian import Gaussian
from derivcheck.samplers.quadratic import HalfSquares
from derivcheck.statistics.sums import Sums


@final
@dataclass(frozen=True)
class LinearGaussian:
    """p(z) = N(0, I_k), p(x|z) = N(W z + b, S).

    Shapes: W (d, k), b (d,), S (d, d), float64 on the CPU (`stream.real`).

    Raises:
        ValueError: shapes that do not fit, or an S that is no covariance.
    """

    _: KW_ONLY
    W: Tensor
    b: Tensor
    S: Tensor

    def __post_init__(self) -> None:
        if self.W.ndim != 2 or self.W.shape[0] != len(self.b):
            raise ValueError(f"W {tuple(self.W.shape)} and b {tuple(self.b.shape)}: wanted (d, k) and (d,)")
        _ = self.noise

    @property
    def k(self) -> int:
        """The dimension of z."""
        return self.W.shape[1]

    @cached_property
    def prior(self) -> Gaussian:
        """p(z) = N(0, I)."""
        return Gaussian(mean=torch.zeros(self.k, dtype=torch.float64), cov=torch.eye(self.k, dtype=torch.float64))

    @cached_property
    def noise(self) -> Gaussian:
        """N(0, S), the law of x − W z − b."""
        return Gaussian(mean=torch.zeros_like(self.b), cov=self.S)

    def likelihood(self, z: Tensor) -> Gaussian:
        """p(x|z) for one z (k,)."""
        return Gaussian(mean=self.W @ z + self.b, cov=self.S)

    @cached_property
    def evidence(self) -> Gaussian:
        """p(x) = N(b, W Wᵀ + S)."""
        return Gaussian(mean=self.b, cov=self.W @ self.W.T + self.S)

    def log_evidence(self, x: Tensor) -> Tensor:
        """log p(x) in nats, shape (n,), for x (n, d)."""
        return self.evidence.log_prob(x)

    def posterior(self, x: Tensor) -> Gaussian:
        """p(z|x) = N(C Wᵀ S⁻¹ (x − b), C) with C = (I + Wᵀ S⁻¹ W)⁻¹, for one x (d,)."""
        weighted = torch.cholesky_solve(self.W, self.noise.scale_tril)  # S⁻¹ W
        precision = torch.eye(self.k, dtype=torch.float64) + self.W.T @ weighted
        inverse = torch.cholesky_inverse(torch.linalg.cholesky(precision))
        return Gaussian(mean=inverse @ weighted.T @ (x - self.b), cov=0.5 * (inverse + inverse.T))

    def sample(
        self, n: int, generator: torch.Generator, device: torch.device, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """(z, x) of the joint: z first, then x given z. Shapes (n, k), (n, d)."""
        z = self.prior.sample(n, generator, device, dtype)
        return z, z @ self.W.T.to(device, dtype) + self.b.to(device, dtype) + self.noise.sample(n, generator, device, dtype)

    def sample_x(
        self, n: int, generator: torch.Generator, device: torch.device, dtype: torch.dtype = torch.float32
    ) -> Tensor:
        """x of the joint, shape (n, d): a `Sampler` of the evidence that does not know it."""
        return self.sample(n, generator, device, dtype)[1]

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log p(x|z) + log p(z) in nats, shape (n,), for z (n, k) and x (n, d) or one x (d,)."""
        mean = z.to(torch.float64) @ self.W.T.to(z.device) + self.b.to(z.device)
        return self.noise.log_prob(x.to(z.device, torch.float64) - mean) + self.prior.log_prob(z)

    def log_weights(self, x: Tensor, q: Gaussian, n: int, generator: torch.Generator) -> Tensor:
        """log p(x, z)/q(z) at n draws z of q, shape (n,), nats: its mean is the ELBO, the mean of its exp is p(x)."""
        z = q.sample(n, generator, generator.device)
        return self.log_joint(x, z) - q.log_prob(z)

    def log_weight(self, x: Tensor, q: Gaussian) -> HalfSquares:
        r"""log p(x, z)/q(z) at z = m_q + L_q w for one x (d,), as a function of w ~ N(0, I), which makes z a draw of q.

        −½ (|S^{-1/2}(x − W z − b)|² + |z|² − |w|²) + constant: the residuals of all d outputs and z are rows of one
        affine map of w.
        """
        residual = torch.linalg.solve_triangular(self.noise.scale_tril, self.W @ q.scale_tril, upper=False)
        centre = self.noise.whitened((x - self.b - self.W @ q.mean)[None])[0]
        constant = q.half_log_det - self.noise.half_log_det - len(self.b) / 2 * math.log(2 * math.pi)
        A, b = torch.cat((-residual, q.scale_tril)), torch.cat((centre, q.mean))
        return HalfSquares(A, b, constant, sign=-1.0)

    def elbo_sums(self, x: Tensor, q: Gaussian, n: int, generator: torch.Generator, *, second: bool = False) -> Sums:
        r"""`first` = Σ log p(x, z)/q(z) over n draws z of q, for one x (d,), and `second` if asked for; nats, shape (1,)."""
        return self.log_weight(x, q).sums(n, generator, second=second)
