r"""A latent-variable model on finite alphabets: a table p(x, z), from which every law is a sum.

Main definitions: `Table`, `indices`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import final

import torch
from torch import Tensor


@final
@dataclass(frozen=True)
class Table:
    """p(x, z) for x = 0…X−1 and z = 0…Z−1.

    Shapes: joint (X, Z), float64 on the CPU (`stream.real`).

    Raises:
        ValueError: no matrix, a negative entry, or a sum that is not 1.
    """

    joint: Tensor

    def __post_init__(self) -> None:
        if self.joint.ndim != 2 or not bool((self.joint >= 0).all()) or abs(float(self.joint.sum()) - 1) > 1e-12:
            raise ValueError(f"a joint is a matrix of probabilities with sum 1, not {self.joint.tolist()}")

    @cached_property
    def evidence(self) -> Tensor:
        """p(x) = Σ_z p(x, z), shape (X,)."""
        return self.joint.sum(1)

    @cached_property
    def prior(self) -> Tensor:
        """p(z) = Σ_x p(x, z), shape (Z,)."""
        return self.joint.sum(0)

    def posterior(self, x: int) -> Tensor:
        """p(z|x) = p(x, z)/p(x), shape (Z,)."""
        return self.joint[x] / self.evidence[x]

    def likelihood(self, z: int) -> Tensor:
        """p(x|z) = p(x, z)/p(z), shape (X,)."""
        return self.joint[:, z] / self.prior[z]

    def sample(self, n: int, generator: torch.Generator, device: torch.device) -> tuple[Tensor, Tensor]:
        """(x, z) of the joint, each (n,), int64."""
        cells = indices(self.joint.reshape(-1), n, generator, device)
        return cells // self.joint.shape[1], cells % self.joint.shape[1]

    def log_weights(self, x: int, q: Tensor, n: int, generator: torch.Generator) -> Tensor:
        """log p(x, z)/q(z) at n draws z of q (Z,), shape (n,), nats: its mean is the ELBO, the mean of its exp p(x)."""
        z = indices(q, n, generator, generator.device)
        return (self.joint[x].log() - q.log()).to(generator.device)[z]


def indices(weights: Tensor, n: int, generator: torch.Generator, device: torch.device) -> Tensor:
    """n draws of 0…K−1 with these probabilities (K,), int64, by inverting the distribution function in float64."""
    edges = weights.to(torch.float64).cumsum(0)[:-1].to(device)
    uniform = torch.rand(n, generator=generator, device=device, dtype=torch.float64)
    return torch.bucketize(uniform, edges, right=True)
