r"""Sums of c + s ½(|A w + b|² − |w|²) over draws w ~ N(0, I_k): what log p/q of Gaussians and linear models come to.

Main definitions: `HalfSquares`.
Each draw's A w + b is formed and squared, in blocks that stay in a core's cache; no moment of w is put in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from derivcheck.samplers.reduce import one_thread, pieces, room
from derivcheck.statistics.sums import Array, Sums


@final
@dataclass(frozen=True)
class HalfSquares:
    """c + sign · ½(|A w + b|² − |w|²) as a function of w.

    Shapes: A (m, k), b (m,), float64 on the CPU; w (k,).
    """

    A: Tensor
    b: Tensor
    constant: float
    sign: float = 1.0

    def __call__(self, w: Tensor) -> Tensor:
        """Its values, shape (n,), float64, for w (n, k)."""
        wide = w.to(torch.float64)
        y = torch.addmm(self.b.to(w.device), wide, self.A.T.to(w.device))
        return self.constant + self.sign * 0.5 * (y.square().sum(1) - wide.square().sum(1))

    @one_thread()
    def sums(
        self, n: int, generator: torch.Generator, *, second: bool = False, dtype: torch.dtype = torch.float32
    ) -> Sums:
        """`first` = Σ f(w), and `second` = Σ f(w)² if asked for, over n draws; shape (1,). Memory does not grow with n."""
        (m, k), device = self.A.shape, generator.device
        A, b = self.A.to(device, dtype), self.b.to(device, dtype)[:, None]
        most = min(n, max(1, room(device) // max(m, k)))
        # kept over the pieces: fresh buffers would cost page faults
        buffers = [torch.empty(rows * most, dtype=dtype, device=device) for rows in (k, m, 1)]
        totals = torch.zeros(2, dtype=torch.float64, device=device)
        for size in pieces(n, most):
            w, y, row = (buffer[: len(buffer) // most * size] for buffer in buffers)
            w.normal_(generator=generator)
            torch.addmm(b, A, w.view(k, size), out=y.view(m, size))
            if second:
                torch.sum(y.square_().view(m, size), 0, out=row)
                row.sub_(w.square_().view(k, size).sum(0))
                values = row.to(torch.float64).mul_(self.sign * 0.5).add_(self.constant)
                totals += torch.stack((values.sum(), torch.dot(values, values)))
            else:
                totals[0] += torch.dot(y, y).to(torch.float64) - torch.dot(w, w)
        return Sums(n, self._by_name(totals.cpu(), n, second=second))

    def _by_name(self, totals: Tensor, n: int, *, second: bool) -> dict[str, Array]:
        if second:
            return {"first": totals[:1].numpy(), "second": totals[1:].numpy()}
        return {"first": (self.constant * n + self.sign * 0.5 * totals[:1]).numpy()}
