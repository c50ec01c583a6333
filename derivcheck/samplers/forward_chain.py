r"""The forward chain of a diffusion, step by step: x_t = √α_t x_{t−1} + √β_t ε_t with ε_t ~ N(0, I).

Main definitions: `q_step`, `q_chain`, `q_sample`, `q_marginal`, `q_chain_sums`.
`q_sample` and `q_marginal` are the closed form q(x_t|x_0); a check of it must draw by `q_chain` or `q_chain_sums`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from derivcheck.samplers.reduce import one_thread, pieces, room
from derivcheck.samplers.schedule import Schedule
from derivcheck.samplers.stream import Sampler, drawn
from derivcheck.statistics.sums import Array, Sums


def q_step(schedule: Schedule, t: int, x: Tensor, generator: torch.Generator) -> Tensor:
    r"""A draw of q(x_t|x_{t−1}) = N(√α_t x_{t−1}, β_t I).

    Shapes: x (*s), the result likewise, of x's type.   Source: Ho et al. 2020, equation 2.
    """
    eps = _noise(x, generator)
    return math.sqrt(schedule.alpha[t]) * x + math.sqrt(schedule.beta[t]) * eps


def q_chain(schedule: Schedule, x_0: Tensor, generator: torch.Generator) -> Iterator[tuple[int, Tensor]]:
    """(t, x_t) for t = 1…T, each from the one before it; every tensor is its own."""
    x = x_0
    for t in range(1, schedule.T + 1):
        x = q_step(schedule, t, x, generator)
        yield t, x


def q_marginal(schedule: Schedule, t: int, x_0: Tensor) -> tuple[Tensor, float]:
    r"""Mean √ᾱ_t x_0 and variance 1 − ᾱ_t of q(x_t|x_0).   Source: Ho et al. 2020, equation 4."""
    return math.sqrt(schedule.alpha_bar[t]) * x_0, float(schedule.one_minus_alpha_bar[t])


def q_sample(schedule: Schedule, t: int, x_0: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """(x_t, ε) with x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) ε, in one step.   Source: Ho et al. 2020, equation 4."""
    mean, var = q_marginal(schedule, t, x_0)
    eps = _noise(x_0, generator)
    return mean + math.sqrt(var) * eps, eps


@one_thread()
def q_chain_sums(
    schedule: Schedule,
    x_0: float | Sampler,
    n: int,
    generator: torch.Generator,
    *,
    centre: Array | None = None,
    dtype: torch.dtype = torch.float32,
) -> Sums:
    r"""`first` = Σ (x_t − c_t) and `second` = Σ (x_t − c_t)² at every t = 1…T, over n chains in one pass.

    The state is u_t = x_t − c_t, for any numbers c: u_t = √α_t u_{t−1} + √β_t (ε_t + (√α_t c_{t−1} − c_t)/√β_t), which
    is the chain's own step, not its closed form, and loses no digits where |c| is large beside the noise.
    Memory does not grow with n or T (apart from the sums).

    Shapes: x_0 one number for all chains, or a sampler of shape (n,); centre (T,), zeros if not given; sums (T,).
    """
    device = generator.device
    bars = np.zeros(schedule.T) if centre is None else np.asarray(centre, dtype=np.float64)
    if bars.shape != (schedule.T,):
        raise ValueError(f"the centre has shape {bars.shape}: one number for each of t = 1…{schedule.T}")
    start = 0.0 if callable(x_0) else float(x_0)
    steps = _steps(schedule, np.concatenate([[start], bars]))
    first, second = (torch.zeros(schedule.T, dtype=torch.float64, device=device) for _ in range(2))
    for size in pieces(n, room(device) // 2):  # half: the smaller buffers are the faster for so few passes
        u = torch.zeros(size, dtype=dtype, device=device)
        if callable(x_0):
            u += drawn(x_0, size, generator, event=()).to(dtype)
        moments = _moments(u, steps, generator)
        first += moments[0]
        second += moments[1]
    return Sums(n, {"first": first.cpu().numpy(), "second": second.cpu().numpy()})


def _steps(schedule: Schedule, c: Array) -> list[tuple[float, float, float]]:
    """√α_t, √β_t and the shift √α_t c_{t−1} − c_t, computed in float64."""
    a, b = np.sqrt(schedule.alpha[1:]), np.sqrt(schedule.beta[1:])
    return list(zip(a.tolist(), b.tolist(), (a * c[:-1] - c[1:]).tolist(), strict=True))


def _moments(u: Tensor, steps: list[tuple[float, float, float]], generator: torch.Generator) -> Tensor:
    """The two sums over this piece at every step, shape (2, T) in float64: three passes beside the generator.

    The noise comes scaled and shifted (`normal_` does both while it draws), so that a step is one fused addition.
    """
    noise, ones = torch.empty_like(u), torch.ones_like(u)
    out = torch.empty(2, len(steps), dtype=u.dtype, device=u.device)
    first, second = out[0].unbind(), out[1].unbind()
    for k, (a, b, shift) in enumerate(steps):
        noise.normal_(shift, b, generator=generator)
        torch.add(noise, u, alpha=a, out=u)
        torch.dot(u, ones, out=first[k])
        torch.dot(u, u, out=second[k])
    return out.to(torch.float64)


def _noise(like: Tensor, generator: torch.Generator) -> Tensor:
    return torch.randn(like.shape, generator=generator, dtype=like.dtype, device=like.device)
