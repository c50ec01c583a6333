r"""A trial whose statistic is a quadratic form of standard normals: T1, with the form read off the statistic itself.

Main definitions: `quadratic_trial`.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from derivcheck.samplers.probing import Statistic, coefficients
from derivcheck.samplers.reduce import power_sums
from derivcheck.samplers.stream import generator
from derivcheck.statistics.claim import Claim
from derivcheck.statistics.quadratic_form import quadratic_form, together
from derivcheck.statistics.sums import Sums
from derivcheck.statistics.tiers.known_cumulants import KnownCumulants
from derivcheck.statistics.trial import Draw, Trial


def quadratic_trial(
    statistic: Statistic, d: int, device: torch.device, draw: Draw | None = None
) -> Callable[[Claim], Trial]:
    """The way from a claim about E f(w), w ~ N(0, I) of d dimensions, to its trial.

    draw: a faster way to Σ f(w) than drawing w and calling the statistic.

    Raises:
        ValueError: f is not quadratic, so that its cumulants are not those of a form.
    """
    matrices, vectors, _ = coefficients(statistic, d)
    form = together([quadratic_form(a, b) for a, b in zip(matrices, vectors, strict=True)])

    def plainly(seed: int, n: int) -> Sums:
        return power_sums(statistic(torch.randn(n, d, generator=generator(seed, device), device=device)))

    return lambda said: Trial(said, KnownCumulants(form), draw or plainly)
