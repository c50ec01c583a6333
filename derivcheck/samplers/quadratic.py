r"""Sums of c + s ½(|A w + b|² − |w|²) over draws w ~ N(0, I_k): what log p/q of Gaussians and linear models come to.

Main definitions: `HalfSquares`.
Each draw's A w + b is formed and squared, in blocks that stay in a core's cache; no moment of w is put in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from derivcheck.samplers.reduce import one_thread, room
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
        blocks = self._blocks(n, generator, dtype)
        if second:
            first, squares = self._values(blocks, generator.device).cpu().split(1)
            return Sums(n, {"first": first.numpy(), "second": squares.numpy()})
        of_y, of_w = _squares(blocks, generator.device, dtype).cpu().split(1)
        return Sums(n, {"first": (self.constant * n + self.sign * 0.5 * (of_y - of_w)).numpy()})

    def _blocks(self, n: int, generator: torch.Generator, dtype: torch.dtype) -> Iterator[tuple[Tensor, Tensor]]:
        """w (k, ·) and A w + b (m, ·) in blocks; the tensors are the same ones again as long as the size is.

        Below w stands a row of ones, which makes A w + b one product without a pass for b.
        """
        (m, k), device = self.A.shape, generator.device
        with_b = torch.cat((self.A, self.b[:, None]), 1).to(device, dtype)
        most = max(1, room(device) // max(m, k))
        for size, count in ((most, n // most), (n % most, 1)):
            if size and count:
                with_ones = torch.ones(k + 1, size, dtype=dtype, device=device)
                w, y = with_ones[:k], torch.empty(m, size, dtype=dtype, device=device)
                for _ in range(count):
                    w.normal_(generator=generator)
                    torch.mm(with_b, with_ones, out=y)
                    yield w, y

    def _values(self, blocks: Iterator[tuple[Tensor, Tensor]], device: torch.device) -> Tensor:
        """Σ f and Σ f², shape (2,), float64; the blocks are overwritten."""
        totals = torch.zeros(2, dtype=torch.float64, device=device)
        for w, y in blocks:
            values = y.square_().sum(0).sub_(w.square_().sum(0)).to(torch.float64)
            values.mul_(self.sign * 0.5).add_(self.constant)
            totals += torch.stack((values.sum(), torch.dot(values, values)))
        return totals


def _squares(blocks: Iterator[tuple[Tensor, Tensor]], device: torch.device, dtype: torch.dtype) -> Tensor:
    """|A w + b|² and |w|² over all draws, shape (2,), float64: by blocks in the type of the draws, then in float64."""
    totals = torch.zeros(2, dtype=torch.float64, device=device)
    both = torch.empty(2, dtype=dtype, device=device)
    of_y, of_w = both.unbind()
    for w, y in blocks:
        torch.dot(y.view(-1), y.view(-1), out=of_y)
        torch.dot(w.view(-1), w.view(-1), out=of_w)
        totals += both
    return totals
