r"""\operatorname{Poisson}(\lambda): λ^k e^{−λ}/k! for the counts k = 0, 1, 2 and on."""

from __future__ import annotations

import torch

from derivcheck.families._family import Family, Parameter, one, positive, spread, whole

FAMILY = Family(
    name="poisson",
    latex=r"\operatorname{Poisson}",
    parameters=(Parameter(r"\lambda", "positive", positive),),
    support=r"\{0, 1, 2, \dots\}",
    source="Casella & Berger 2002, section 3.2",
    draw=lambda v, n, g: torch.poisson(spread(v[0], n).contiguous(), generator=g),
    log_density=lambda v, x: torch.xlogy(x, v[0]) - v[0] - torch.lgamma(x + 1),
    contains=lambda _, x: whole(x),
    mean=lambda v: v[0],
    variance=lambda v: v[0],
    random_instance=lambda random: one(random.uniform(0.5, 20.0)),
    discrete=True,
)
