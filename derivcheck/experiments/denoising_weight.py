r"""L_{t−1} = λ_t E‖ε − ε_θ‖² + what the variances add: the term of the bound drawn from the chain, by T1.

The divergence is drawn as it is defined, E log q(x_{t−1}|x_t, x_0)/p_θ(x_{t−1}|x_t) along the chain, with the density
q(x_{t−1}|x_t, x_0) by Bayes' rule from the forward kernels and no posterior mean. The network is affine, ε_θ(x) = a x + b,
so that the other side, λ_t E‖ε − ε_θ‖², has a closed form and the statistic is a quadratic form of the noise.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import final

import numpy as np
import torch
from torch import Tensor

from derivcheck.experiments._experiment import Experiment, Instance
from derivcheck.experiments._quadratic import quadratic_trial
from derivcheck.experiments._steps import random_schedule, small_t
from derivcheck.samplers.schedule import Schedule
from derivcheck.statistics.claim import claim
from derivcheck.statistics.sums import Array
from derivcheck.statistics.trial import Trial

TOLERANCE = 0.02
DIMENSIONS = 3
VARIANCES = r"\frac{d}{2} \log \frac{\sigma_t^2}{\tilde\beta_t} - \frac{d}{2} + \frac{d \tilde\beta_t}{2\sigma_t^2}"
WEIGHT = r"\frac{\beta_t^2}{2 \sigma_t^2 \alpha_t (1-\bar\alpha_t)}"


def _page(variances: str, weight: str) -> str:
    return rf"L_{{t-1}} = {variances} + {weight} \mathbb{{E}}_\epsilon \|\epsilon - \epsilon_\theta(x_t, t)\|^2"


CLAIM = _page(VARIANCES, WEIGHT)


@final
@dataclass(frozen=True)
class Term:
    """One term of the bound: ε_θ(x) = slope · x + offset, p_θ with the variance var = σ_t².   Shapes: x_0, offset (d,)."""

    schedule: Schedule
    t: int
    x_0: Array
    slope: float
    offset: Array
    var: float

    @property
    def squared_error(self) -> float:
        """E‖ε − ε_θ(√ᾱ_t x_0 + √(1−ᾱ_t) ε)‖² = d (1 − a √(1−ᾱ_t))² + ‖a √ᾱ_t x_0 + b‖²."""
        kept = float(self.schedule.alpha_bar[self.t])
        still = self.slope * kept**0.5 * self.x_0 + self.offset
        return len(self.x_0) * (1 - self.slope * (1 - kept) ** 0.5) ** 2 + float(still @ still)


def divergence(term: Term, draws: Tensor) -> Tensor:
    r"""log q(x_{t−1}|x_t, x_0)/p_θ(x_{t−1}|x_t) along the chain.   Shapes: draws (n, t d); result (n,).   Units: nats."""
    schedule, t = term.schedule, term.t
    alpha, beta, before, now = (float(a) for a in (schedule.alpha[t], schedule.beta[t], schedule.alpha_bar[t - 1], schedule.alpha_bar[t]))
    x_0, offset = draws.new_tensor(term.x_0), draws.new_tensor(term.offset)
    x_t = x_before = x_0.expand(len(draws), -1)
    for s, noise in enumerate(draws.chunk(t, 1), start=1):
        x_before = x_t
        x_t = float(schedule.alpha[s]) ** 0.5 * x_before + float(schedule.beta[s]) ** 0.5 * noise
    eps_theta = term.slope * x_t + offset
    mu_theta = (x_t - beta / (1 - now) ** 0.5 * eps_theta) / alpha**0.5
    log_q = (
        _log_normal(x_t, alpha**0.5 * x_before, beta)
        + _log_normal(x_before, before**0.5 * x_0, 1 - before)
        - _log_normal(x_t, now**0.5 * x_0, 1 - now)
    )
    return log_q - _log_normal(x_before, mu_theta, term.var)


def _log_normal(x: Tensor, mean: Tensor, var: float) -> Tensor:
    return -0.5 * ((x - mean).square().sum(1) / var + x.shape[1] * math.log(2 * math.pi * var))


def weighted(term: Term) -> float:
    r"""(d/2) ln σ_t²/β̃_t − d/2 + d β̃_t/(2σ_t²) + λ_t E‖ε − ε_θ‖², the right side of the claim.   Units: nats."""
    return _variances(term) + _weight(term) * term.squared_error


def _variances(term: Term) -> float:
    d, share = len(term.x_0), _beta_tilde(term) / term.var
    return d / 2 * (-math.log(share) - 1 + share)


def _weight(term: Term) -> float:
    schedule, t = term.schedule, term.t
    return float(schedule.beta[t] ** 2 / (2 * term.var * schedule.alpha[t] * (1 - schedule.alpha_bar[t])))


def _beta_tilde(term: Term) -> float:
    return float(term.schedule.beta_tilde[term.t])


def _with_weight(factor: Callable[[Term], float]) -> Callable[[Term], float]:
    """The right side with λ_t times a factor."""
    return lambda term: _variances(term) + factor(term) * _weight(term) * term.squared_error


def _less(what: Callable[[Term], float]) -> Callable[[Term], float]:
    return lambda term: weighted(term) - what(term)


def _sd(term: Term) -> float:
    return term.var**0.5


def _index(term: Term) -> float:
    kept = term.schedule.alpha_bar
    return float((1 - kept[term.t]) / (1 - kept[term.t - 1]))


def _log_sign(term: Term) -> float:
    return weighted(term) + len(term.x_0) * math.log(_beta_tilde(term) / term.var)


def _one_variance(term: Term) -> float:
    """The constants of one dimension, beside an error summed over d."""
    return _variances(term) / len(term.x_0) + _weight(term) * term.squared_error


Side = Callable[[Term], float]
WRONG: dict[str, tuple[str, Side]] = {
    "missing 1/2": (
        _page(VARIANCES, r"\frac{\beta_t^2}{\sigma_t^2 \alpha_t (1-\bar\alpha_t)}"),
        _with_weight(lambda _: 2.0),
    ),
    "beta for its square": (
        _page(VARIANCES, r"\frac{\beta_t}{2 \sigma_t^2 \alpha_t (1-\bar\alpha_t)}"),
        _with_weight(lambda term: 1 / float(term.schedule.beta[term.t])),
    ),
    "missing alpha": (
        _page(VARIANCES, r"\frac{\beta_t^2}{2 \sigma_t^2 (1-\bar\alpha_t)}"),
        _with_weight(lambda term: float(term.schedule.alpha[term.t])),
    ),
    "alpha bar at t - 1": (
        _page(VARIANCES, r"\frac{\beta_t^2}{2 \sigma_t^2 \alpha_t (1-\bar\alpha_{t-1})}"),
        _with_weight(_index),
    ),
    "sd for variance": (
        _page(VARIANCES, r"\frac{\beta_t^2}{2 \sigma_t \alpha_t (1-\bar\alpha_t)}"),
        _with_weight(_sd),
    ),
    "no weight": (_page(VARIANCES, ""), _with_weight(lambda term: 1 / _weight(term))),
    "mean over d": (
        _page(VARIANCES, r"\frac{\beta_t^2}{2 d \sigma_t^2 \alpha_t (1-\bar\alpha_t)}"),
        _with_weight(lambda term: 1 / len(term.x_0)),
    ),
    "missing -d/2": (
        _page(VARIANCES.replace(r" - \frac{d}{2}", ""), WEIGHT),
        _less(lambda term: -len(term.x_0) / 2),
    ),
    "missing d": (_page(VARIANCES.replace("d", "1", 1).replace("{d}", "{1}").replace("d ", ""), WEIGHT), _one_variance),
    "log sign": (_page(VARIANCES.replace(r"\sigma_t^2}{\tilde\beta_t}", r"\tilde\beta_t}{\sigma_t^2}", 1), WEIGHT), _log_sign),
}
OF_VARIANCES = {"missing d", "log sign"}  # they say the same as the claim where the variances agree


def _term(random: np.random.Generator) -> Term:
    schedule = random_schedule(random)
    t = small_t(random, schedule)
    x_0, offset = random.normal(size=DIMENSIONS), random.normal(size=DIMENSIONS)
    return Term(schedule, t, x_0, random.uniform(-1, 1), offset, float(schedule.beta_tilde[t]))


def _instance(term: Term, device: torch.device) -> Instance:
    of_claim = quadratic_trial(lambda w: divergence(term, w)[:, None], term.t * len(term.x_0), device)

    def trial(latex: str, side: Side) -> Trial:
        return of_claim(claim(latex, side(term), relative=TOLERANCE))

    equal = math.isclose(term.var, _beta_tilde(term))
    name = f"t = {term.t} of {term.schedule.T}, sigma^2 = {'beta tilde' if equal else 'beta'} = {term.var:.3g}"
    wrong = {n: (trial(*w),) for n, w in WRONG.items() if not (equal and n in OF_VARIANCES)}
    return Instance(name, (trial(CLAIM, weighted),), wrong)


def _instances(random: np.random.Generator, device: torch.device) -> list[Instance]:
    """Six: three with σ_t² = β̃_t, three with σ_t² = β_t, the two choices of the paper."""
    found: list[Instance] = []
    for _ in range(3):
        term = _term(random)
        found += [_instance(term, device), _instance(_unequal(random), device)]
    return found


def _unequal(random: np.random.Generator) -> Term:
    """σ_t² = β_t, so far from β̃_t that what the variances add is seen beside the weighted error."""
    while True:
        drawn = _term(random)
        term = replace(drawn, var=float(drawn.schedule.beta[drawn.t]))
        if all(abs(WRONG[name][1](term) / weighted(term) - 1) > 2 * TOLERANCE for name in OF_VARIANCES):
            return term


EXPERIMENT = Experiment(
    title="A term of the diffusion bound as a weighted error of the noise",
    claim=CLAIM,
    source="Ho, Jain & Abbeel 2020, eq. 8 to 12; proofs/ddpm/denoising-weight.md",
    controls={name: latex for name, (latex, _) in WRONG.items()},
    instances=_instances,
)
