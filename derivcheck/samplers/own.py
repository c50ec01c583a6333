"""From a sampler that a user wrote to draws that a claim can be confronted with.

Main definitions: `draws_of`.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from derivcheck.samplers.reduce import power_sums
from derivcheck.samplers.stream import Sampler, best_device, drawn, generator
from derivcheck.statistics.sums import Sums
from derivcheck.statistics.trial import Draw


def draws_of(
    sampler: Sampler, statistic: Callable[[Tensor], Sums] = power_sums, *, device: torch.device | None = None
) -> Draw:
    """(seed, n) -> statistic of n draws of the sampler, on CUDA where there is one unless a device is given.

    Raises, when it draws:
        BadSample: what the sampler returns is no finite tensor of n rows on the device.
    """
    place = device or best_device()
    return lambda seed, n: statistic(drawn(sampler, n, generator(seed, place)))
