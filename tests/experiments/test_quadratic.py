"""The cumulants of T1 and the variances of T3 come from the statistic itself, and only if it is what they need."""

import numpy as np
import pytest
import torch

from derivcheck.experiments._polynomial import moments, polynomial_trial
from derivcheck.experiments._quadratic import coefficients, quadratic_trial
from derivcheck.statistics.claim import claim
from derivcheck.statistics.sequential import check
from derivcheck.statistics.tiers.known_cumulants import KnownCumulants

CPU = torch.device("cpu")


@pytest.mark.parametrize("d", [1, 2, 5])
def test_a_quadratic_form_is_read_off_its_values(d: int):
    random = np.random.default_rng(d)
    a, b, c = random.standard_normal((2, d, d)), random.standard_normal((2, d)), random.standard_normal(2)
    a = a + np.swapaxes(a, 1, 2)
    as_torch = [torch.as_tensor(part) for part in (a, b, c)]

    def statistic(w: torch.Tensor) -> torch.Tensor:
        A, B, C = (part.to(w) for part in as_torch)
        return C + w @ B.T + torch.einsum("ni,mij,nj->nm", w, A, w)

    found = coefficients(statistic, d)
    for got, wanted in zip(found, (a, b, c), strict=True):
        np.testing.assert_allclose(got, wanted, atol=1e-12)
    tier = quadratic_trial(statistic, d, CPU)(claim("", c, relative=0.1, scale=np.ones(2))).tier
    assert isinstance(tier, KnownCumulants)
    _, variance = moments(statistic, d, 2)
    np.testing.assert_allclose(tier.form.variance, variance, rtol=1e-12)


@pytest.mark.parametrize("power", [3, 4])
def test_what_is_not_quadratic_has_no_cumulants(power: int):
    with pytest.raises(ValueError, match="no quadratic form"):
        quadratic_trial(lambda w: w**power, 1, CPU)


def test_moments_of_powers():
    def powers(w: torch.Tensor) -> torch.Tensor:
        return torch.stack((w[:, 0] ** 2, w[:, 0] ** 4, w[:, 0] * w[:, 1] ** 3), 1)

    mean, variance = moments(powers, 2, 4)
    np.testing.assert_allclose(mean, [1, 3, 0], atol=1e-12)
    np.testing.assert_allclose(variance, [2, 96, 15], rtol=1e-12)  # 3−1, 105−9, 1·15


def test_a_higher_degree_is_seen():
    with pytest.raises(ValueError, match="no polynomial of degree 3"):
        moments(lambda w: w**5, 1, 3)
    with pytest.raises(ValueError, match="no polynomial of degree 4"):
        moments(torch.cos, 1, 4)


@pytest.mark.statistical
@pytest.mark.parametrize(("value", "verdict"), [(15.0, "pass"), (16.0, "refuted")])
def test_a_heavy_tail_is_judged(value: float, verdict: str):
    """E w⁶ = 15, whose variance is 10170. Wrong with probability ≤ 1e-6 (alpha) or 1e-9 (beta)."""
    trial = polynomial_trial(lambda w: w**6, 1, 6, CPU)(claim(r"\mathbb{E} w^6", value, relative=0.06))
    assert check(trial, alpha=1e-6, beta=1e-9).verdict == verdict
