r"""E_q log p_θ(x_{0:T})/q(x_{1:T}|x_0) = −L_T − Σ_t L_{t−1} − L_0 ≤ log p_θ(x_0), with a Gaussian model of known evidence, by T1.

The data are Gaussian and every reverse step of p_θ is affine, so p_θ(x_0) is Gaussian with a mean and a variance that run
back along the chain. On the left stands what is drawn: the log ratio of the two path densities along the forward chain,
a quadratic form of its noise. On the right, in closed form, the divergences of the page, and the evidence. For the exact
reverse process the bound is tight. That the evidence is the model's own is drawn as well: x_0 of the ancestral sampler.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, final

import numpy as np
import torch
from torch import Tensor

from derivcheck.experiments._experiment import Experiment, Instance
from derivcheck.experiments._quadratic import quadratic_trial
from derivcheck.experiments._steps import random_schedule
from derivcheck.experiments._whitened import whitened_trial
from derivcheck.samplers.schedule import Schedule
from derivcheck.statistics.claim import Relation, claim
from derivcheck.statistics.sums import Array
from derivcheck.statistics.trial import Trial

TOLERANCE = 0.02  # of the bound's size, or of one nat where that is smaller
EVIDENCE = 0.01
PATH = r"\mathbb{E}_{q}\left[\log \frac{p_\theta(x_{0:T})}{q(x_{1:T}|x_0)}\right]"
SUM = r"-L_T - \sum_{t=2}^{T} L_{t-1} - L_0"
CLAIM = rf"{PATH} = {SUM} \leq \mathbb{{E}}_{{q(x_0)}}[\log p_\theta(x_0)]"


class Affine(NamedTuple):
    """p_θ(x_{t−1}|x_t) = N(slope · x_t + offset, var)."""

    slope: float
    offset: float
    var: float


@final
@dataclass(frozen=True)
class Model:
    """Data N(mean, var), the forward steps, and p_θ: N(0, 1) at T, then `reverse[t]` for t = T … 1."""

    schedule: Schedule
    mean: float
    var: float
    reverse: Mapping[int, Affine]

    def marginal(self, t: int) -> tuple[float, float]:
        """The mean and the variance of q(x_t), over the data."""
        kept = float(self.schedule.alpha_bar[t])
        return kept**0.5 * self.mean, kept * self.var + 1 - kept

    def evidence(self) -> tuple[float, float]:
        """The mean and the variance of p_θ(x_0)."""
        mean, var = 0.0, 1.0
        for t in range(self.schedule.T, 0, -1):
            step = self.reverse[t]
            mean, var = step.slope * mean + step.offset, step.slope**2 * var + step.var
        return mean, var


def log_ratio(model: Model, w: Tensor) -> Tensor:
    r"""log p_θ(x_{0:T})/q(x_{1:T}|x_0) along the forward chain.   Shapes: w (n, T + 1); result (n,).   Units: nats."""
    schedule = model.schedule
    x = model.mean + model.var**0.5 * w[:, 0]
    total = torch.zeros_like(x)
    for t in range(1, schedule.T + 1):
        alpha, beta, back = float(schedule.alpha[t]), float(schedule.beta[t]), model.reverse[t]
        later = alpha**0.5 * x + beta**0.5 * w[:, t]
        total = total + _log_normal(x, back.slope * later + back.offset, back.var) - _log_normal(later, alpha**0.5 * x, beta)
        x = later
    return total + _log_normal(x, torch.zeros_like(x), 1.0)


def _log_normal(x: Tensor, mean: Tensor, var: float) -> Tensor:
    return -0.5 * ((x - mean).square() / var + math.log(2 * math.pi * var))


class Terms(NamedTuple):
    """The terms of the bound, averaged over the data, in nats: L_T, L_{t−1} by t = 2 … T, L_0."""

    last: float
    between: tuple[float, ...]
    first: float

    @property
    def bound(self) -> float:
        """−L_T − Σ_t L_{t−1} − L_0."""
        return -self.last - sum(self.between) - self.first


Slip = Literal["none", "beta for beta tilde", "arguments exchanged", "missing 1/2 in the KL", "offset of the mean forgotten"]


def terms(model: Model, slip: Slip = "none") -> Terms:
    """As on the page: Ho, Jain & Abbeel 2020, eq. 5; with one edit of each L_{t−1} if a slip is named."""
    last, back = model.schedule.T, model.reverse[1]
    kept = float(model.schedule.alpha_bar[last])
    end = 0.5 * (kept * (model.mean**2 + model.var) + (1 - kept) - 1 - math.log(1 - kept))
    between = tuple(_divergence(model, t, slip) for t in range(2, last + 1))
    root, beta = float(model.schedule.alpha[1]) ** 0.5, float(model.schedule.beta[1])
    miss = ((1 - back.slope * root) * model.mean - back.offset) ** 2
    spread = (1 - back.slope * root) ** 2 * model.var + back.slope**2 * beta
    first = 0.5 * ((miss + spread) / back.var + math.log(2 * math.pi * back.var))
    return Terms(end, between, first)


def _divergence(model: Model, t: int, slip: Slip) -> float:
    """E KL(N(μ̃_t, β̃_t) ‖ N(slope x_t + offset, var)) over x_0 and x_t, by the mean and the variance of the means' difference."""
    schedule, back = model.schedule, model.reverse[t]
    alpha, beta, before, now = (float(a) for a in (schedule.alpha[t], schedule.beta[t], schedule.alpha_bar[t - 1], schedule.alpha_bar[t]))
    tilde = beta if slip == "beta for beta tilde" else float(schedule.beta_tilde[t])
    on_x_t = alpha**0.5 * (1 - before) / (1 - now) - back.slope
    on_x_0 = before**0.5 * beta / (1 - now)
    through = on_x_0 + on_x_t * now**0.5
    offset = 0.0 if slip == "offset of the mean forgotten" else back.offset
    square = (through * model.mean - offset) ** 2 + through**2 * model.var + on_x_t**2 * (1 - now)
    if slip == "arguments exchanged":
        return 0.5 * (math.log(tilde / back.var) + back.var / tilde - 1 + square / tilde)
    value = math.log(back.var / tilde) + tilde / back.var - 1 + square / back.var
    return value if slip == "missing 1/2 in the KL" else 0.5 * value


def log_evidence(model: Model) -> float:
    """E log p_θ(x_0) over the data.   Units: nats."""
    mean, var = model.evidence()
    return -0.5 * (((model.mean - mean) ** 2 + model.var) / var + math.log(2 * math.pi * var))


def exact_reverse(schedule: Schedule, mean: float, var: float, t: int) -> Affine:
    """q(x_{t−1}|x_t) over Gaussian data, by Bayes' rule for two Gaussians."""
    kept, before = float(schedule.alpha_bar[t]), float(schedule.alpha_bar[t - 1])
    alpha, beta = float(schedule.alpha[t]), float(schedule.beta[t])
    prior_mean, prior_var = before**0.5 * mean, before * var + 1 - before
    slope = alpha**0.5 * prior_var / (kept * var + 1 - kept)
    return Affine(slope, prior_mean - slope * alpha**0.5 * prior_mean, prior_var * beta / (kept * var + 1 - kept))


BETWEEN: tuple[Slip, ...] = ("beta for beta tilde", "arguments exchanged", "missing 1/2 in the KL", "offset of the mean forgotten")
WRONG: dict[str, tuple[str, Callable[[Model], float]]] = {
    "L_T left out": (rf"{PATH} = -\sum_{{t=2}}^{{T}} L_{{t-1}} - L_0", lambda m: terms(m).bound + terms(m).last),
    "L_0 left out": (rf"{PATH} = -L_T - \sum_{{t=2}}^{{T}} L_{{t-1}}", lambda m: terms(m).bound + terms(m).first),
    "sum ends at T - 1": (
        rf"{PATH} = -L_T - \sum_{{t=2}}^{{T-1}} L_{{t-1}} - L_0",
        lambda m: terms(m).bound + terms(m).between[-1],
    ),
    "sign of the sum": (
        rf"{PATH} = -L_T + \sum_{{t=2}}^{{T}} L_{{t-1}} - L_0",
        lambda m: terms(m).bound + 2 * sum(terms(m).between),
    ),
    "beta for beta tilde": (r"\tilde\beta_t = \beta_t", lambda m: terms(m, "beta for beta tilde").bound),
    "arguments exchanged": (
        r"L_{t-1} = \mathbb{E}[KL(p_\theta(x_{t-1}|x_t) \| q(x_{t-1}|x_t,x_0))]",
        lambda m: terms(m, "arguments exchanged").bound,
    ),
    "missing 1/2 in the KL": (
        r"L_{t-1} = \mathbb{E}[2 KL(q(x_{t-1}|x_t,x_0) \| p_\theta(x_{t-1}|x_t))]",
        lambda m: terms(m, "missing 1/2 in the KL").bound,
    ),
    "offset of the mean forgotten": (
        r"\mu_\theta(x_t, t) = \mu_\theta(x_t, t) - \mu_\theta(0, t)",
        lambda m: terms(m, "offset of the mean forgotten").bound,
    ),
}
OFFSET = "offset of the mean forgotten"
ABOVE = "the bound above the evidence"
VARIANCE = "variance of the evidence 1 % too large"


def _ancestral(model: Model, mean: float, var: float, device: torch.device) -> Trial:
    """x_0 drawn by the reverse steps, whitened by the evidence."""

    def z(n: int, random: torch.Generator, device: torch.device) -> Tensor:
        noise = torch.randn(n, model.schedule.T + 1, generator=random, device=device)
        x = noise[:, 0]
        for t in range(model.schedule.T, 0, -1):
            step = model.reverse[t]
            x = step.slope * x + step.offset + step.var**0.5 * noise[:, t]
        return ((x - mean) / var**0.5)[:, None]

    return whitened_trial(rf"p_\theta(x_0) = \mathcal{{N}}(x_0; {mean:.4g}, {var:.4g})", z, 1, EVIDENCE, device)


def _instance(model: Model, device: torch.device, *, exact: bool) -> Instance:
    of_claim = quadratic_trial(lambda w: log_ratio(model, w)[:, None], model.schedule.T + 1, device)

    def trial(latex: str, value: float, relation: Relation = "=") -> Trial:
        return of_claim(claim(latex, value, relative=TOLERANCE, scale=max(1.0, abs(value)), relation=relation))

    evidence, (mean, var) = log_evidence(model), model.evidence()
    bound = rf"{PATH} \leq \mathbb{{E}}_{{q(x_0)}}[\log p_\theta(x_0)]"
    right = [
        trial(rf"{PATH} = {SUM}", terms(model).bound),
        trial(bound.replace(r"\leq", "=") if exact else bound, evidence, "=" if exact else "<="),
        _ancestral(model, mean, var, device),
    ]
    wrong = {name: (trial(latex, value(model)),) for name, (latex, value) in WRONG.items()}
    wrong[VARIANCE] = (_ancestral(model, mean, 1.01 * var, device),)
    if exact:
        del wrong[OFFSET]  # the offsets are 0 there
    else:
        wrong[ABOVE] = (trial(bound.replace(r"\leq", r"\geq"), evidence, ">="),)
    kind = "the exact reverse process" if exact else "a perturbed one"
    return Instance(f"T = {model.schedule.T}, {kind}, gap {evidence - terms(model).bound:.3g} nats", tuple(right), wrong)


def _model(random: np.random.Generator, spread: float) -> Model:
    """The exact reverse process of random Gaussian data where spread is 0, else every step perturbed by that much."""
    schedule = random_schedule(random, 3, 6)
    exact = spread == 0
    mean, var = (0.0, 1.0) if exact else (float(random.normal(0, 1)), float(random.uniform(0.3, 2.0)))
    perturbed: dict[int, Affine] = {}
    noise: Array = random.normal(0, spread, (schedule.T + 1, 3))
    for t in range(1, schedule.T + 1):
        right = exact_reverse(schedule, mean, var, t)
        perturbed[t] = Affine(
            right.slope + float(noise[t, 0]),
            right.offset + float(noise[t, 1]),
            right.var * math.exp(float(noise[t, 2])),
        )
    return Model(schedule, mean, var, perturbed)


def _instances(random: np.random.Generator, device: torch.device) -> list[Instance]:
    """Five perturbed models and the exact one, on data N(0, 1): then q(x_T) is N(0, 1), where p_θ starts."""
    perturbed = [_instance(_model(random, 0.2), device, exact=False) for _ in range(5)]
    return [*perturbed, _instance(_model(random, 0.0), device, exact=True)]


EXPERIMENT = Experiment(
    title="Diffusion bound against the exact evidence",
    claim=CLAIM,
    source="Ho, Jain & Abbeel 2020, eq. 3 and 5; proofs/ddpm/bound-decomposition.md",
    controls={name: latex for name, (latex, _) in WRONG.items()}
    | {
        VARIANCE: r"p_\theta(x_0) = \mathcal{N}(x_0; m_\theta, 1.01 v_\theta)",
        ABOVE: rf"{PATH} \geq \mathbb{{E}}_{{q(x_0)}}[\log p_\theta(x_0)]",
    },
    instances=_instances,
)
