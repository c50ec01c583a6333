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
from derivcheck.statistics.sums import Sums


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
        with_b = torch.cat((self.A, self.b[:, None]), 1).to(device, dtype)
        most = min(n, max(1, room(device) // max(m, k)))
        # buffers are kept over the pieces: fresh ones would cost page faults; w has a row of ones below it, which
        # makes A w + b one product without a pass for b
        space, rows = (torch.ones((r + 1) * most, dtype=dtype, device=device) for r in (k, m))
        total, squares = (torch.zeros((), dtype=torch.float64, device=device) for _ in range(2))
        for size in pieces(n, most):
            if size < most:
                space.fill_(1.0)
            w, y = space[: k * size], rows[: m * size]
            w.normal_(generator=generator)
            torch.mm(with_b, space[: (k + 1) * size].view(k + 1, size), out=y.view(m, size))
            if second:
                row = rows[m * most : m * most + size]
                torch.sum(y.square_().view(m, size), 0, out=row)
                row.sub_(w.square_().view(k, size).sum(0))
                values = row.to(torch.float64).mul_(self.sign * 0.5).add_(self.constant)
                total += values.sum()
                squares += torch.dot(values, values)
            else:
                total += torch.dot(y, y)
                total -= torch.dot(w, w)
        if not second:
            total = self.constant * n + self.sign * 0.5 * total
        sums = {"first": total, "second": squares} if second else {"first": total}
        return Sums(n, {name: value.reshape(1).cpu().numpy() for name, value in sums.items()})
