r"""q(x_t | x_0) = N(√ᾱ_t x_0, 1 − ᾱ_t) at every t at once, by T0: 2 T numbers from one pass over the chain.

Nothing but the step x_t = √α_t x_{t−1} + √β_t ε_t is drawn. The sums are about the claimed means, so that under the claim
each x_t minus its mean is Gaussian with a known mean and variance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from derivcheck.experiments._experiment import Experiment, Instance, Panel
from derivcheck.experiments._steps import random_schedule
from derivcheck.samplers.forward_chain import q_chain_sums
from derivcheck.samplers.schedule import Schedule, cosine, linear
from derivcheck.samplers.stream import generator
from derivcheck.statistics.claim import claim
from derivcheck.statistics.sums import Array, Sums
from derivcheck.statistics.tiers.exact_gaussian import KnownMean, KnownVariance
from derivcheck.statistics.tiers.joint import Joint
from derivcheck.statistics.trial import Trial

TOLERANCE = 0.01  # of the variance, and of the standard deviation for the mean
LONG = 1000
CLAIM = r"q(x_t|x_0) = \mathcal{N}(x_t; \sqrt{\bar\alpha_t} x_0, (1-\bar\alpha_t) I), \quad t = 1, \dots, T"


class Law(NamedTuple):
    """N(on_x_0[t] · x_0, var[t]).   Shapes: (T,), from t = 1 on."""

    on_x_0: Array
    var: Array


Formula = Callable[[Schedule], Law]


def marginal(schedule: Schedule) -> Law:
    """√ᾱ_t and 1 − ᾱ_t: Ho, Jain & Abbeel 2020, eq. 4."""
    return Law(np.sqrt(schedule.alpha_bar[1:]), schedule.one_minus_alpha_bar[1:])


def _with_var(var: Formula | Callable[[Schedule], Array]) -> Formula:
    return lambda schedule: marginal(schedule)._replace(var=var(schedule))


def _before(schedule: Schedule) -> Law:
    """ᾱ_{t−1} for ᾱ_t; at t = 1, where nothing would be left of the variance, that of ᾱ_1."""
    law = marginal(schedule)
    return Law(np.concatenate([[1.0], law.on_x_0[:-1]]), np.concatenate([law.var[:1], law.var[:-1]]))


def _after(schedule: Schedule) -> Law:
    law = marginal(schedule)
    return Law(np.append(law.on_x_0[1:], law.on_x_0[-1]), np.append(law.var[1:], law.var[-1]))


def _law(mean: str, var: str) -> str:
    return rf"q(x_t|x_0) = \mathcal{{N}}(x_t; {mean} x_0, {var} I)"


ROOT, REST = r"\sqrt{\bar\alpha_t}", r"(1-\bar\alpha_t)"
WRONG: dict[str, tuple[str, Formula]] = {
    "1 - alpha for 1 - alpha bar": (_law(ROOT, r"(1-\alpha_t)"), _with_var(lambda s: s.beta[1:])),
    "alpha for alpha bar": (
        _law(r"\sqrt{\alpha_t}", r"(1-\alpha_t)"),
        lambda s: Law(np.sqrt(s.alpha[1:]), s.beta[1:]),
    ),
    "alpha bar for its root": (
        _law(r"\bar\alpha_t", REST),
        lambda s: marginal(s)._replace(on_x_0=s.alpha_bar[1:]),
    ),
    "alpha bar at t - 1": (_law(r"\sqrt{\bar\alpha_{t-1}}", r"(1-\bar\alpha_{t-1})"), _before),
    "alpha bar at t + 1": (_law(r"\sqrt{\bar\alpha_{t+1}}", r"(1-\bar\alpha_{t+1})"), _after),
    "alpha bar exchanged": (
        _law(r"\sqrt{1-\bar\alpha_t}", r"\bar\alpha_t"),
        lambda s: Law(np.sqrt(s.one_minus_alpha_bar[1:]), s.alpha_bar[1:]),
    ),
    "sd for variance": (_law(ROOT, r"\sqrt{1-\bar\alpha_t}"), _with_var(lambda s: np.sqrt(s.one_minus_alpha_bar[1:]))),
    "sum of the betas": (_law(ROOT, r"\sum_{s \leq t} \beta_s"), _with_var(lambda s: np.cumsum(s.beta[1:]))),
}
FINE: dict[str, tuple[str, Formula]] = {
    "variance 1 % too large": (_law(ROOT, r"1.01 " + REST), _with_var(lambda s: 1.01 * s.one_minus_alpha_bar[1:])),
    "variance 1 % too small": (_law(ROOT, r"0.99 " + REST), _with_var(lambda s: 0.99 * s.one_minus_alpha_bar[1:])),
}


def trial(latex: str, law: Law, schedule: Schedule, x_0: float, device: torch.device) -> Trial:
    """The chain from x_0 has this mean and this variance at every t."""
    centre, T = law.on_x_0 * x_0, schedule.T

    def draw(seed: int, n: int) -> Sums:
        return q_chain_sums(schedule, x_0, n, generator(seed, device), centre=centre)

    said = claim(
        latex,
        np.concatenate([np.zeros(T), law.var]),
        relative=TOLERANCE,
        scale=np.concatenate([np.sqrt(law.var), law.var]),
    )
    return Trial(said, Joint((KnownVariance(np.sqrt(law.var)), KnownMean(law.var)), (T, T)), draw)


def _instance(name: str, schedule: Schedule, x_0: float, wrong: dict[str, tuple[str, Formula]], device: torch.device) -> Instance:
    return Instance(
        f"{name}, x_0 = {x_0:.3g}",
        (trial(CLAIM, marginal(schedule), schedule, x_0, device),),
        {key: (trial(latex, law(schedule), schedule, x_0, device),) for key, (latex, law) in wrong.items()},
    )


def _instances(random: np.random.Generator, device: torch.device) -> list[Instance]:
    """The linear schedule of the paper, a short cosine one, and four of a few large steps.

    An error of one per cent is looked for on the short ones alone: it would draw the long chain anew.
    """
    found = [
        _instance(f"linear, T = {LONG}", linear(LONG), float(random.normal()), WRONG, device),
        _instance("cosine, T = 20", cosine(20), float(random.normal()), WRONG, device),
    ]
    for _ in range(4):
        schedule = random_schedule(random)
        found.append(_instance(f"T = {schedule.T}", schedule, float(random.normal()), WRONG | FINE, device))
    return found


EXPERIMENT = Experiment(
    title="Forward marginal of a diffusion at all t",
    claim=CLAIM,
    source="Ho, Jain & Abbeel 2020, eq. 4; proofs/ddpm/forward-closed-form.md",
    controls={name: latex for name, (latex, _) in (WRONG | FINE).items()},
    instances=_instances,
    panel=Panel("t", parts=("mean", "variance")),
    costly=True,
)
