r"""\mathcal{U}(a, b): the same density 1/(b − a) everywhere from a to b."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from derivcheck.families._family import Family, OutsideDomain, Parameter, Values, one, real


def _ordered(values: Values) -> bool:
    if not bool((values[0] < values[1]).all()):
        raise OutsideDomain(r"\mathcal{U}: a must be below b")
    return True


def _draw(values: Values, n: int, generator: torch.Generator) -> Tensor:
    a, b = values
    return a + (b - a) * torch.rand(n, generator=generator, dtype=a.dtype, device=a.device)


def _random_instance(random: np.random.Generator) -> Values:
    a = random.normal()
    return one(a, a + random.uniform(0.3, 4.0))


FAMILY = Family(
    name="uniform",
    latex=r"\mathcal{U}",
    parameters=(Parameter("a", "finite", real), Parameter("b", "finite", real)),
    support="[a, b]",
    source="Casella & Berger 2002, section 3.3",
    draw=_draw,
    log_density=lambda v, x: -(v[1] - v[0]).log() + torch.zeros_like(x),
    contains=lambda v, x: (x >= v[0]) & (x <= v[1]),
    mean=lambda v: 0.5 * (v[0] + v[1]),
    variance=lambda v: (v[1] - v[0]).square() / 12,
    random_instance=_random_instance,
    fits=_ordered,
)
