r"""A generator beside the data: both densities known, hence D* and the Jensen-Shannon divergence.

Main definitions: `Density`, `GeneratorData`, `SinhArcsinh`.
Source: Goodfellow et al. 2014, "Generative Adversarial Nets", section 4.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, final

import torch
from torch import Tensor

SETTLED = 1e-12  # a quadrature is done when doubling its nodes changes it by less


class NotSettled(ArithmeticError):
    """A quadrature still moved at its finest grid: no value is better than a wrong one."""


class Density(Protocol):
    """A law that can be drawn from and whose density is known."""

    def sample(self, n: int, generator: torch.Generator, device: torch.device, dtype: torch.dtype = ...) -> Tensor:
        """Draws, shape (n, d)."""
        ...

    def log_prob(self, x: Tensor) -> Tensor:
        """log density in nats, shape (n,), float64, for x (n, d)."""
        ...

    @property
    def box(self) -> tuple[Tensor, Tensor]:
        """Lower and upper corner, shape (d,), float64: the mass outside is below 1e-18."""
        ...


@final
@dataclass(frozen=True)
class SinhArcsinh:
    r"""A generator G(z) = location + scale · sinh((arsinh z + skew)/tail) of z ~ N(0, 1), with its exact density.

    Shapes: x (n, 1).   Raises ValueError if scale or tail is not positive.
    Source: Jones & Pewsey 2009, "Sinh-arcsinh distributions", equation 2.
    """

    location: float = 0.0
    scale: float = 1.0
    skew: float = 0.0
    tail: float = 1.0

    def __post_init__(self) -> None:
        if not (self.scale > 0 and self.tail > 0):
            raise ValueError(f"scale {self.scale} and tail {self.tail} must be positive")

    def __call__(self, z: Tensor) -> Tensor:
        """G(z)."""
        return self.location + self.scale * torch.sinh((torch.asinh(z) + self.skew) / self.tail)

    def inverse(self, x: Tensor) -> Tensor:
        """The z with G(z) = x."""
        return torch.sinh(self.tail * torch.asinh((x - self.location) / self.scale) - self.skew)

    def sample(
        self, n: int, generator: torch.Generator, device: torch.device, dtype: torch.dtype = torch.float32
    ) -> Tensor:
        """G(z) at n draws z, shape (n, 1)."""
        return self(torch.randn(n, 1, generator=generator, device=device, dtype=dtype))

    def log_prob(self, x: Tensor) -> Tensor:
        r"""log N(z; 0, 1) + log dz/dx at z = G⁻¹(x), shape (n,), nats, float64."""
        wide = x.to(torch.float64)[:, 0]
        u, z = (wide - self.location) / self.scale, self.inverse(wide)
        slope = math.log(self.tail / self.scale) + 0.5 * (torch.log1p(z.square()) - torch.log1p(u.square()))
        return -0.5 * z.square() - 0.5 * math.log(2 * math.pi) + slope

    @property
    def box(self) -> tuple[Tensor, Tensor]:
        """G(−9) and G(9)."""
        ends = self(torch.tensor([[-9.0], [9.0]], dtype=torch.float64))
        return ends[0], ends[1]


@final
@dataclass(frozen=True)
class GeneratorData:
    """p_data and p_g, one beside the other."""

    data: Density
    generated: Density

    def log_ratio(self, x: Tensor) -> Tensor:
        """log p_data(x)/p_g(x), shape (n,), nats."""
        return self.data.log_prob(x) - self.generated.log_prob(x)

    def discriminator(self, x: Tensor) -> Tensor:
        """D*(x) = p_data/(p_data + p_g) as a sigmoid of the log ratio, shape (n,).   Source: proposition 1."""
        return torch.sigmoid(self.log_ratio(x))

    def jsd(self) -> float:
        r"""½ KL(p_data‖m) + ½ KL(p_g‖m) with m = ½ (p_data + p_g), in nats, by quadrature; d ≤ 2.

        log p_data/m = log 2 + log D*, log p_g/m = log 2 + log(1 − D*), both by the logarithm of a sigmoid.

        Raises:
            NotSettled: the quadrature still changes by more than 1e-12.
        """

        def integrand(x: Tensor) -> Tensor:
            p, q = self.data.log_prob(x), self.generated.log_prob(x)
            log_D, log_rest = (torch.nn.functional.logsigmoid(sign * (p - q)) for sign in (1, -1))
            return 0.5 * (p.exp() * (math.log(2) + log_D) + q.exp() * (math.log(2) + log_rest))

        return self._integral(integrand)

    def expectation(self, f: Callable[[Tensor], Tensor], under: Density) -> float:
        """E f(x) under one of the two laws by quadrature, for a smooth f from (n, d) to (n,); d ≤ 2.

        Raises:
            NotSettled: the quadrature still changes by more than 1e-12.
        """
        return self._integral(lambda x: f(x) * under.log_prob(x).exp())

    def _integral(self, f: Callable[[Tensor], Tensor]) -> float:
        """∫ f dx by the trapezoid over both boxes, doubled until it stays."""
        low, high = (torch.stack(ends) for ends in zip(self.data.box, self.generated.box, strict=True))
        sides = list(zip(low.amin(0).tolist(), high.amax(0).tolist(), strict=True))
        finest = {1: 20, 2: 11}.get(len(sides), 0)
        before = math.nan
        for power in range(7, finest + 1):
            nodes = [torch.linspace(a, b, 2**power + 1, dtype=torch.float64) for a, b in sides]
            cell = math.prod((b - a) / 2**power for a, b in sides)
            now = cell * sum(float(f(rows).sum()) for rows in _rows(nodes))
            if abs(now - before) <= SETTLED * max(1.0, abs(now)):
                return now
            before = now
        raise NotSettled(f"an integral over {len(sides)} dimensions still changed at its finest grid")


def _rows(nodes: list[Tensor]) -> itertools.chain[Tensor]:
    """All points of a grid, shape (·, d), a slice at a time (f vanishes at the ends, so all weights are one)."""
    first, *others = nodes
    slices = first.split(1 << 16) if not others else first.split(64)
    return itertools.chain(torch.cartesian_prod(part, *others).reshape(-1, len(nodes)) for part in slices)
