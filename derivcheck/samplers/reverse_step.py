r"""The reverse chain of a diffusion: q(x_{t−1}|x_t, x_0), and the ancestral step from what a network predicts.

Main definitions: `Prediction`, `forward_posterior`, `predicted_x_0`, `p_sample`, `p_chain`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Literal

import torch
from torch import Tensor

from derivcheck.samplers.schedule import Schedule


class Prediction(Enum):
    r"""What a network's output stands for, at x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) ε."""

    EPS = "ε"
    X_0 = "x_0"
    V = "√ᾱ_t ε − √(1 − ᾱ_t) x_0"  # Salimans & Ho 2022, section 4
    SCORE = "∇ log p_t(x_t)"


Variance = Literal["beta", "beta_tilde"]
"""The reverse variance σ_t²: β_t or β̃_t (Ho et al. 2020, section 3.2)."""

Predictor = Callable[[Tensor, int], Tensor]
"""(x_t, t) -> the prediction, of the shape of x_t."""


def forward_posterior(schedule: Schedule, t: int, x_t: Tensor, x_0: Tensor) -> tuple[Tensor, float]:
    r"""Mean and variance of q(x_{t−1}|x_t, x_0).

    μ̃_t = √ᾱ_{t−1} β_t/(1 − ᾱ_t) x_0 + √α_t (1 − ᾱ_{t−1})/(1 − ᾱ_t) x_t,   β̃_t = (1 − ᾱ_{t−1})/(1 − ᾱ_t) β_t

    Shapes: x_t, x_0 (*s), 1 ≤ t ≤ T; at t = 1 the variance is 0 and the mean x_0.
    Source: Ho et al. 2020, equations 6 and 7.
    """
    rest, before = schedule.one_minus_alpha_bar[t], schedule.one_minus_alpha_bar[t - 1]
    of_x_0 = math.sqrt(schedule.alpha_bar[t - 1]) * schedule.beta[t] / rest
    of_x_t = math.sqrt(schedule.alpha[t]) * before / rest
    return float(of_x_0) * x_0 + float(of_x_t) * x_t, float(schedule.beta_tilde[t])


def predicted_x_0(schedule: Schedule, t: int, x_t: Tensor, predicted: Tensor, prediction: Prediction) -> Tensor:
    r"""x̂_0 from a prediction: (x_t − √(1 − ᾱ_t) ε)/√ᾱ_t, (x_t + (1 − ᾱ_t) score)/√ᾱ_t, or √ᾱ_t x_t − √(1 − ᾱ_t) v."""
    root, var = math.sqrt(schedule.alpha_bar[t]), float(schedule.one_minus_alpha_bar[t])
    match prediction:
        case Prediction.X_0:
            return predicted
        case Prediction.EPS:
            return (x_t - math.sqrt(var) * predicted) / root
        case Prediction.SCORE:
            return (x_t + var * predicted) / root
        case Prediction.V:
            return root * x_t - math.sqrt(var) * predicted


def p_sample(
    schedule: Schedule,
    t: int,
    x_t: Tensor,
    predicted: Tensor,
    prediction: Prediction,
    generator: torch.Generator,
    variance: Variance = "beta_tilde",
) -> Tensor:
    r"""A draw x_{t−1} = μ̃_t(x_t, x̂_0) + σ_t z with z ~ N(0, I), and no noise at t = 1.

    Shapes: x_t, predicted (*s), the result likewise.   Source: Ho et al. 2020, algorithm 2.
    """
    mean, var = forward_posterior(schedule, t, x_t, predicted_x_0(schedule, t, x_t, predicted, prediction))
    if t == 1:
        return mean
    sigma = math.sqrt(schedule.beta[t] if variance == "beta" else var)
    return mean + sigma * torch.randn(x_t.shape, generator=generator, dtype=x_t.dtype, device=x_t.device)


def p_chain(
    schedule: Schedule,
    x_T: Tensor,
    predictor: Predictor,
    prediction: Prediction,
    generator: torch.Generator,
    variance: Variance = "beta_tilde",
) -> Iterator[tuple[int, Tensor]]:
    """(t, x_t) for t = T − 1…0, each from the one after it.   Source: Ho et al. 2020, algorithm 2."""
    x = x_T
    for t in range(schedule.T, 0, -1):
        x = p_sample(schedule, t, x, predictor(x, t).to(x.dtype), prediction, generator, variance)
        yield t - 1, x
