r"""A conditional law N(mean, var) tried by whitening: z = (x − mean)/√var is N(0, 1), whatever is conditioned on.

Main definitions: `Whitened`, `conditional_trial`, `conditional_instances`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor

from derivcheck.experiments._experiment import Instance
from derivcheck.experiments._steps import random_schedule, small_t
from derivcheck.samplers.schedule import Schedule
from derivcheck.samplers.stream import generator
from derivcheck.statistics.claim import claim
from derivcheck.statistics.sums import Sums
from derivcheck.statistics.tiers.exact_gaussian import KnownMean, KnownVariance
from derivcheck.statistics.tiers.gaussian_slope import KnownResidual
from derivcheck.statistics.tiers.joint import Joint
from derivcheck.statistics.trial import Trial

TOLERANCE = 0.0099  # a variance said 1 % too large is whitened to 1/1.01 = 1 − 0.0099


class Whitened(NamedTuple):
    """z, and the standard normal variables that it must not depend on. Shapes: z (n,), given (n, m)."""

    z: Tensor
    given: Tensor


def conditional_trial(
    latex: str, given: Sequence[str], draw: Callable[[int, torch.Generator], Whitened], device: torch.device
) -> Trial:
    """The claim E z = 0, Var z = 1, Cov(z, y) = 0 for each y of `given`, by T0, within 0.0099 each.

    Under the claim z is N(0, 1) given the y, hence all four sums have known laws.
    """
    m = len(given)

    def sums(seed: int, n: int) -> Sums:
        z, y = (drawn.to(torch.float64) for drawn in draw(n, generator(seed, device)))
        by_name = {"first": z.sum()[None], "second": z.square().sum()[None], "cross": z @ y, "square": y.square().sum(0)}
        return Sums(n, {name: value.cpu().numpy() for name, value in by_name.items()})

    one = np.ones(1)
    tier = Joint(
        (KnownVariance(one), KnownMean(one), KnownResidual(np.ones(m), np.ones(m))),
        (1, 1, m),
    )
    values = np.concatenate([[0.0, 1.0], np.zeros(m)])
    return Trial(claim(latex, values, relative=TOLERANCE, scale=np.ones(m + 2)), tier, sums)


Form = TypeVar("Form")
Stated = tuple[str, Callable[[Schedule, int], Form]]
"""A claim in LaTeX, and what it says on a schedule at t."""


def conditional_instances(
    random: np.random.Generator,
    right: Stated[Form],
    wrong: Mapping[str, Stated[Form]],
    trial: Callable[[str, Form, Schedule, int], Trial],
) -> list[Instance]:
    """Five short schedules, each at a small t, with the trial of the claim and of each wrong one."""
    found: list[Instance] = []
    for _ in range(5):
        schedule = random_schedule(random)
        t = small_t(random, schedule)

        def tried(stated: Stated[Form], schedule: Schedule = schedule, t: int = t) -> tuple[Trial, ...]:
            return (trial(stated[0], stated[1](schedule, t), schedule, t),)

        name = f"T = {schedule.T}, t = {t}, beta_t = {schedule.beta[t]:.3g}"
        found.append(Instance(name, tried(right), {k: tried(w) for k, w in wrong.items()}))
    return found
