r"""\operatorname{Dirichlet}(\alpha): shares x_1…x_K with sum 1; density ∏ x_k^{α_k − 1} Γ(Σα)/∏Γ(α_k) in x_1…x_{K−1}."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from derivcheck.families._family import Family, Parameter, Values, one, positive, spread

TOTAL = 1e-6  # how far the sum of shares may be from 1


def _draw(values: Values, n: int, generator: torch.Generator) -> Tensor:
    alpha = spread(values[0], n).contiguous()
    # torch.distributions draws by this function too, but passes no generator
    shares: Tensor = torch._sample_dirichlet(alpha, generator=generator)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage, reportPrivateImportUsage]
    return shares


def _log_density(values: Values, x: Tensor) -> Tensor:
    (alpha,) = values
    constant = torch.lgamma(alpha.sum(-1)) - torch.lgamma(alpha).sum(-1)
    return constant + torch.xlogy(alpha - 1, x).sum(-1)


def _contains(values: Values, x: Tensor) -> Tensor:
    return (x > 0).all(-1) & ((x.sum(-1) - 1).abs() <= TOTAL)


def _covariance(values: Values) -> Tensor:
    (alpha,) = values
    total = alpha.sum(-1, keepdim=True)
    share = alpha / total
    return (torch.diag_embed(share) - share[..., :, None] * share[..., None, :]) / (total[..., None] + 1)


def _random_instance(random: np.random.Generator) -> Values:
    return one(random.uniform(0.7, 5.0, size=int(random.integers(2, 5))))


FAMILY = Family(
    name="dirichlet",
    latex=r"\operatorname{Dirichlet}",
    parameters=(Parameter(r"\alpha", "positive", positive, (1,)),),
    support=r"\{x \in (0,1)^K : \sum_k x_k = 1\}",
    source="Bishop 2006, equation 2.38",
    draw=_draw,
    log_density=_log_density,
    contains=_contains,
    mean=lambda v: v[0] / v[0].sum(-1, keepdim=True),
    variance=_covariance,
    random_instance=_random_instance,
    event=lambda values: tuple(values[0].shape[1:]),
)
