r"""q(x_{t−1} | x_t, x_0) = N(μ̃_t, β̃_t), by whitening a chain that was drawn forwards, by T0.

With x_0 ~ N(0, 1) every x_t is N(0, 1). z = (x_{t−1} − μ̃_t(x_t, x_0))/√β̃_t must be N(0, 1) and uncorrelated with
x_0 and x_t: three equations for the two coefficients of the mean and the variance, so nothing wrong can hide.
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

ON_X_T = r"\frac{\sqrt{\alpha_t}(1-\bar\alpha_{t-1})}{1-\bar\alpha_t}"
ON_X_0 = r"\frac{\sqrt{\bar\alpha_{t-1}}\beta_t}{1-\bar\alpha_t}"
CLAIM = (
    rf"q(x_{{t-1}}|x_t,x_0) = \mathcal{{N}}\left(x_{{t-1}}; {ON_X_T} x_t + {ON_X_0} x_0,"
    r" \frac{1-\bar\alpha_{t-1}}{1-\bar\alpha_t}\beta_t\right)"
)


class Law(NamedTuple):
    """N(on_x_t · x_t + on_x_0 · x_0, var)."""

    on_x_t: float
    on_x_0: float
    var: float


def posterior(schedule: Schedule, t: int) -> Law:
    """μ̃_t and β̃_t as on the page: Ho, Jain & Abbeel 2020, eq. 7."""
    alpha, beta, before, now = schedule.alpha[t], schedule.beta[t], schedule.alpha_bar[t - 1], schedule.alpha_bar[t]
    rest = 1 - now
    return Law(alpha**0.5 * (1 - before) / rest, before**0.5 * beta / rest, beta * (1 - before) / rest)


def _mean(on_x_t: str, on_x_0: str) -> str:
    return rf"\tilde\mu_t = {on_x_t} x_t + {on_x_0} x_0"


def _exchanged(schedule: Schedule, t: int) -> Law:
    law = posterior(schedule, t)
    return law._replace(on_x_t=law.on_x_0, on_x_0=law.on_x_t)


def _scaled(factor: float) -> Callable[[Schedule, int], Law]:
    def law(schedule: Schedule, t: int) -> Law:
        right = posterior(schedule, t)
        return right._replace(var=right.var * factor)

    return law


def _beta(schedule: Schedule, t: int) -> Law:
    return posterior(schedule, t)._replace(var=float(schedule.beta[t]))


def _inverted(schedule: Schedule, t: int) -> Law:
    beta, before, now = schedule.beta[t], schedule.alpha_bar[t - 1], schedule.alpha_bar[t]
    return posterior(schedule, t)._replace(var=float(beta * (1 - now) / (1 - before)))


def _deviation(schedule: Schedule, t: int) -> Law:
    right = posterior(schedule, t)
    return right._replace(var=right.var**0.5)


def _same_index(schedule: Schedule, t: int) -> Law:
    return posterior(schedule, t)._replace(on_x_t=float(schedule.alpha[t]) ** 0.5)


def _index_of_x_0(schedule: Schedule, t: int) -> Law:
    now = float(schedule.alpha_bar[t])
    return posterior(schedule, t)._replace(on_x_0=now**0.5 * float(schedule.beta[t]) / (1 - now))


def _no_root(schedule: Schedule, t: int) -> Law:
    right = posterior(schedule, t)
    return right._replace(on_x_0=right.on_x_0 * float(schedule.alpha_bar[t - 1]) ** 0.5)


WRONG: dict[str, tuple[str, Callable[[Schedule, int], Law]]] = {
    "beta for beta tilde": (r"\tilde\beta_t = \beta_t", _beta),
    "variance inverted": (r"\tilde\beta_t = \frac{1-\bar\alpha_t}{1-\bar\alpha_{t-1}}\beta_t", _inverted),
    "sd for variance": (r"\operatorname{Var} = \sqrt{\tilde\beta_t}", _deviation),
    "variance 1 % too large": (r"\operatorname{Var} = 1.01\,\tilde\beta_t", _scaled(1.01)),
    "variance 1 % too small": (r"\operatorname{Var} = 0.99\,\tilde\beta_t", _scaled(0.99)),
    "coefficients exchanged": (_mean(ON_X_0, ON_X_T), _exchanged),
    "alpha bar at t in the coefficient of x_t": (
        _mean(r"\frac{\sqrt{\alpha_t}(1-\bar\alpha_t)}{1-\bar\alpha_t}", ON_X_0),
        _same_index,
    ),
    "alpha bar at t in the coefficient of x_0": (
        _mean(ON_X_T, r"\frac{\sqrt{\bar\alpha_t}\beta_t}{1-\bar\alpha_t}"),
        _index_of_x_0,
    ),
    "alpha bar for its root": (_mean(ON_X_T, r"\frac{\bar\alpha_{t-1}\beta_t}{1-\bar\alpha_t}"), _no_root),
}


def _trial(latex: str, law: Law, schedule: Schedule, t: int, device: torch.device) -> Trial:
    def draw(n: int, random: torch.Generator) -> Whitened:
        path = chain_from_noise(schedule, t, n, random)
        z = (path[t - 1] - law.on_x_t * path[t] - law.on_x_0 * path[0]) / law.var**0.5
        return Whitened(z, torch.stack([path[0], path[t]], 1))

    return conditional_trial(latex, ("x_0", "x_t"), draw, device)


def _instances(random: np.random.Generator, device: torch.device) -> list[Instance]:
    return conditional_instances(random, (CLAIM, posterior), WRONG, partial(_trial, device=device))


EXPERIMENT = Experiment(
    title="Posterior of the forward process",
    claim=CLAIM,
    source="Ho, Jain & Abbeel 2020, eq. 6 and 7; proofs/ddpm/posterior.md",
    controls={name: latex for name, (latex, _) in WRONG.items()},
    instances=_instances,
)
