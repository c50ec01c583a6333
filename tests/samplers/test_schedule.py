"""Schedules against products in 50 digits and the formulas of their papers.

Guards: ᾱ by cumprod and 1 − ᾱ by subtraction (5e-9 off for small β), an index off by one, a β outside (0, 1).
"""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

from derivcheck.samplers.schedule import Schedule, cosine, given, linear, sigmoid

ALL = [linear(1000), cosine(1000), sigmoid(1000), given([0.3, 0.01, 0.6]), given(np.full(50, 1e-8))]


@pytest.mark.parametrize("schedule", ALL, ids=["linear", "cosine", "sigmoid", "given", "tiny"])
def test_products_in_fifty_digits(schedule: Schedule) -> None:
    with mpmath.workdps(50):
        bar, tilde = mpmath.mpf(1), [0.0]
        rest = [0.0]
        for t in range(1, schedule.T + 1):
            beta = mpmath.mpf(float(schedule.beta[t]))
            before, bar = bar, bar * (1 - beta)
            rest.append(float(1 - bar))
            tilde.append(float(beta * (1 - before) / (1 - bar)))
    assert np.allclose(schedule.one_minus_alpha_bar, rest, rtol=1e-12, atol=0)
    assert np.allclose(schedule.beta_tilde, tilde, rtol=1e-12, atol=0)


def test_time_is_the_index() -> None:
    schedule = given([0.1, 0.2])
    assert schedule.T == 2
    assert schedule.beta.tolist() == [0, 0.1, 0.2]
    assert np.allclose(schedule.alpha_bar, [1, 0.9, 0.72])
    assert np.allclose(schedule.alpha, [1, 0.9, 0.8])
    assert schedule.beta_tilde[1] == 0


def test_linear_is_that_of_ho() -> None:
    schedule = linear(1000)
    assert (schedule.beta[1], schedule.beta[1000]) == (1e-4, 0.02)
    assert schedule.alpha_bar[1000] == pytest.approx(4.0358e-5, rel=1e-4)


def test_cosine_is_that_of_nichol_and_dhariwal() -> None:
    f = lambda t: math.cos(math.pi / 2 * (t / 100 + 0.008) / 1.008) ** 2  # noqa: E731
    bar = cosine(100).alpha_bar
    assert bar[50] == pytest.approx(f(50) / f(0), rel=1e-12)
    assert cosine(100).beta.max() == 0.999


def test_sigmoid_is_that_of_jabri() -> None:
    s = lambda x: 1 / (1 + math.exp(-x))  # noqa: E731
    bar = sigmoid(100, -3, 3, 0.7).alpha_bar
    assert bar[25] == pytest.approx((s(3 / 0.7) - s(-1.5 / 0.7)) / (s(3 / 0.7) - s(-3 / 0.7)), rel=1e-12)


@pytest.mark.parametrize(("betas", "message"), [
    ([0.1, 1.0], "β_2 = 1.0: every β_t must be in"),
    ([0.0], "β_1 = 0.0"),
    ([0.1, math.nan], "β_2 = nan"),
    ([], r"shape \(0,\)"),
    ([[0.1]], r"shape \(1, 1\)"),
])  # fmt: skip
def test_what_is_no_schedule_is_refused(betas: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        given(betas)
