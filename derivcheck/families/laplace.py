r"""\operatorname{Laplace}(\mu, b): density e^{−|x − μ|/b}/(2b); its variance is 2 b²."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from derivcheck.families._family import Family, Parameter, Values, one, positive, real


def _draw(values: Values, n: int, generator: torch.Generator) -> Tensor:
    """μ + b (e − e′), the difference of two standard exponentials."""
    mu, b = values
    first, second = torch.empty(2, n, dtype=mu.dtype, device=mu.device).exponential_(generator=generator)
    return mu + b * (first - second)


FAMILY = Family(
    name="laplace",
    latex=r"\operatorname{Laplace}",
    parameters=(Parameter(r"\mu", "finite", real), Parameter("b", "positive", positive)),
    support=r"\mathbb{R}",
    source="Casella & Berger 2002, section 3.3",
    draw=_draw,
    log_density=lambda v, x: -(x - v[0]).abs() / v[1] - v[1].log() - math.log(2),
    contains=lambda _, x: real(x),
    mean=lambda v: v[0],
    variance=lambda v: 2 * v[1].square(),
    random_instance=lambda random: one(random.normal(), random.uniform(0.2, 3.0)),
)
