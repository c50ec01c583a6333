"""The closed forms of the diffusion experiments against their own statistics, with no sample: what is claimed is true."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from derivcheck.experiments import (
    conditional_mean,
    denoising_weight,
    diffusion_bound,
    forward_marginal,
    forward_posterior,
    posterior_mean_noise,
    tweedie,
)
from derivcheck.experiments._denoising import random_denoising
from derivcheck.experiments._quadratic import coefficients
from derivcheck.experiments._steps import chain_from_noise, random_schedule, small_t
from derivcheck.experiments._waves import random_mixture, random_waves
from derivcheck.samplers.schedule import Schedule, linear

SEEDS = range(5)
CPU = torch.device("cpu")


def mean_of_form(statistic: object, d: int) -> float:
    """E (c + bᵀw + wᵀA w) = c + tr A."""
    a, _, c = coefficients(statistic, d)  # pyright: ignore[reportArgumentType]
    return float(c[0] + np.trace(a[0]))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_term_of_the_bound_is_the_mean_of_its_log_ratio(seed: int) -> None:
    random = np.random.default_rng(seed)
    for term in (denoising_weight._term(random), denoising_weight._unequal(random)):

        def statistic(w: Tensor, term: denoising_weight.Term = term) -> Tensor:
            return denoising_weight.divergence(term, w)[:, None]

        drawn = mean_of_form(statistic, term.t * len(term.x_0))
        assert denoising_weight.weighted(term) == pytest.approx(drawn, rel=1e-10)


@pytest.mark.parametrize("name", denoising_weight.WRONG)
def test_each_wrong_weight_is_off(name: str) -> None:
    random = np.random.default_rng(0)
    terms = [denoising_weight._unequal(random) for _ in range(3)]
    wrong = denoising_weight.WRONG[name][1]
    assert any(abs(wrong(t) / denoising_weight.weighted(t) - 1) > 2 * denoising_weight.TOLERANCE for t in terms)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("spread", [0.0, 0.2])
def test_the_terms_add_up_to_the_mean_log_ratio_below_the_evidence(seed: int, spread: float) -> None:
    model = diffusion_bound._model(np.random.default_rng(seed), spread)
    drawn = mean_of_form(lambda w: diffusion_bound.log_ratio(model, w)[:, None], model.schedule.T + 1)
    bound, evidence = diffusion_bound.terms(model).bound, diffusion_bound.log_evidence(model)
    assert bound == pytest.approx(drawn, abs=1e-10)
    if spread:
        assert bound < evidence - 1e-3
    else:
        assert bound == pytest.approx(evidence, abs=1e-10)


def test_the_evidence_is_that_of_the_exact_reverse_process() -> None:
    model = diffusion_bound._model(np.random.default_rng(3), 0.0)
    assert model.evidence() == pytest.approx((model.mean, model.var), abs=1e-12)
    assert model.marginal(model.schedule.T) == pytest.approx((0.0, 1.0), abs=1e-12)


def covariance_of_chain(schedule: Schedule, t: int) -> np.ndarray:
    """Of (x_0, x_{t−1}, x_t) for x_0 ~ N(0, 1), by the steps as a linear map of their noises."""
    rows = [np.eye(schedule.T + 1)[0]]
    for s in range(1, t + 1):
        rows.append(np.sqrt(schedule.alpha[s]) * rows[-1] + np.sqrt(schedule.beta[s]) * np.eye(schedule.T + 1)[s])
    chosen = np.stack([rows[0], rows[t - 1], rows[t]])
    return chosen @ chosen.T


@pytest.mark.parametrize("seed", SEEDS)
def test_the_posterior_is_the_regression_on_both_ends(seed: int) -> None:
    random = np.random.default_rng(seed)
    schedule = random_schedule(random)
    t = small_t(random, schedule)
    cov = covariance_of_chain(schedule, t)
    ends, law = cov[np.ix_([0, 2], [0, 2])], forward_posterior.posterior(schedule, t)
    on = np.linalg.solve(ends, cov[[0, 2], 1])
    assert (law.on_x_0, law.on_x_t) == pytest.approx(tuple(on), rel=1e-10)
    assert law.var == pytest.approx(cov[1, 1] - cov[1, [0, 2]] @ on, rel=1e-9)
    form, kept = posterior_mean_noise.noise_form(schedule, t), float(schedule.alpha_bar[t])
    assert form.on_eps * -((kept / (1 - kept)) ** 0.5) == pytest.approx(law.on_x_0, rel=1e-10)
    assert form.on_x_t + form.on_eps / (1 - kept) ** 0.5 == pytest.approx(law.on_x_t, rel=1e-10)


def test_the_chain_from_noise_takes_t_steps() -> None:
    schedule = random_schedule(np.random.default_rng(0))
    path = chain_from_noise(schedule, 2, 7, torch.Generator().manual_seed(0))
    assert [tuple(x.shape) for x in path] == [(7,)] * 3


def test_the_wrong_marginals_differ_from_the_right_one_in_mean_or_variance() -> None:
    right = forward_marginal.marginal(linear(50))
    for _, law in (forward_marginal.WRONG | forward_marginal.FINE).values():
        wrong = law(linear(50))
        assert not (np.allclose(wrong.on_x_0, right.on_x_0) and np.allclose(wrong.var, right.var))


@pytest.mark.parametrize("seed", SEEDS)
def test_tweedie_is_the_conditional_mean(seed: int) -> None:
    case = random_denoising(np.random.default_rng(seed), 2)
    x_t = torch.linspace(-3, 3, 14, dtype=torch.float64).reshape(7, 2)
    assert torch.allclose(tweedie.estimate(case, x_t), conditional_mean.exact(case, x_t), atol=1e-10)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_error_of_the_conditional_mean_has_the_stated_bound(seed: int) -> None:
    """E (x_0 − m)² = E Var(x_0|x_t) by the trapezoid over x_t: Var x_0 − Var m(x_t)."""
    case = random_denoising(np.random.default_rng(seed), 1)
    low, high = (float(end) for end in case.noisy.box)
    x = torch.linspace(low, high, 4001, dtype=torch.float64)[:, None]
    mass = case.noisy.log_prob(x).exp() * (high - low) / 4000
    m = conditional_mean.exact(case, x)[:, 0]
    spread = float(mass @ m.square()) - float(mass @ m) ** 2
    left = float(case.data.cov[0, 0]) - spread
    assert 0 < left <= case.error[0] * (1 + 1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_waves_have_their_stated_means(seed: int) -> None:
    random = np.random.default_rng(seed)
    law, waves = random_mixture(random, 1), random_waves(random, 4, 1)
    low, high = (float(end) for end in law.box)
    x = torch.linspace(low, high, 4001, dtype=torch.float64)[:, None]
    mass = law.log_prob(x).exp() * (high - low) / 4000
    assert torch.allclose(mass @ waves(x), waves.mean(law), atol=1e-10)
    assert torch.allclose(mass @ waves(x).square(), waves.mean_square(law), atol=1e-10)
