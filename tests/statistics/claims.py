"""Claims of the field on drawn instances, true ones and wrong ones, for the end-to-end test.

Every true claim is written from the page; every wrong one is an edit of it, with how far it is off on its instance:
the largest of its deviations, each as a share of the tolerance's scale.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import torch

from derivcheck.experiments._kl_edits import EDITS, kl_divergence, off_by
from derivcheck.experiments.gaussian_kl import discriminating_pair, trials
from derivcheck.samplers.forward_chain import q_chain_sums
from derivcheck.samplers.schedule import Schedule, given
from derivcheck.samplers.stream import generator
from derivcheck.statistics.claim import claim
from derivcheck.statistics.sums import Sums
from derivcheck.statistics.tiers.exact_gaussian import KnownMean, KnownVariance
from derivcheck.statistics.tiers.gaussian_slope import KnownResidual
from derivcheck.statistics.tiers.joint import Joint
from derivcheck.statistics.trial import Trial

CPU = torch.device("cpu")
LEAST = 0.01  # a wrong claim counts if it is off by this share or more
TOLERANCE = 0.0099  # a variance said 1 % too high is off by 0.0099 of what is said


class Case(NamedTuple):
    """A trial, and how far its claim is off."""

    trial: Trial
    off: float


class Step(NamedTuple):
    """A step t ≥ 2 of a short chain from the number x_0, β in [0.01, 0.6]: wrong indices and roots show there."""

    schedule: Schedule
    t: int
    x_0: float

    @property
    def bars(self) -> tuple[float, float]:
        """ᾱ_{t−1} and ᾱ_t."""
        return float(self.schedule.alpha_bar[self.t - 1]), float(self.schedule.alpha_bar[self.t])


def random_step(random: np.random.Generator) -> Step:
    t = int(random.integers(2, 6))  # t ≤ 5 of T ≤ 8: what comes after t changes nothing
    beta = np.exp(random.uniform(math.log(0.01), math.log(0.6), t))
    return Step(given(beta), t, float(random.choice([-1, 1]) * random.uniform(1.5, 4.0)))


# ---- q(x_t|x_0) = N(√ᾱ_t x_0, 1 − ᾱ_t), by simulating the chain


class Marginal(NamedTuple):
    mean: float
    var: float


def marginal(step: Step) -> Marginal:
    _, now = step.bars
    return Marginal(math.sqrt(now) * step.x_0, 1 - now)


def marginal_case(step: Step, said: Marginal) -> Case:
    right = marginal(step)
    centre = np.full(step.t, said.mean)

    def draw(seed: int, n: int) -> Sums:
        sums = q_chain_sums(step.schedule, step.x_0, n, generator(seed, CPU), centre=centre)
        return Sums(n, {"first": sums["first"][-1:] + n * said.mean, "second": sums["second"][-1:]})

    value = claim(
        r"q(x_t|x_0) = \mathcal{N}(\sqrt{\bar\alpha_t} x_0, 1 - \bar\alpha_t)",
        [said.mean, said.var],
        relative=TOLERANCE,
    )
    sd, var = np.asarray([math.sqrt(said.var)]), np.asarray([said.var])
    off = max(abs(said.mean / right.mean - 1), abs(said.var / right.var - 1))
    return Case(Trial(value, Joint((KnownVariance(sd), KnownMean(var)), (1, 1)), draw), off)


def _scaled(share: float) -> Callable[[Step], Marginal]:
    return lambda step: marginal(step)._replace(var=(1 + share) * marginal(step).var)


def _one_percent(step: Step) -> Marginal:
    return _scaled(0.01 if step.x_0 > 0 else -0.01)(step)  # the sign is drawn


MARGINALS: dict[str, Callable[[Step], Marginal]] = {
    "variance +-1 %": _one_percent,
    "variance +5 %": _scaled(0.05),
    "1-alpha for 1-alpha_bar": lambda s: marginal(s)._replace(var=1 - float(s.schedule.alpha[s.t])),
    "alpha_bar for its root": lambda s: marginal(s)._replace(mean=s.bars[1] * s.x_0),
    "alpha_bar off by one": lambda s: Marginal(math.sqrt(s.bars[0]) * s.x_0, 1 - s.bars[0]),
}

# ---- q(x_{t−1}|x_t, x_0) = N(μ̃, β̃), by whitening x_{t−1}


class Posterior(NamedTuple):
    """N(on_x_0 x_0 + on_x_t x_t, var)."""

    on_x_0: float
    on_x_t: float
    var: float


def posterior(step: Step) -> Posterior:
    before, now = step.bars
    return _posterior(step, before, now)


def _posterior(step: Step, before: float, now: float) -> Posterior:
    alpha, beta = float(step.schedule.alpha[step.t]), float(step.schedule.beta[step.t])
    return Posterior(
        math.sqrt(before) * beta / (1 - now),
        math.sqrt(alpha) * (1 - before) / (1 - now),
        (1 - before) / (1 - now) * beta,
    )


POSTERIORS: dict[str, Callable[[Step], Posterior]] = {
    "beta for beta_tilde": lambda s: posterior(s)._replace(var=float(s.schedule.beta[s.t])),
    "alpha_bars exchanged": lambda s: _posterior(s, s.bars[1], s.bars[0]),
}


def posterior_case(step: Step, said: Posterior) -> Case:
    before, now = step.bars
    a, b = math.sqrt(step.schedule.alpha[step.t]), math.sqrt(step.schedule.beta[step.t])

    def draw(seed: int, n: int) -> Sums:
        random = generator(seed, CPU)
        x, noise = torch.full((n,), step.x_0), torch.empty(n)
        for s in range(1, step.t):
            noise.normal_(0, math.sqrt(step.schedule.beta[s]), generator=random)
            torch.add(noise, x, alpha=math.sqrt(step.schedule.alpha[s]), out=x)
        x_t = noise.normal_(0, b, generator=random).add_(x, alpha=a)
        z = (x - said.on_x_t * x_t - said.on_x_0 * step.x_0) / math.sqrt(said.var)
        y = (x_t - math.sqrt(now) * step.x_0) / math.sqrt(1 - now)
        names = {"first": (z, torch.ones(n)), "second": (z, z), "cross": (z, y), "square": (y, y)}
        return Sums(n, {name: torch.dot(*pair).double().numpy()[None] for name, pair in names.items()})

    one = np.ones(1)
    tier = Joint((KnownVariance(one), KnownMean(one), KnownResidual(one, one)), (1, 1, 1))
    latex = r"q(x_{t-1}|x_t,x_0) = \mathcal{N}(\tilde\mu_t, \tilde\beta_t)"
    value = claim(latex, [0.0, 1.0, 0.0], relative=TOLERANCE, scale=np.ones(3))
    # z = (x_{t-1} − …)/√var with x_{t-1} = √before x_0 + √(1−before) e, x_t = a x_{t-1} + b e': exactly
    kept, sd = 1 - said.on_x_t * a, math.sqrt(said.var)
    mean = (math.sqrt(before) * kept - said.on_x_0) * step.x_0 / sd
    square = mean**2 + (kept**2 * (1 - before) + said.on_x_t**2 * b**2) / said.var  # E z², 1 if z is N(0, 1)
    slope = (kept * a * (1 - before) - said.on_x_t * b**2) / (sd * math.sqrt(1 - now))
    return Case(Trial(value, tier, draw), max(abs(mean), abs(square - 1), abs(slope)))


# ---- the divergence of two Gaussians with full covariances


def true_divergence(random: np.random.Generator) -> Case:
    q, p = discriminating_pair(random, int(random.integers(2, 17)), 0.0)
    return Case(trials(q, p, CPU)(kl_divergence), 0.0)


def wrong_divergence(random: np.random.Generator, name: str) -> Case:
    q, p = discriminating_pair(random, int(random.integers(2, 17)), 0.0)
    return Case(trials(q, p, CPU)(EDITS[name]), off_by(q, p, EDITS[name]))


# ---- all of them


def true_cases(count: int, random: np.random.Generator) -> Iterator[tuple[str, Trial]]:
    """A third of each kind."""
    for k in range(count):
        step = random_step(random)
        match k % 3:
            case 0:
                yield f"marginal {k}", marginal_case(step, marginal(step)).trial
            case 1:
                yield f"posterior {k}", posterior_case(step, posterior(step)).trial
            case _:
                yield f"divergence {k}", true_divergence(random).trial


WRONG = [*MARGINALS, *POSTERIORS, *EDITS]


def wrong_cases(name: str, count: int, random: np.random.Generator) -> Iterator[tuple[str, Trial]]:
    """Those that are off by 1 % or more, drawn until there are enough."""
    found = 0
    while found < count:
        if name in MARGINALS:
            step = random_step(random)
            case = marginal_case(step, MARGINALS[name](step))
        elif name in POSTERIORS:
            step = random_step(random)
            case = posterior_case(step, POSTERIORS[name](step))
        else:
            case = wrong_divergence(random, name)
        if case.off >= LEAST - 1e-12:
            yield f"{name} {found}", case.trial
            found += 1
