r"""\mathcal{U}(\{a, …, b\}): each whole number from a to b alike, as the time t of a diffusion's loss."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from derivcheck.families._family import Family, OutsideDomain, Parameter, Values, one, whole


def _ordered(values: Values) -> bool:
    if not bool((values[0] <= values[1]).all()):
        raise OutsideDomain(r"\mathcal{U}(\{a, …, b\}): a must be at most b")
    return True


def _count(values: Values) -> Tensor:
    return values[1] - values[0] + 1


def _draw(values: Values, n: int, generator: torch.Generator) -> Tensor:
    uniform = torch.rand(n, generator=generator, dtype=values[0].dtype, device=values[0].device)
    # the product may round up to the count
    return values[0] + torch.minimum((uniform * _count(values)).floor(), values[1] - values[0])


def _random_instance(random: np.random.Generator) -> Values:
    a = int(random.integers(-3, 4))
    return one(a, a + int(random.integers(2, 9)))


FAMILY = Family(
    name="discrete_uniform",
    latex=r"\mathcal{U}",
    parameters=tuple(Parameter(x, "a whole number", lambda v: whole(v, -torch.inf)) for x in "ab"),
    support=r"\{a, \dots, b\}",
    source="Casella & Berger 2002, section 3.2; Ho et al. 2020, equation 14",
    draw=_draw,
    log_density=lambda v, x: -_count(v).log() + torch.zeros_like(x),
    contains=lambda v, x: whole(x, -torch.inf) & (x >= v[0]) & (x <= v[1]),
    mean=lambda v: 0.5 * (v[0] + v[1]),
    variance=lambda v: (_count(v).square() - 1) / 12,
    random_instance=_random_instance,
    fits=_ordered,
    discrete=True,
)
