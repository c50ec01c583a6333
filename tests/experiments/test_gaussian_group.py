"""The closed forms on the claim's side of the VAE group against other ways to the same numbers, without samples."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from derivcheck.experiments import elbo, gaussian_kl, importance_bound, kl_gradients
from derivcheck.experiments._gaussian import (
    numbers,
    random_covariance,
    random_gaussian,
    square_root,
)
from derivcheck.experiments._kl_edits import EDITS, applicable, kl_divergence, off_by
from derivcheck.experiments._latent import Inference, random_inference
from derivcheck.experiments._polynomial import moments
from derivcheck.experiments._whitened import whitened_trial
from derivcheck.experiments.importance_bound import Weights, weights
from derivcheck.samplers.gaussian import Gaussian
from derivcheck.statistics.sequential import check
from derivcheck.statistics.sums import NotFinite

CPU = torch.device("cpu")


def pair(d: int, seed: int = 0) -> tuple[Gaussian, Gaussian]:
    random = np.random.default_rng(seed)
    return random_gaussian(random, d, (0.4, 2.5)), random_gaussian(random, d, (0.4, 2.5))


def torch_kl(q: tuple[Tensor, Tensor], p: Gaussian) -> Tensor:
    law = torch.distributions.MultivariateNormal
    return torch.distributions.kl_divergence(law(*q), law(p.mean, p.cov))


@pytest.mark.parametrize("d", [1, 2, 8, 64])
def test_the_divergence_is_that_of_torch(d: int):
    q, p = pair(d)
    assert kl_divergence(q, p) == pytest.approx(float(torch_kl((q.mean, q.cov), p)), rel=1e-10)


@pytest.mark.parametrize("name", EDITS)
def test_every_slip_is_one(name: str):
    q, p = pair(3)
    assert off_by(q, p, EDITS[name]) > 0.02
    assert off_by(q, p, kl_divergence) == 0


def test_one_dimension_has_no_mean_over_dimensions():
    assert applicable(1).keys() == EDITS.keys() - {"mean over d"}


def test_pairs_discriminate():
    q, p = gaussian_kl.discriminating_pair(np.random.default_rng(1), 3, 0.2)
    assert all(off_by(q, p, said) >= 0.2 for said in EDITS.values())
    assert kl_divergence(q, p) >= gaussian_kl.LEAST


@pytest.mark.parametrize("d", [1, 2, 4])
def test_gradients_are_those_of_torch(d: int):
    q, p = pair(d)
    mean, cov = q.mean.clone().requires_grad_(), q.cov.clone().requires_grad_()
    wanted = torch.autograd.grad(torch_kl((mean, cov), p), (mean, cov))
    in_mean, in_cov = kl_gradients.gradients(q, p)
    np.testing.assert_allclose(in_mean, numbers(wanted[0]), rtol=1e-9, atol=1e-11)
    got = wanted[1] + wanted[1].T  # torch puts all of an off-diagonal pair on one side
    np.testing.assert_allclose(in_cov, numbers(got) / 2, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_both_gradient_estimators_are_unbiased_exactly(d: int):
    q, p = pair(d)
    for estimator, degree in ((kl_gradients._reparameterised, 2), (kl_gradients._score_function, 4)):
        mean, _ = moments(lambda w, e=estimator: kl_gradients._flat(*e(q, p, w)), d, degree)
        wanted = kl_gradients._said(kl_gradients.gradients(q, p), 0.1).value
        np.testing.assert_allclose(mean, wanted, rtol=1e-9, atol=1e-9)


def test_the_swapped_gradient_is_that_of_the_swapped_divergence():
    q, p = pair(3)
    mean, cov = q.mean.clone().requires_grad_(), q.cov.clone().requires_grad_()
    law = torch.distributions.MultivariateNormal
    swapped = torch.distributions.kl_divergence(law(p.mean, p.cov), law(mean, cov))
    wanted = torch.autograd.grad(swapped, (mean, cov))
    in_mean, in_cov = kl_gradients._swapped(q, p)
    np.testing.assert_allclose(in_mean, numbers(wanted[0]), rtol=1e-9)
    np.testing.assert_allclose(in_cov, numbers(wanted[1] + wanted[1].T) / 2, rtol=1e-9, atol=1e-11)


def test_square_root():
    cov = random_covariance(np.random.default_rng(0), 4, (0.3, 3.0))
    root = square_root(cov)
    np.testing.assert_allclose(root @ root, cov, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(root, root.T, atol=1e-12)


def test_random_covariances_keep_to_their_range():
    for seed in range(5):
        cov = random_covariance(np.random.default_rng(seed), 5, (0.5, 2.0))
        sd = np.sqrt(np.linalg.eigvalsh(cov))
        assert (sd >= 0.5 - 1e-9).all()
        assert (sd <= 2.0 + 1e-9).all()


# ---- the bounds


@pytest.fixture(scope="module", params=[(1, 2), (2, 3), (3, 8)], ids=str)
def case(request: pytest.FixtureRequest) -> Inference:
    k, d = request.param
    return random_inference(np.random.default_rng(k), k, d, shift=0.7, spread=(1.2, 2.0))


def log_joint_ratio(case: Inference, w: Tensor) -> Tensor:
    z = case.q.mean + w @ case.q.scale_tril.T
    return (case.model.log_joint(case.x, z) - case.q.log_prob(z))[:, None]


def test_the_identity_holds_by_quadrature(case: Inference):
    """The integrand is quadratic, so three Gauss-Hermite nodes are exact."""
    (bound,), _ = moments(lambda w: log_joint_ratio(case, w), case.model.k, 2)
    assert bound + elbo.gap(case) == pytest.approx(case.log_evidence, abs=1e-9)
    at_mean, spread = elbo.decoder(case)
    assert at_mean + spread - kl_divergence(case.q, case.model.prior) == pytest.approx(bound, abs=1e-9)


def test_the_fast_weights_are_the_weights(case: Inference):
    w = torch.as_tensor(np.random.default_rng(0).standard_normal((7, case.model.k)))
    fast = case.model.log_weight(case.x, case.q)(w)
    np.testing.assert_allclose(fast, log_joint_ratio(case, w)[:, 0], rtol=1e-10)


def of(case: Inference) -> Weights:
    return weights(case.model.log_weight(case.x, case.q), case.model.k)


def test_the_mean_weight_is_the_evidence(case: Inference):
    assert of(case).log_moment(1) == pytest.approx(case.log_evidence, abs=1e-9)
    assert of(case).mean_log == pytest.approx(case.log_evidence - elbo.gap(case), abs=1e-9)


def test_the_second_moment_is_its_integral():
    case = random_inference(np.random.default_rng(4), 1, 2, shift=0.7, spread=(1.2, 2.0))
    nodes = np.linspace(-9, 9, 2049)
    w = torch.as_tensor(nodes[:, None])
    logs = numbers(case.model.log_weight(case.x, case.q)(w))
    integrand = np.exp(2 * logs - nodes**2 / 2) / math.sqrt(2 * math.pi)
    wanted = math.log(integrand.sum() * (nodes[1] - nodes[0]))
    assert of(case).log_moment(2) == pytest.approx(wanted, abs=1e-8)


def test_a_narrow_q_has_no_second_moment():
    case = random_inference(np.random.default_rng(0), 1, 2, shift=0.0, spread=(0.5, 0.6))
    with pytest.raises(ValueError, match="no moment of order 2"):
        _ = of(case).chi_square


@pytest.mark.statistical
@pytest.mark.parametrize("K", [1, 2, 8])
def test_the_variance_bound_is_one(case: Inference, K: int):
    """The variance of 20,000 log means, whose own error is a few percent, against the derived bound."""
    generator = torch.Generator().manual_seed(K)
    values = importance_bound._log_means(of(case), 20_000, K, generator)
    assert float(values.var()) < of(case).variance_bound(K)


# ---- whitening


def shifted(mean: float, sd: float, slope: float):
    def z(n: int, generator: torch.Generator, device: torch.device) -> Tensor:
        e = torch.randn(n, 2, generator=generator, device=device)
        return torch.stack((e[:, 0], mean + sd * (slope * e[:, 0] + math.sqrt(1 - slope**2) * e[:, 1])), 1)

    return z


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("mean", "sd", "slope", "verdict"),
    [(0, 1, 0, "pass"), (0.02, 1, 0, "refuted"), (0, 1.01, 0, "refuted"), (0, 1, -0.02, "refuted")],
)
def test_whitening_sees_mean_variance_and_correlation(mean: float, sd: float, slope: float, verdict: str):
    """Wrong with probability ≤ 1e-6 (alpha) or 1e-6 (beta)."""
    trial = whitened_trial("z", shifted(mean, sd, slope), 2, 0.01, CPU)
    assert check(trial, alpha=1e-6, beta=1e-6).verdict == verdict


def test_a_nan_is_no_sample():
    def z(n: int, generator: torch.Generator, device: torch.device) -> Tensor:
        values = torch.randn(n, 2, generator=generator, device=device)
        values[n // 2, 1] = float("nan")
        return values

    with pytest.raises(NotFinite):
        check(whitened_trial("z", z, 2, 0.01, CPU), alpha=1e-6)
