r"""\operatorname{Cat}(p): k with probability p_k, for k = 0…K − 1."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from derivcheck.families._family import Family, Parameter, Values, one, simplex, spread, whole


def _draw(values: Values, n: int, generator: torch.Generator) -> Tensor:
    (p,) = values
    edges = p.to(torch.float64).cumsum(-1)[:, :-1]
    uniform = torch.rand(n, 1, generator=generator, dtype=torch.float64, device=p.device)
    return (uniform >= edges).sum(-1).to(p.dtype)


def _contains(values: Values, x: Tensor) -> Tensor:
    return whole(x) & (x < values[0].shape[-1])


def _log_density(values: Values, x: Tensor) -> Tensor:
    (p,) = values
    k = torch.where(_contains(values, x), x, 0.0).to(torch.int64)
    return spread(p, len(x)).gather(-1, k[:, None])[:, 0].log()


def _labels(p: Tensor) -> Tensor:
    return torch.arange(p.shape[-1], dtype=p.dtype, device=p.device)


def _mean(values: Values) -> Tensor:
    (p,) = values
    return (p * _labels(p)).sum(-1)


def _variance(values: Values) -> Tensor:
    (p,) = values
    return (p * (_labels(p) - _mean(values)[:, None]).square()).sum(-1)


def _random_instance(random: np.random.Generator) -> Values:
    return one(random.dirichlet(np.full(int(random.integers(2, 7)), 2.0)))


FAMILY = Family(
    name="categorical",
    latex=r"\operatorname{Cat}",
    parameters=(Parameter("p", "probabilities with sum 1", simplex, (1,)),),
    support=r"\{0, \dots, K-1\}",
    source="Bishop 2006, equation 2.26, the index of the one that is 1",
    draw=_draw,
    log_density=_log_density,
    contains=_contains,
    mean=_mean,
    variance=_variance,
    random_instance=_random_instance,
    discrete=True,
)
