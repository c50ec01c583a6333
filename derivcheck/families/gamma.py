r"""\operatorname{Gamma}(a, b): density b^a x^{a−1} e^{−b x}/Γ(a); b is the rate, the mean is a/b."""

from __future__ import annotations

import torch
from torch import Tensor

from derivcheck.families._family import Family, Parameter, Values, one, positive, spread


def _draw(values: Values, n: int, generator: torch.Generator) -> Tensor:
    a, b = values
    # torch.distributions draws by this function too, but passes no generator
    standard: Tensor = torch._standard_gamma(spread(a, n).contiguous(), generator=generator)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage, reportPrivateImportUsage]
    return standard / b


FAMILY = Family(
    name="gamma",
    latex=r"\operatorname{Gamma}",
    parameters=(Parameter("a", "positive", positive), Parameter("b", "positive", positive)),
    support=r"(0, \infty)",
    source="Bishop 2006, equation 2.146",
    draw=_draw,
    log_density=lambda v, x: v[0] * v[1].log() + torch.xlogy(v[0] - 1, x) - v[1] * x - torch.lgamma(v[0]),
    contains=lambda _, x: (x > 0) & torch.isfinite(x),
    mean=lambda v: v[0] / v[1],
    variance=lambda v: v[0] / v[1].square(),
    random_instance=lambda random: one(random.uniform(0.5, 6.0), random.uniform(0.3, 4.0)),
)
