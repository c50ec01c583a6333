"""The reverse step against Bayes' rule on the forward chain, and against data whose reverse chain is known.

Guards: β for β̃, x_0 and x_t exchanged, a prediction taken for another, noise at t = 1, sd for variance.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from derivcheck.samplers.forward_chain import q_marginal, q_sample, q_step
from derivcheck.samplers.mixture import GaussianMixture, expected_eps, expected_x_0
from derivcheck.samplers.reverse_step import (
    Prediction,
    forward_posterior,
    p_chain,
    p_sample,
    predicted_x_0,
)
from derivcheck.samplers.schedule import given, linear
from derivcheck.samplers.stream import real
from tests.samplers.seeing import CPU, close_covariance, close_means, fresh, mixture

N = 50_000
SHORT = given([0.3, 0.05, 0.6, 0.2])


@pytest.mark.parametrize("t", [1, 2, 3, 4])
def test_bayes_rule_on_a_grid(t: int) -> None:
    """q(x_{t−1}|x_t, x_0) ∝ q(x_t|x_{t−1}) q(x_{t−1}|x_0), normalised numerically."""
    x_0, x_t = torch.tensor(0.7, dtype=torch.float64), torch.tensor(-0.4, dtype=torch.float64)
    mean, var = forward_posterior(SHORT, t, x_t, x_0)
    if t == 1:
        assert (mean.item(), var) == (pytest.approx(0.7), 0.0)
        return
    x = torch.linspace(-12, 12, 40_001, dtype=torch.float64)
    prior_mean, prior_var = q_marginal(SHORT, t - 1, x_0)
    log = -((x_t - math.sqrt(SHORT.alpha[t]) * x).square()) / SHORT.beta[t] - (x - prior_mean).square() / prior_var
    weights = (0.5 * log).softmax(0)
    assert mean.item() == pytest.approx(float((weights * x).sum()), rel=1e-9)
    assert var == pytest.approx(float((weights * (x - mean).square()).sum()), rel=1e-9)


def test_the_posterior_whitens_the_chain() -> None:
    """Along drawn chains, z = (x_{t−1} − μ̃)/√β̃ is N(0, 1) and uncorrelated with x_0 and x_t."""
    x_0 = torch.randn(N, generator=fresh(2), dtype=torch.float64)
    g, x = fresh(), x_0
    for t in (1, 2):
        x = q_step(SHORT, t, x, g)
    x_3 = q_step(SHORT, 3, x, g)
    mean, var = forward_posterior(SHORT, 3, x_3, x_0)
    z = (x - mean) / math.sqrt(var)
    assert close_covariance(z[:, None], torch.eye(1))
    assert close_means(torch.stack((z, z * x_0, z * x_3), 1), 0.0)
    wrong = (x - mean) / math.sqrt(SHORT.beta[3])  # β for β̃
    assert not close_covariance(wrong[:, None], torch.eye(1))


@pytest.mark.parametrize("prediction", list(Prediction))
def test_every_prediction_gives_x_0_back(prediction: Prediction) -> None:
    x_0 = torch.randn(20, 3, generator=fresh(), dtype=torch.float64)
    x_t, eps = q_sample(SHORT, 2, x_0, fresh(4))
    root, sd = math.sqrt(SHORT.alpha_bar[2]), math.sqrt(SHORT.one_minus_alpha_bar[2])
    said = {
        Prediction.X_0: x_0,
        Prediction.EPS: eps,
        Prediction.SCORE: -eps / sd,
        Prediction.V: root * eps - sd * x_0,
    }[prediction]
    assert torch.allclose(predicted_x_0(SHORT, 2, x_t, said, prediction), x_0)


@pytest.mark.parametrize(("variance", "wanted"), [("beta", SHORT.beta[3]), ("beta_tilde", SHORT.beta_tilde[3])])
def test_the_noise_of_a_step(variance: str, wanted: float) -> None:
    x_t, x_0 = torch.full((N, 1), 0.5), torch.full((N, 1), -1.0)
    x = p_sample(SHORT, 3, x_t, x_0, Prediction.X_0, fresh(), variance)  # type: ignore[arg-type]
    assert close_means(x, forward_posterior(SHORT, 3, x_t[0], x_0[0])[0].double())
    assert close_covariance(x, torch.tensor([[wanted]]))


def test_no_noise_at_the_last_step() -> None:
    x_1, x_0 = torch.zeros(5), torch.arange(5.0)
    for variance in ("beta", "beta_tilde"):
        assert torch.equal(p_sample(SHORT, 1, x_1, x_0, Prediction.X_0, fresh(), variance), x_0)  # type: ignore[arg-type]


def test_the_reverse_chain_brings_a_gaussian_back() -> None:
    """Data N(m, v): with E[ε|x_t] and many small steps the chain ends near the data, not at N(0, 1)."""
    schedule = linear(400, 1e-4, 0.05)
    data = GaussianMixture(weights=real([1.0]), means=real([[2.0]]), covs=real([[[0.25]]]))
    times, last = [], torch.zeros(0)
    x_T = torch.randn(20_000, 1, generator=fresh(3))
    chain = p_chain(schedule, x_T, lambda x, t: expected_eps(data, schedule, t, x), Prediction.EPS, fresh(), "beta")
    for t, x in chain:
        times.append(t)
        last = x
    assert times == list(range(399, -1, -1))
    assert last.mean().item() == pytest.approx(2.0, abs=0.03)
    assert last.var().item() == pytest.approx(0.25, rel=0.06)


# --- mixtures along the chain ---------------------------------------------------------------------


def test_a_mixture_is_drawn_with_its_moments_and_density() -> None:
    p = mixture(np.random.default_rng(2))
    x = p.sample(N, fresh(), CPU)
    assert close_means(x, p.mean)
    assert close_covariance(x, p.cov)
    k = p.responsibilities(x)
    assert close_means(k, p.weights)  # E p(k|x) = p(k)
    family = torch.distributions.MixtureSameFamily(
        torch.distributions.Categorical(p.weights), torch.distributions.MultivariateNormal(p.means, p.covs)
    )
    few = x[:50].double().requires_grad_()
    assert torch.allclose(p.log_prob(few), family.log_prob(few), rtol=1e-10)
    (slope,) = torch.autograd.grad(p.log_prob(few).sum(), few)
    assert torch.allclose(p.score(few), slope, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("t", [1, 3])
def test_the_mixture_along_the_chain_is_the_chain_of_the_mixture(t: int) -> None:
    p, g = mixture(np.random.default_rng(4)), fresh()
    x = p.sample(N, g, CPU)
    for s in range(1, t + 1):
        x = q_step(SHORT, s, x, g)
    later = p.diffused(SHORT, t)
    assert close_means(x, later.mean)
    assert close_covariance(x, later.cov)
    assert close_means(later.responsibilities(x), p.weights)


@pytest.mark.parametrize("t", [1, 2, 4])
def test_conditional_means_by_tweedie_and_by_orthogonality(t: int) -> None:
    p = mixture(np.random.default_rng(5))
    x_0 = p.sample(N, fresh(), CPU, torch.float64)
    x_t, eps = q_sample(SHORT, t, x_0, fresh(2))
    guess = expected_x_0(p, SHORT, t, x_t)
    root, rest = math.sqrt(SHORT.alpha_bar[t]), float(SHORT.one_minus_alpha_bar[t])
    assert torch.allclose(guess, (x_t + rest * p.diffused(SHORT, t).score(x_t)) / root, rtol=1e-8, atol=1e-9)
    assert close_means((x_0 - guess) * x_t.tanh(), 0.0)
    noise = expected_eps(p, SHORT, t, x_t)
    assert close_means((eps - noise) * x_t.sin(), 0.0)
    assert torch.allclose(root * guess + math.sqrt(rest) * noise, x_t, rtol=1e-10)


@pytest.mark.parametrize(("weights", "means", "message"), [
    ([0.5, 0.6], [[0.0], [1.0]], "sum 1"),
    ([1.0, 0.0], [[0.0], [1.0]], "not positive"),
    ([1.0], [[0.0], [1.0]], "1 weights"),
    ([0.5, 0.5], [0.0, 1.0], "2 weights, means"),
])  # fmt: skip
def test_what_is_no_mixture_is_refused(weights: list[float], means: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        GaussianMixture(weights=real(weights), means=real(means), covs=torch.ones(2, 1, 1, dtype=torch.float64))


def test_boxes_hold_all_components() -> None:
    p = GaussianMixture(weights=real([0.5, 0.5]), means=real([[0.0], [5.0]]), covs=real([[[1.0]], [[4.0]]]))
    assert [end.tolist() for end in p.box] == [[-13.0], [23.0]]


def test_steps_depend_on_the_generator_alone() -> None:
    p = mixture(np.random.default_rng(1))
    assert torch.equal(p.sample(10, fresh(), CPU), p.sample(10, fresh(), CPU))
    one, two, other = (p_sample(SHORT, 3, torch.zeros(9), torch.zeros(9), Prediction.EPS, fresh(s)) for s in (1, 1, 2))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)


@pytest.mark.gpu
def test_on_an_accelerator() -> None:
    device = torch.device("cuda")
    p, g = mixture(np.random.default_rng(5)), torch.Generator(device).manual_seed(1)
    x_0 = p.sample(N, g, device)
    assert close_covariance(x_0, p.cov)
    x_t, _ = q_sample(SHORT, 3, x_0, g)
    guess = expected_x_0(p, SHORT, 3, x_t)
    assert torch.allclose(guess.cpu(), expected_x_0(p, SHORT, 3, x_t.cpu()), rtol=1e-8)
    assert p_sample(SHORT, 3, x_t, guess.float(), Prediction.X_0, g).device.type == "cuda"
