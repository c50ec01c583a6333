r"""\operatorname{Beta}(a, b): density x^{a−1} (1 − x)^{b−1} Γ(a + b)/(Γ(a) Γ(b))."""

from __future__ import annotations

import torch
from torch import Tensor

from derivcheck.families._family import Family, Parameter, Values, one, positive, spread


def _draw(values: Values, n: int, generator: torch.Generator) -> Tensor:
    """The first of a Dirichlet's two shares."""
    both = torch.stack([spread(v, n) for v in values], -1)
    # torch.distributions draws by this function too, but passes no generator
    shares: Tensor = torch._sample_dirichlet(both, generator=generator)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage, reportPrivateImportUsage]
    return shares[:, 0]


def _log_density(values: Values, x: Tensor) -> Tensor:
    a, b = values
    constant = torch.lgamma(a + b) - torch.lgamma(a) - torch.lgamma(b)
    return constant + torch.xlogy(a - 1, x) + torch.special.xlog1py(b - 1, -x)


def _variance(values: Values) -> Tensor:
    a, b = values
    return a * b / ((a + b).square() * (a + b + 1))


FAMILY = Family(
    name="beta",
    latex=r"\operatorname{Beta}",
    parameters=(Parameter("a", "positive", positive), Parameter("b", "positive", positive)),
    support="(0, 1)",
    source="Bishop 2006, equation 2.13",
    draw=_draw,
    log_density=_log_density,
    contains=lambda _, x: (x > 0) & (x < 1),
    mean=lambda v: v[0] / (v[0] + v[1]),
    variance=_variance,
    random_instance=lambda random: one(random.uniform(0.7, 5.0), random.uniform(0.7, 5.0)),
)
