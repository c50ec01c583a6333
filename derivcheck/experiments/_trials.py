"""Trials about the mean of a statistic that is drawn: with a stated variance (T3), with a support (T4), or yes and no (T4).

Main definitions: `Statistic`, `varied_trial`, `bounded_trial`, `share_trial`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from derivcheck.samplers.influence import influence_sums
from derivcheck.samplers.reduce import power_sums
from derivcheck.samplers.stream import generator
from derivcheck.statistics.claim import Claim
from derivcheck.statistics.sums import Array, Sums
from derivcheck.statistics.tiers.bounded import BoundedMean, Proportion
from derivcheck.statistics.tiers.stated_variance import stated_variance
from derivcheck.statistics.trial import Trial

Statistic = Callable[[int, torch.Generator], Tensor]
"""(n, generator) -> n independent values of it, shape (n, m); the device is the generator's."""


def varied_trial(said: Claim, statistic: Statistic, variance: ArrayLike, because: str, device: torch.device) -> Trial:
    """E f_j is what is said, by T3, where var f_j ≤ variance_j. because: why, as a reader can judge it."""
    tier = stated_variance(said, variance, because)

    def draw(seed: int, n: int) -> Sums:
        return influence_sums(statistic(n, generator(seed, device)), tier)

    return Trial(said, tier, draw)


def bounded_trial(
    said: Claim, statistic: Statistic, support: tuple[ArrayLike, ArrayLike], device: torch.device
) -> Trial:
    """E f_j is what is said, by T4, where low_j ≤ f_j ≤ high_j."""
    low, high = (np.array(np.broadcast_to(np.asarray(end, dtype=np.float64), said.value.shape)) for end in support)

    def draw(seed: int, n: int) -> Sums:
        return power_sums(statistic(n, generator(seed, device)))

    return Trial(said, BoundedMean(low, high), draw)


def share_trial(said: Claim, event: Statistic, device: torch.device, planned: Array | None = None) -> Trial:
    """P(event_j) is what is said, by T4; planned: the shares that n is planned for, those that are said if none are given."""

    def draw(seed: int, n: int) -> Sums:
        return power_sums(event(n, generator(seed, device)))

    return Trial(said, Proportion(said.value if planned is None else planned), draw)
