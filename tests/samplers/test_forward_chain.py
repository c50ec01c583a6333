"""The forward chain, at all t, against its closed form; its fast sums against a plain loop; memory and seeds.

Guards: β for √β, a shift that presumes the closed form, sums that lose digits at small t, memory that grows with n.
Failure probability of each random test: below 1e-6 at its seed (`seeing`).
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from derivcheck.samplers.forward_chain import q_chain, q_chain_sums, q_marginal, q_sample, q_step
from derivcheck.samplers.schedule import given, linear
from derivcheck.statistics.sums import Sums
from tests.samplers.seeing import FAR, close_covariance, close_means, fresh, peak_memory

N = 1 << 16
SHORT = given([0.3, 0.05, 0.6, 0.2])


def z_scores(sums: Sums, centre: np.ndarray, mean: np.ndarray, var: np.ndarray) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """How far means and variances are from the closed form, in standard errors; variances about the true mean."""
    shift = mean - centre
    first = sums["first"] - sums.n * shift
    second = sums["second"] - 2 * shift * sums["first"] + sums.n * shift**2
    return first / np.sqrt(sums.n * var), (second / var - sums.n) / math.sqrt(2 * sums.n)


@pytest.mark.parametrize("shift", [0.0, 0.7])
@pytest.mark.parametrize("x_0", [0.0, 3.0])
def test_the_closed_form_at_all_t(x_0: float, shift: float) -> None:
    """Whatever the centre of the sums is, the chain is the same."""
    schedule = linear(200)
    mean, var = np.sqrt(schedule.alpha_bar[1:]) * x_0, schedule.one_minus_alpha_bar[1:]
    centre = mean + shift * np.sqrt(var)
    first, second = z_scores(q_chain_sums(schedule, x_0, N, fresh(), centre=centre), centre, mean, var)
    assert np.abs(first).max() <= FAR
    assert np.abs(second).max() <= FAR
    wrong = z_scores(q_chain_sums(schedule, x_0, N, fresh(), centre=centre), centre, mean, 1.05 * var)[1]
    assert np.abs(wrong).max() > FAR  # 5 % are seen


def test_the_fast_sums_are_those_of_the_plain_chain() -> None:
    """The same noise, drawn as q_chain draws it, in float64."""
    sums = q_chain_sums(SHORT, 0.5, 1000, fresh(7), dtype=torch.float64)
    g = fresh(7)
    for t, x in q_chain(SHORT, torch.full((1000,), 0.5, dtype=torch.float64), g):
        assert sums["first"][t - 1] == pytest.approx(float(x.sum()), rel=1e-9)
        assert sums["second"][t - 1] == pytest.approx(float(x.square().sum()), rel=1e-9)


def test_a_centre_moves_no_draw() -> None:
    plain = q_chain_sums(SHORT, 2.0, 5000, fresh(), dtype=torch.float64)
    centre = np.asarray([1.0, -2.0, 0.5, 3.0])
    shifted = q_chain_sums(SHORT, 2.0, 5000, fresh(), centre=centre, dtype=torch.float64)
    assert np.allclose(shifted["first"], plain["first"] - 5000 * centre, rtol=1e-10)
    assert np.allclose(shifted["second"], plain["second"] - 2 * centre * plain["first"] + 5000 * centre**2, rtol=1e-10)


def test_float32_keeps_five_digits_of_the_sums() -> None:
    """Against float64 on the very same noise: float32 adds no more than 1e-6 to a mean or a variance."""
    schedule = linear(50)
    g, steps = fresh(3), schedule.T
    eps = torch.randn(steps, N, generator=g).double()
    x = torch.full((N,), 2.0, dtype=torch.float64)
    centre = 2.0 * np.sqrt(schedule.alpha_bar[1:])
    sums = q_chain_sums(schedule, 2.0, N, fresh(3), centre=centre)
    for t in range(1, steps + 1):
        x = math.sqrt(schedule.alpha[t]) * x + math.sqrt(schedule.beta[t]) * eps[t - 1]
        wanted = (x - centre[t - 1]).square().sum().item()
        assert sums["second"][t - 1] == pytest.approx(wanted, rel=2e-6)


def test_chains_may_start_from_a_sampler() -> None:
    """x_0 ~ N(1, 4): the variance at t is 4 ᾱ_t + 1 − ᾱ_t."""
    sums = q_chain_sums(SHORT, lambda n, g, d: 1 + 2 * torch.randn(n, generator=g, device=d), N, fresh())
    mean = np.sqrt(SHORT.alpha_bar[1:])
    first, second = z_scores(sums, np.zeros(4), mean, 4 * SHORT.alpha_bar[1:] + SHORT.one_minus_alpha_bar[1:])
    assert np.abs(np.stack([first, second])).max() <= FAR


def test_one_step_and_the_jump() -> None:
    x_0 = torch.tensor([1.0, -2.0]).expand(N, 2)
    stepped = q_step(SHORT, 3, x_0, fresh())
    assert close_means(stepped, math.sqrt(0.4) * torch.tensor([1.0, -2.0]))
    assert close_covariance(stepped, 0.6 * torch.eye(2))
    mean, var = q_marginal(SHORT, 3, x_0)
    jumped, eps = q_sample(SHORT, 3, x_0, fresh())
    assert torch.allclose(mean, math.sqrt(0.7 * 0.95 * 0.4) * x_0)
    assert var == pytest.approx(1 - 0.7 * 0.95 * 0.4)
    assert torch.allclose(jumped, mean + math.sqrt(var) * eps)
    assert close_covariance(eps, torch.eye(2))


def test_a_centre_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="one number for each of t = 1…4"):
        q_chain_sums(SHORT, 0.0, 10, fresh(), centre=np.zeros(5))


@pytest.mark.parametrize("n", [1, 5, 70_000])
def test_the_same_seed_gives_the_same_sums(n: int) -> None:
    one, two, other = (q_chain_sums(SHORT, 1.0, n, fresh(seed)) for seed in (1, 1, 2))
    assert one.n == n
    assert np.array_equal(one["second"], two["second"])
    assert not np.array_equal(one["second"], other["second"])


def test_the_number_of_threads_changes_nothing() -> None:
    one = q_chain_sums(SHORT, 1.0, 200_000, fresh())
    torch.set_num_threads(2)
    two = q_chain_sums(SHORT, 1.0, 200_000, fresh())
    assert np.array_equal(one["first"], two["first"])
    assert np.array_equal(one["second"], two["second"])


def test_memory_is_flat_in_n() -> None:
    """2^22 chains of 30 steps would be 480 MB as a whole, 16 MB for one step of all."""
    rise = peak_memory(
        "from derivcheck.samplers.forward_chain import q_chain_sums; from derivcheck.samplers.schedule import linear\n"
        "from derivcheck.samplers.stream import generator\ng = generator(0, torch.device('cpu'))\n"
        "q_chain_sums(linear(30), 1.0, 1 << 18, g)\n# ---\nq_chain_sums(linear(30), 1.0, 1 << 22, g)"
    )
    assert rise < 4


@pytest.mark.gpu
def test_on_an_accelerator() -> None:
    schedule, x_0 = linear(200), 3.0
    mean, var = np.sqrt(schedule.alpha_bar[1:]) * x_0, schedule.one_minus_alpha_bar[1:]
    g = torch.Generator("cuda").manual_seed(1)
    first, second = z_scores(q_chain_sums(schedule, x_0, N, g, centre=mean), mean, mean, var)
    assert np.abs(np.stack([first, second])).max() <= FAR
