r"""Linear SimSiam: stochastic gradient descent on drawn views, many replicas at once, and the flow it follows.

Main definitions: `LinearSimSiam`.
J = ½ E|W_p W x_1 − sg(W x_2)|²; x_i = x̄ + noise_i with x̄ ~ N(0, X) and noise_i ~ N(0, X′).
Source: Tian, Chen & Ganguli 2021, "Understanding self-supervised learning dynamics without contrastive pairs".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import final

import numpy as np
import torch
from scipy.integrate import solve_ivp
from torch import Tensor

from derivcheck.samplers.gaussian import Gaussian
from derivcheck.statistics.sums import Array


@final
@dataclass(frozen=True)
class LinearSimSiam:
    """The data, and which parts of the method are there.

    predictor_rate: the predictor's learning rate over the encoder's. weight_decay: η, for both.

    Shapes: X, X_prime (d, d), float64 on the CPU (`stream.real`).

    Raises:
        ValueError: X or X_prime is not a positive definite covariance.
    """

    _: KW_ONLY
    X: Tensor
    X_prime: Tensor
    predictor: bool = True
    stop_gradient: bool = True
    predictor_rate: float = 1.0
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        _ = self._laws

    @cached_property
    def _laws(self) -> tuple[Gaussian, Gaussian]:
        zero = torch.zeros(len(self.X), dtype=torch.float64)
        return Gaussian(mean=zero, cov=self.X), Gaussian(mean=zero, cov=self.X_prime)

    def views(
        self, n: int, generator: torch.Generator, device: torch.device, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Two views x_1, x_2 of each of n data, shapes (n, d)."""
        datum, noise = self._laws
        mean = datum.sample(n, generator, device, dtype)
        return mean + noise.sample(n, generator, device, dtype), mean + noise.sample(n, generator, device, dtype)

    def loss(self, W: Tensor, W_p: Tensor, x_1: Tensor, x_2: Tensor) -> Tensor:
        """½ |W_p W x_1 − sg(W x_2)|², averaged over a replica's batch: shape (R,).

        Shapes: W (R, k, d), W_p (R, k, k), x_1, x_2 (R, B, d).
        """
        f_1, f_2 = x_1 @ W.mT, x_2 @ W.mT
        p_1 = f_1 @ W_p.mT if self.predictor else f_1
        target = f_2.detach() if self.stop_gradient else f_2
        return 0.5 * (p_1 - target).square().sum(-1).mean(-1)

    def gradient(self, W: Tensor, W_p: Tensor, x_1: Tensor, x_2: Tensor) -> tuple[Tensor, Tensor]:
        """The derivative of each replica's loss, by automatic differentiation: shapes (R, k, d), (R, k, k).

        Without a predictor the second is 0.
        """
        leaves = W.detach().requires_grad_(), W_p.detach().requires_grad_()
        total = self.loss(*leaves, x_1, x_2).sum()  # replicas share nothing: the sum's derivative is each one's own
        of_W, of_W_p = torch.autograd.grad(total, leaves, materialize_grads=True)
        return of_W, of_W_p

    def sgd(
        self,
        W: Tensor,
        W_p: Tensor,
        *,
        rate: float,
        steps: int,
        batch: int,
        replicas: int,
        generator: torch.Generator,
        dtype: torch.dtype = torch.float32,
    ) -> Iterator[tuple[int, Tensor, Tensor]]:
        """(step, W, W_p) for steps 1…steps from one start (k, d), (k, k), each replica on batches of its own.

        W ← W − rate (∂J/∂W + η W), W_p ← W_p − rate (predictor_rate ∂J/∂W_p + η W_p).

        Shapes: yields W (R, k, d), W_p (R, k, k), tensors of their own; time is rate · step.
        """
        device, d = generator.device, len(self.X)
        w, w_p = (start.to(device, dtype).expand(replicas, -1, -1) for start in (W, W_p))
        for step in range(1, steps + 1):
            x_1, x_2 = (x.view(replicas, batch, d) for x in self.views(replicas * batch, generator, device, dtype))
            of_w, of_w_p = self.gradient(w, w_p, x_1, x_2)
            w = w - rate * (of_w + self.weight_decay * w)
            if self.predictor:
                w_p = w_p - rate * (self.predictor_rate * of_w_p + self.weight_decay * w_p)
            yield step, w, w_p

    def drift(self, W: Array, W_p: Array) -> tuple[Array, Array]:
        r"""(Ẇ, Ẇ_p) of the flow.

        With G = W_p W (X + X′) − W X:  Ẇ = −W_pᵀ G − η W,  Ẇ_p = −predictor_rate · G Wᵀ − η W_p; without the
        stop-gradient Ẇ has W_p W X − W (X + X′) besides; without the predictor W_p stays I.
        """
        X, both = self.X.numpy(), (self.X + self.X_prime).numpy()
        P = W_p if self.predictor else np.eye(len(W))
        G = P @ W @ both - W @ X
        of_W = -P.T @ G - self.weight_decay * W
        if not self.stop_gradient:
            of_W += P @ W @ X - W @ both
        of_P = -self.predictor_rate * G @ W.T - self.weight_decay * W_p
        return of_W, of_P if self.predictor else np.zeros_like(W_p)

    def flow(self, W: Array, W_p: Array, times: Sequence[float]) -> tuple[Array, Array]:
        """(W, W_p) at increasing times ≥ 0 from a start at time 0, to 1e-10: shapes (len(times), k, d), (…, k, k).

        Raises:
            ArithmeticError: the solver gave up.
        """
        (k, d), cut = W.shape, W.size

        def velocity(_: float, state: Array) -> Array:
            parts = self.drift(state[:cut].reshape(k, d), state[cut:].reshape(k, k))
            return np.concatenate([part.ravel() for part in parts])

        start = np.concatenate([W.ravel(), W_p.ravel()])
        found = solve_ivp(velocity, (0.0, times[-1]), start, "DOP853", times, rtol=1e-10, atol=1e-12)
        if not found.success:
            raise ArithmeticError(f"the flow has no solution up to time {times[-1]}: {found.message}")
        states = np.asarray(found.y, dtype=np.float64).T
        return states[:, :cut].reshape(-1, k, d), states[:, cut:].reshape(-1, k, k)
