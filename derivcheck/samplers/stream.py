"""Where randomness comes from: a seed, a device, and functions that a user may write too.

Main definitions: `Sampler`, `best_device`, `generator`, `drawn`, `BadSample`, `real`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
from numpy.typing import ArrayLike
from torch import Tensor

Sampler = Callable[[int, torch.Generator, torch.device], Tensor]
"""(n, generator, device) -> n independent draws, shape (n, *event)."""


class BadSample(ValueError):
    """What a sampler returned is no sample: the message says what it is and what was asked for."""


def best_device() -> torch.device:
    """CUDA where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def generator(seed: int, device: torch.device) -> torch.Generator:
    """A generator that nothing else uses, with this seed."""
    return torch.Generator(device).manual_seed(seed)


def real(values: ArrayLike | Tensor) -> Tensor:
    """Parameters as a float64 tensor on the CPU, where the exact side of a model is computed."""
    if isinstance(values, Tensor):
        return values.detach().to("cpu", torch.float64)
    return torch.tensor(values, dtype=torch.float64)


def drawn(
    sampler: Sampler, n: int, generator: torch.Generator, *, event: tuple[int, ...] | None = None
) -> Tensor:
    """n draws of a sampler that anyone may have written, looked at before anything is concluded from them.

    Shapes: (n, *event); any event if none is given.

    Raises:
        BadSample: not a tensor of n rows, on another device, not of numbers, of another shape, or not finite.
    """
    device = generator.device
    values = cast("object", sampler(n, generator, device))  # a user's function may return anything
    name = getattr(sampler, "__name__", type(sampler).__name__)
    if not isinstance(values, Tensor):
        raise BadSample(f"{name} returned a {type(values).__name__}: return a tensor of shape ({n}, …)")
    if values.ndim == 0 or len(values) != n:
        raise BadSample(f"{name} returned shape {tuple(values.shape)} for n = {n}: its first axis is the draws")
    if event is not None and tuple(values.shape[1:]) != event:
        raise BadSample(f"{name} returned shape {tuple(values.shape)}: wanted {(n, *event)}")
    if values.device.type != device.type:
        raise BadSample(f"{name} returned a tensor on {values.device}: draw on the device it is given, {device}")
    if values.is_complex():
        raise BadSample(f"{name} returned {values.dtype}: a statistic needs real numbers")
    if values.is_floating_point() and not bool(torch.isfinite(values).all()):
        count = int((~torch.isfinite(values)).sum())
        raise BadSample(f"{name}: {count} of {values.numel()} numbers are not finite")
    return values
