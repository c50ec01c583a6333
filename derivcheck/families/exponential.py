r"""\operatorname{Exponential}(\lambda): density λ e^{−λ x}; λ is the rate, the mean is 1/λ."""

from __future__ import annotations

import torch

from derivcheck.families._family import Family, Parameter, one, positive

FAMILY = Family(
    name="exponential",
    latex=r"\operatorname{Exponential}",
    parameters=(Parameter(r"\lambda", "positive", positive),),
    support=r"[0, \infty)",
    source="Casella & Berger 2002, section 3.3, with λ = 1/β",
    draw=lambda v, n, g: torch.empty(n, dtype=v[0].dtype, device=v[0].device).exponential_(generator=g) / v[0],
    log_density=lambda v, x: v[0].log() - v[0] * x,
    contains=lambda _, x: (x >= 0) & torch.isfinite(x),
    mean=lambda v: 1 / v[0],
    variance=lambda v: v[0] ** -2,
    random_instance=lambda random: one(random.uniform(0.3, 4.0)),
)
