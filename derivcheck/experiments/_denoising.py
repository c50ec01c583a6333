r"""Data of a Gaussian mixture sent down a few steps of the forward chain: (x_0, x_t), with all conditional means exact.

Main definitions: `Denoising`, `random_denoising`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from torch import Tensor

from derivcheck.experiments._steps import random_schedule, small_t
from derivcheck.experiments._waves import random_mixture
from derivcheck.samplers.forward_chain import q_step
from derivcheck.samplers.mixture import GaussianMixture
from derivcheck.samplers.schedule import Schedule
from derivcheck.statistics.sums import Array


@final
@dataclass(frozen=True)
class Denoising:
    """x_0 from the data, x_t by the chain."""

    data: GaussianMixture
    schedule: Schedule
    t: int

    @property
    def kept(self) -> float:
        """ᾱ_t."""
        return float(self.schedule.alpha_bar[self.t])

    @property
    def lost(self) -> float:
        """1 − ᾱ_t."""
        return float(self.schedule.one_minus_alpha_bar[self.t])

    @property
    def noisy(self) -> GaussianMixture:
        """The law of x_t."""
        return self.data.diffused(self.schedule, self.t)

    @property
    def error(self) -> Array:
        r"""A bound of E (x_0 − E[x_0|x_t])_j², shape (d,): min(Var x_{0,j}, (1 − ᾱ_t)/ᾱ_t).

        No estimate of x_0 from x_t is better than the conditional mean: neither E x_0 nor x_t/√ᾱ_t.
        """
        return np.minimum(self.data.cov.diagonal().numpy(), self.lost / self.kept)

    def pairs(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """(x_0, x_t), shapes (n, d), float64; drawn in float32."""
        x_0 = self.data.sample(n, generator, generator.device)
        x_t = x_0
        for s in range(1, self.t + 1):
            x_t = q_step(self.schedule, s, x_t, generator)
        return x_0.to(torch.float64), x_t.to(torch.float64)

    def __str__(self) -> str:
        """As an instance is named."""
        return f"d = {self.data.means.shape[1]}, t = {self.t}, alpha bar = {self.kept:.3g}"


def random_denoising(random: np.random.Generator, d: int) -> Denoising:
    """A mixture of three Gaussians, and ᾱ_t in [0.2, 0.8]: both what was kept and what was lost matter."""
    while True:
        schedule = random_schedule(random)
        t = small_t(random, schedule)
        if 0.2 <= schedule.alpha_bar[t] <= 0.8:
            return Denoising(random_mixture(random, d), schedule, t)
