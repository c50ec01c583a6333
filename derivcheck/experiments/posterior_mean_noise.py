r"""The ε-form of the posterior mean: μ̃_t = (x_t − β_t/√(1−ᾱ_t) ε)/√α_t, by whitening, by T0.

ε = (x_t − √ᾱ_t x_0)/√(1−ᾱ_t) is the noise that the whole path put on x_0. Given x_t and ε, which fix x_0, x_{t−1} is
N(μ̃_t, β̃_t): z must be N(0, 1) and uncorrelated with both.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import torch

from derivcheck.experiments._conditional import Whitened, conditional_instances, conditional_trial
from derivcheck.experiments._experiment import Experiment, Instance
from derivcheck.experiments._steps import chain_from_noise
from derivcheck.samplers.schedule import Schedule
from derivcheck.statistics.trial import Trial

CLAIM = r"\tilde\mu_t = \frac{1}{\sqrt{\alpha_t}} \left(x_t - \frac{\beta_t}{\sqrt{1-\bar\alpha_t}} \epsilon\right)"


class Mean(NamedTuple):
    """on_x_t · x_t + on_eps · ε."""

    on_x_t: float
    on_eps: float


Formula = Callable[[Schedule, int], Mean]


def noise_form(schedule: Schedule, t: int) -> Mean:
    """As on the page: Ho, Jain & Abbeel 2020, eq. 10 and 11."""
    alpha, beta, kept = schedule.alpha[t], schedule.beta[t], schedule.alpha_bar[t]
    return Mean(alpha**-0.5, -beta / (1 - kept) ** 0.5 / alpha**0.5)


def _edited(edit: Callable[[float, float, float], tuple[float, float]]) -> Formula:
    """An edit takes α_t, β_t, ᾱ_t to the factor in front and the coefficient of ε inside the bracket."""

    def formula(schedule: Schedule, t: int) -> Mean:
        front, inside = edit(float(schedule.alpha[t]), float(schedule.beta[t]), float(schedule.alpha_bar[t]))
        return Mean(front, -front * inside)

    return formula


def _before(schedule: Schedule, t: int) -> Mean:
    alpha, beta, before = schedule.alpha[t], schedule.beta[t], schedule.alpha_bar[t - 1]
    return Mean(alpha**-0.5, -beta / (1 - before) ** 0.5 / alpha**0.5)


def _bracket(front: str, inside: str) -> str:
    return rf"\tilde\mu_t = {front} \left(x_t - {inside} \epsilon\right)"


FRONT, INSIDE = r"\frac{1}{\sqrt{\alpha_t}}", r"\frac{\beta_t}{\sqrt{1-\bar\alpha_t}}"
WRONG: dict[str, tuple[str, Formula]] = {
    "wrong sign of the noise": (
        _bracket(FRONT, "-" + INSIDE),
        _edited(lambda a, b, k: (a**-0.5, -b / (1 - k) ** 0.5)),
    ),
    "1 - alpha for 1 - alpha bar": (
        _bracket(FRONT, r"\frac{\beta_t}{\sqrt{1-\alpha_t}}"),
        _edited(lambda a, b, _: (a**-0.5, b / (1 - a) ** 0.5)),
    ),
    "missing root of 1 - alpha bar": (
        _bracket(FRONT, r"\frac{\beta_t}{1-\bar\alpha_t}"),
        _edited(lambda a, b, k: (a**-0.5, b / (1 - k))),
    ),
    "root of beta": (
        _bracket(FRONT, r"\frac{\sqrt{\beta_t}}{\sqrt{1-\bar\alpha_t}}"),
        _edited(lambda a, b, k: (a**-0.5, (b / (1 - k)) ** 0.5)),
    ),
    "alpha bar for alpha in front": (
        _bracket(r"\frac{1}{\sqrt{\bar\alpha_t}}", INSIDE),
        _edited(lambda _, b, k: (k**-0.5, b / (1 - k) ** 0.5)),
    ),
    "missing root in front": (
        _bracket(r"\frac{1}{\alpha_t}", INSIDE),
        _edited(lambda a, b, k: (1 / a, b / (1 - k) ** 0.5)),
    ),
    "alpha bar at t - 1": (_bracket(FRONT, r"\frac{\beta_t}{\sqrt{1-\bar\alpha_{t-1}}}"), _before),
    "the datum for the posterior mean": (
        r"\tilde\mu_t = \frac{1}{\sqrt{\bar\alpha_t}} \left(x_t - \sqrt{1-\bar\alpha_t} \epsilon\right)",
        _edited(lambda _, __, k: (k**-0.5, (1 - k) ** 0.5)),
    ),
}


def _trial(latex: str, mean: Mean, schedule: Schedule, t: int, device: torch.device) -> Trial:
    kept, var = float(schedule.alpha_bar[t]), float(schedule.beta_tilde[t])

    def draw(n: int, random: torch.Generator) -> Whitened:
        path = chain_from_noise(schedule, t, n, random)
        eps = (path[t] - kept**0.5 * path[0]) / (1 - kept) ** 0.5
        z = (path[t - 1] - mean.on_x_t * path[t] - mean.on_eps * eps) / var**0.5
        return Whitened(z, torch.stack([path[t], eps], 1))

    return conditional_trial(latex, ("x_t", r"\epsilon"), draw, device)


def _instances(random: np.random.Generator, device: torch.device) -> list[Instance]:
    return conditional_instances(random, (CLAIM, noise_form), WRONG, partial(_trial, device=device))


EXPERIMENT = Experiment(
    title="Posterior mean in terms of the noise",
    claim=CLAIM,
    source="Ho, Jain & Abbeel 2020, section 3.2, eq. 10 and 11; proofs/ddpm/posterior-mean-noise.md",
    controls={name: latex for name, (latex, _) in WRONG.items()},
    instances=_instances,
)
