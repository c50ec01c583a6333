"""An exponential moving average of weights, without the start's bias.

Main definitions: `Average`.
"""

from __future__ import annotations

import copy
from typing import final

import torch
from torch import nn


@final
class Average:
    """net: a copy that follows with w ← d w + (1 − d) w_new; d grows from 0.1 to `decay` over the first steps."""

    def __init__(self, net: nn.Module, decay: float) -> None:
        self.decay = decay
        self.net = copy.deepcopy(net).requires_grad_(False)
        self.net.register_buffer("steps", torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def update(self, net: nn.Module) -> None:
        """Take one step towards the network."""
        steps = self.net.get_buffer("steps")
        d = min(self.decay, (1 + int(steps)) / (10 + int(steps)))
        for mine, new in zip(self.net.parameters(), net.parameters(), strict=True):
            mine.lerp_(new, 1 - d)
        steps += 1
