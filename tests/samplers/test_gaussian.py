"""Gaussians and the sums of log p/q: against scipy, closed forms, and the same draws evaluated one by one.

Guards: a covariance taken for its root, the two laws of a ratio exchanged, ½ or the determinant lost, float32 sums
that drift, memory that grows with n.
"""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import torch

from derivcheck.samplers.gaussian import Gaussian, log_ratio, log_ratio_sums
from derivcheck.samplers.quadratic import HalfSquares
from derivcheck.samplers.stream import real
from tests.samplers.seeing import CPU, FAR, close_covariance, close_means, fresh, gauss, peak_memory

N = 100_000


def kl_divergence(p: Gaussian, q: Gaussian) -> float:
    """torch's closed form, which shares nothing with ours."""
    pair = (torch.distributions.MultivariateNormal(g.mean, g.cov) for g in (p, q))
    return float(torch.distributions.kl_divergence(*pair))


@pytest.mark.parametrize("d", [1, 2, 5])
def test_density_score_and_draws(d: int) -> None:
    p = gauss(np.random.default_rng(d), d)
    x = p.sample(N, fresh(), CPU)
    assert close_means(x, p.mean)
    assert close_covariance(x, p.cov)
    assert not close_covariance(x, 1.05 * p.cov)
    law = scipy.stats.multivariate_normal(p.mean.numpy(), p.cov.numpy())
    few = x[:50].double().requires_grad_()
    assert np.allclose(p.log_prob(few).detach().numpy(), law.logpdf(few.detach().numpy()), rtol=1e-11)
    (slope,) = torch.autograd.grad(p.log_prob(few).sum(), few)
    assert torch.allclose(p.score(few), slope, rtol=1e-10)
    assert close_covariance(p.whitened(x), torch.eye(d))


def test_the_box_holds_nine_standard_deviations() -> None:
    low, high = Gaussian(mean=real([1.0, 2.0]), cov=real([[4.0, 0.0], [0.0, 1.0]])).box
    assert (low.tolist(), high.tolist()) == ([-17.0, -7.0], [19.0, 11.0])


@pytest.mark.parametrize(("mean", "cov", "message"), [
    ([0.0], [[1.0, 0.0], [0.0, 1.0]], "wanted"),
    (0.0, 1.0, "wanted"),
    ([0.0, 0.0], [[1.0, 0.1], [0.2, 1.0]], "not symmetric"),
    ([0.0, 0.0], [[1.0, 2.0], [2.0, 1.0]], "not positive definite"),
])  # fmt: skip
def test_what_is_no_gaussian_is_refused(mean: list[float], cov: list[list[float]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Gaussian(mean=real(mean), cov=real(cov))


@pytest.mark.parametrize("d", [1, 2, 16, 64])
def test_the_ratio_draw_by_draw(d: int) -> None:
    """At x = m_p + L_p w it is log p(x) − log q(x), as scipy has both."""
    random = np.random.default_rng(d)
    p, q = gauss(random, d), gauss(random, d)
    w = torch.randn(20, d, generator=fresh(), dtype=torch.float64)
    x = (p.mean + w @ p.scale_tril.T).numpy()
    wanted = [scipy.stats.multivariate_normal(g.mean.numpy(), g.cov.numpy()).logpdf(x) for g in (p, q)]
    assert np.allclose(log_ratio(p, q)(w).numpy(), wanted[0] - wanted[1], rtol=1e-9)


@pytest.mark.parametrize("second", [False, True])
@pytest.mark.parametrize("d", [1, 3, 64])
def test_the_sums_are_those_of_the_draws(d: int, second: bool) -> None:
    """The noise of one block again, in float64: float32 costs at most 1e-6 of the sum of absolute values."""
    random = np.random.default_rng(d)
    ratio, n = log_ratio(gauss(random, d), gauss(random, d)), 1500
    w = torch.empty(d, n).normal_(generator=fresh()).T
    values = ratio(w)
    sums = ratio.sums(n, fresh(), second=second)
    assert sums["first"][0] == pytest.approx(float(values.sum()), abs=1e-6 * float(values.abs().sum()))
    assert set(sums.by_name) == ({"first", "second"} if second else {"first"})
    if second:
        assert sums["second"][0] == pytest.approx(float(values.square().sum()), rel=1e-5)


@pytest.mark.parametrize("d", [1, 2, 16, 64])
def test_the_mean_ratio_is_the_divergence(d: int) -> None:
    random = np.random.default_rng(10 + d)
    p, q = gauss(random, d), gauss(random, d)
    sums = log_ratio_sums(p, q, N, fresh(), second=True)
    mean = sums["first"][0] / N
    error = np.sqrt((sums["second"][0] / N - mean**2) / N)
    assert abs(mean - kl_divergence(p, q)) <= FAR * error
    assert abs(mean - kl_divergence(q, p)) > FAR * error
    assert log_ratio_sums(p, q, N, fresh())["first"][0] / N == pytest.approx(mean, rel=1e-5)


def test_a_law_beside_itself_has_ratio_zero() -> None:
    p = gauss(np.random.default_rng(0), 8)
    sums = log_ratio_sums(p, p, N, fresh(), second=True)
    assert abs(sums["first"][0] / N) < 1e-6
    assert sums["second"][0] / N < 1e-10


@pytest.mark.parametrize("n", [1, 3, 50_000])
def test_the_same_seed_gives_the_same_sums_on_any_number_of_threads(n: int) -> None:
    random = np.random.default_rng(1)
    ratio = log_ratio(gauss(random, 4), gauss(random, 4))
    one = ratio.sums(n, fresh(1), second=True)
    torch.set_num_threads(2)
    two, other = ratio.sums(n, fresh(1), second=True), ratio.sums(n, fresh(2), second=True)
    assert torch.get_num_threads() == 2
    assert all(np.array_equal(one[k], two[k]) for k in ("first", "second"))
    assert not np.array_equal(one["first"], other["first"])


def test_another_type_of_draw() -> None:
    half = HalfSquares(torch.ones(1, 1, dtype=torch.float64), real([1.0]), 2.0)
    w = torch.empty(1, 100, dtype=torch.float64).normal_(generator=fresh())
    sums = half.sums(100, fresh(), dtype=torch.float64)
    assert sums["first"][0] == pytest.approx(float((w + 0.5).sum()) + 200, rel=1e-12)  # ½((w+1)² − w²) = w + ½


def test_memory_is_flat_in_n() -> None:
    rise = peak_memory(
        "import numpy as np; from tests.samplers.seeing import gauss, fresh\n"
        "from derivcheck.samplers.gaussian import log_ratio_sums\nrandom = np.random.default_rng(0)\n"
        "p, q = gauss(random, 16), gauss(random, 16)\nlog_ratio_sums(p, q, 1 << 16, fresh())\n# ---\n"
        "log_ratio_sums(p, q, 1 << 21, fresh())"
    )
    assert rise < 4


@pytest.mark.gpu
@pytest.mark.parametrize("second", [False, True])
def test_on_an_accelerator(second: bool) -> None:
    random = np.random.default_rng(12)
    p, q = gauss(random, 16), gauss(random, 16)
    sums = log_ratio_sums(p, q, N, torch.Generator("cuda").manual_seed(1), second=second)
    beside = log_ratio_sums(p, q, N, fresh(), second=True)
    sd = np.sqrt(beside["second"][0] / N - (beside["first"][0] / N) ** 2)
    assert abs(sums["first"][0] / N - kl_divergence(p, q)) <= FAR * sd / np.sqrt(N)
    assert p.sample(10, torch.Generator("cuda"), torch.device("cuda")).device.type == "cuda"
