r"""Noise schedules of a diffusion: β_t for t = 1…T, and what follows from them.

Main definitions: `Schedule`, `linear`, `cosine`, `sigmoid`, `given`.
Arrays are indexed by t itself: index 0 holds β_0 = 0 and ᾱ_0 = 1, so that t − 1 is always there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np
from numpy.typing import ArrayLike

from derivcheck.statistics.sums import Array


@final
@dataclass(frozen=True)
class Schedule:
    r"""β_t with α_t = 1 − β_t and ᾱ_t = ∏_{s≤t} α_s.

    Papers differ on which of the two they call α; here α_t is one step's, ᾱ_t the product.
    Shapes: beta (T + 1,), with beta[0] = 0.
    Source: Ho et al. 2020, "Denoising Diffusion Probabilistic Models", section 2.
    """

    beta: Array

    @property
    def T(self) -> int:
        """The number of steps."""
        return len(self.beta) - 1

    @cached_property
    def alpha(self) -> Array:
        """α_t = 1 − β_t, shape (T + 1,)."""
        return 1 - self.beta

    @cached_property
    def log_alpha_bar(self) -> Array:
        """ln ᾱ_t = Σ_{s≤t} ln(1 − β_s), shape (T + 1,)."""
        return np.cumsum(np.log1p(-self.beta))

    @cached_property
    def alpha_bar(self) -> Array:
        """ᾱ_t, shape (T + 1,), with ᾱ_0 = 1."""
        return np.exp(self.log_alpha_bar)

    @cached_property
    def one_minus_alpha_bar(self) -> Array:
        """1 − ᾱ_t, shape (T + 1,), to full relative precision where ᾱ_t is near 1."""
        return -np.expm1(self.log_alpha_bar)

    @cached_property
    def beta_tilde(self) -> Array:
        """β̃_t = β_t (1 − ᾱ_{t−1}) / (1 − ᾱ_t), shape (T + 1,); 0 at t = 0 and t = 1.

        Source: Ho et al. 2020, equation 7.
        """
        above = np.concatenate([[0.0, 0.0], self.one_minus_alpha_bar[1:-1]])
        return self.beta * above / np.concatenate([[1.0], self.one_minus_alpha_bar[1:]])


def given(betas: ArrayLike) -> Schedule:
    """The schedule with these β_1…β_T.

    Raises:
        ValueError: none is given, or one is outside (0, 1).
    """
    values = np.asarray(betas, dtype=np.float64)
    if values.ndim != 1 or values.size == 0:
        raise ValueError(f"a schedule is a row of β_1…β_T, not an array of shape {values.shape}")
    outside = ~((values > 0) & (values < 1))  # a NaN is outside too
    if outside.any():
        t = int(np.argmax(outside)) + 1
        raise ValueError(f"β_{t} = {values[t - 1]}: every β_t must be in (0, 1)")
    return Schedule(np.concatenate([[0.0], values]))


def linear(T: int, first: float = 1e-4, last: float = 0.02) -> Schedule:
    """β_t from first to last at equal distances.   Source: Ho et al. 2020, section 4."""
    return given(np.linspace(first, last, T))


def cosine(T: int, s: float = 0.008, most: float = 0.999) -> Schedule:
    r"""ᾱ_t = f(t)/f(0), f(t) = cos²(½π (t/T + s)/(1 + s)), β_t at most `most`.

    Source: Nichol & Dhariwal 2021, "Improved Denoising Diffusion Probabilistic Models", equation 17.
    """
    f = np.cos(0.5 * math.pi * (np.arange(T + 1) / T + s) / (1 + s)) ** 2
    return given(np.minimum(1 - f[1:] / f[:-1], most))


def sigmoid(T: int, start: float = -3.0, end: float = 3.0, tau: float = 1.0, most: float = 0.999) -> Schedule:
    r"""ᾱ_t = (σ(end/τ) − σ(u_t/τ)) / (σ(end/τ) − σ(start/τ)), u_t = start + (end − start) t/T, β_t at most `most`.

    Source: Jabri et al. 2022, "Scalable Adaptive Computation for Iterative Generation", appendix B.
    """
    at = 1 / (1 + np.exp(-(start + (end - start) * np.arange(T + 1) / T) / tau))
    bar = (at[-1] - at) / (at[-1] - at[0])
    return given(np.minimum(1 - bar[1:] / bar[:-1], most))
