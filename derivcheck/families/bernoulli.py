r"""\operatorname{Bernoulli}(p): 1 with probability p, else 0."""

from __future__ import annotations

import torch
from torch import Tensor

from derivcheck.families._family import Family, Parameter, Values, one, probability


def _draw(values: Values, n: int, generator: torch.Generator) -> Tensor:
    (p,) = values
    uniform = torch.rand(n, generator=generator, dtype=p.dtype, device=p.device)
    return (uniform < p).to(p.dtype)  # a number in [0, 1): right at p = 0 and p = 1 too


def _log_density(values: Values, x: Tensor) -> Tensor:
    """x ln p + (1 − x) ln(1 − p), with 0 ln 0 = 0."""
    (p,) = values
    return torch.xlogy(x, p) + torch.xlogy(1 - x, 1 - p)


FAMILY = Family(
    name="bernoulli",
    latex=r"\operatorname{Bernoulli}",
    parameters=(Parameter("p", "in [0, 1]", probability),),
    support=r"\{0, 1\}",
    source="Bishop 2006, equation 2.2",
    draw=_draw,
    log_density=_log_density,
    contains=lambda _, x: (x == 0) | (x == 1),
    mean=lambda v: v[0],
    variance=lambda v: v[0] * (1 - v[0]),
    random_instance=lambda random: one(random.uniform(0.05, 0.45)),
    discrete=True,
)
