"""What the experiments on the best discriminator assume of any pair of densities, and of theirs."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar

from derivcheck.experiments import density_ratio, optimal_discriminator
from derivcheck.samplers.generator_data import GeneratorData


def test_the_constant_of_the_variance_bound() -> None:
    """0.648 is above the most that log²(1 + r)/r takes, and not far above."""
    found = minimize_scalar(lambda r: -(math.log1p(r) ** 2) / r, bounds=(1, 20), method="bounded")
    assert -found.fun <= optimal_discriminator.MOST <= -found.fun + 1e-3


@pytest.mark.parametrize("bent", [False, True])
def test_the_second_moment_of_log_d_has_the_stated_bound(*, bent: bool) -> None:
    case = optimal_discriminator._case(np.random.default_rng(0), bent=bent)
    pair = case.pair
    for law, sign in ((pair.data, 1), (pair.generated, -1)):

        def square(x: torch.Tensor, sign: int = sign) -> torch.Tensor:
            return torch.nn.functional.logsigmoid(sign * pair.log_ratio(x)).square()

        assert pair.expectation(square, law) <= optimal_discriminator.MOST


@pytest.mark.parametrize("bent", [False, True])
def test_the_value_is_minus_twice_the_entropy_over_the_mixture(*, bent: bool) -> None:
    case = optimal_discriminator._case(np.random.default_rng(1), bent=bent)
    pair = case.pair
    value = pair.expectation(lambda x: torch.nn.functional.logsigmoid(pair.log_ratio(x)), pair.data)
    value += pair.expectation(lambda x: torch.nn.functional.logsigmoid(-pair.log_ratio(x)), pair.generated)
    assert value == pytest.approx(case.value, abs=1e-10)


def test_half_of_the_sources_are_data() -> None:
    """n = 100,000 fair coins: off by more than 1,000 with probability below 1e-9."""
    pair: GeneratorData = optimal_discriminator._case(np.random.default_rng(0), bent=False).pair
    x, y = optimal_discriminator.sources(pair, 100_000, torch.Generator().manual_seed(0))
    assert x.shape == (100_000, 1)
    assert abs(int(y.sum()) - 50_000) < 1_000


@pytest.mark.parametrize("seed", range(20))
def test_the_ratio_stays_within_its_extent(seed: int) -> None:
    case = density_ratio._case(np.random.default_rng(seed))
    x = torch.linspace(-12, 12, 2001, dtype=torch.float64)[:, None]
    ratio = density_ratio.odds(case.pair.discriminator(x))
    assert float(ratio.log().abs().max()) <= case.extent * (1 + 1e-9)
    assert float((ratio * ratio.log()).max()) <= math.exp(case.extent) * case.extent * (1 + 1e-9)
