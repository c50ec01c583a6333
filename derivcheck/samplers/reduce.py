"""From draws to the sums of a tier: drawn in float32 or float64, added in float64.

Main definitions: `power_sums`, `pieces`, `room`, `one_thread`.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from derivcheck.statistics.sums import Sums

# how many numbers a buffer holds: two of them fit a core's second-level cache, and a call costs little beside them
CPU_ROOM = 1 << 17
CUDA_ROOM = 1 << 23


def room(device: torch.device) -> int:
    """How many numbers one buffer holds on this device."""
    return CPU_ROOM if device.type == "cpu" else CUDA_ROOM


def pieces(n: int, most: int) -> Iterator[int]:
    """n in pieces of at most `most`: memory stays the same however large n is."""
    for start in range(0, n, most):
        yield min(most, n - start)


@contextmanager
def one_thread() -> Generator[None]:
    """Inside, torch computes with one thread.

    Why: several threads add in another order, so that sums would depend on the machine and not on the seed alone;
    and buffers that live in one core's cache gain nothing from a second core.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@one_thread()
def power_sums(values: Tensor, centre: Tensor | float = 0.0) -> Sums:
    r"""`first` = Σ (x − centre) and `second` = Σ (x − centre)², by coordinate.

    Shapes: values (n, m) or (n,), centre (m,); sums (m,), with m = 1 for values (n,).
    """
    shifted = (values[:, None] if values.ndim == 1 else values).to(torch.float64) - centre
    first, second = shifted.sum(0), shifted.square().sum(0)
    return Sums(len(values), {"first": first.cpu().numpy(), "second": second.cpu().numpy()})
