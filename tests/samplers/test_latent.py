"""Latent-variable models: evidence, posterior and weights against Bayes' rule and scipy; draws against both.

Guards: S for S⁻¹, a posterior that forgets the prior, weights whose mean is not p(x), z and x drawn apart.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats
import torch

from derivcheck.samplers.gaussian import Gaussian
from derivcheck.samplers.linear_gaussian import LinearGaussian
from derivcheck.samplers.stream import real
from derivcheck.samplers.table import Table, indices
from tests.samplers.seeing import CPU, FAR, close_covariance, close_means, fresh, linear_model

N = 50_000
MODEL = linear_model(np.random.default_rng(3), d=4, k=2)
TABLE = Table(real([[0.1, 0.25], [0.05, 0.2], [0.4, 0.0]]))


def an_x() -> torch.Tensor:
    return MODEL.sample_x(1, fresh(9), CPU)[0].double()


def test_bayes_rule_at_every_z() -> None:
    """p(x|z) p(z) = p(z|x) p(x), each of the four from its own formula."""
    x, z = an_x(), torch.randn(20, 2, generator=fresh(), dtype=torch.float64)
    assert torch.allclose(MODEL.log_joint(x, z), MODEL.posterior(x).log_prob(z) + MODEL.log_evidence(x[None]), rtol=1e-11)
    likelihood = torch.stack([MODEL.likelihood(one).log_prob(x[None])[0] for one in z])
    assert torch.allclose(MODEL.log_joint(x, z), likelihood + MODEL.prior.log_prob(z), rtol=1e-11)


def test_the_evidence_is_scipys() -> None:
    W, S = MODEL.W.numpy(), MODEL.S.numpy()
    law = scipy.stats.multivariate_normal(MODEL.b.numpy(), W @ W.T + S)
    assert MODEL.log_evidence(an_x()[None]).item() == pytest.approx(law.logpdf(an_x().numpy()), rel=1e-11)


def test_draws_have_the_joint() -> None:
    z, x = MODEL.sample(N, fresh(), CPU)
    assert close_means(torch.cat((z, x), 1), torch.cat((torch.zeros(2, dtype=torch.float64), MODEL.b)))
    W = MODEL.W
    joint = torch.cat((torch.cat((torch.eye(2, dtype=torch.float64), W.T), 1), torch.cat((W, W @ W.T + MODEL.S), 1)))
    assert close_covariance(torch.cat((z, x), 1), joint)
    assert torch.equal(MODEL.sample_x(N, fresh(), CPU), x)


def other_posterior(x: torch.Tensor) -> Gaussian:
    exact = MODEL.posterior(x)
    return Gaussian(mean=exact.mean + 0.3, cov=0.7 * exact.cov)


def test_the_mean_weight_is_the_evidence_and_the_mean_log_weight_is_below() -> None:
    x = an_x()
    q = other_posterior(x)  # narrower than the posterior by less than half: the weights' variance is finite
    log_w, log_p = MODEL.log_weights(x, q, N, fresh()), MODEL.log_evidence(x[None]).item()
    assert close_means((log_w - log_p).exp()[:, None], 1.0)
    pair = (torch.distributions.MultivariateNormal(g.mean, g.cov) for g in (q, MODEL.posterior(x)))
    gap = float(torch.distributions.kl_divergence(*pair))
    assert gap > 0.05
    assert close_means(log_w[:, None], log_p - gap)
    sums = MODEL.elbo_sums(x, q, N, fresh(), second=True)
    assert abs(sums["first"][0] / N - (log_p - gap)) <= FAR * float(log_w.std()) / math.sqrt(N)
    assert sums["second"][0] / N == pytest.approx(float(log_w.square().mean()), rel=0.01)


@pytest.mark.parametrize("second", [False, True])
def test_the_sums_are_those_of_the_draws(second: bool) -> None:
    """The same noise, by log p(x|z) + log p(z) − log q(z) at z = m_q + L_q w."""
    x, n = an_x(), 2000
    q = other_posterior(x)
    w = torch.empty(2, n).normal_(generator=fresh()).T.double()
    z = q.mean + w @ q.scale_tril.T
    values = MODEL.log_joint(x, z) - q.log_prob(z)
    assert torch.allclose(MODEL.log_weight(x, q)(w), values, rtol=1e-11)
    sums = MODEL.elbo_sums(x, q, n, fresh(), second=second)
    assert sums["first"][0] == pytest.approx(float(values.sum()), rel=1e-6)
    if second:
        assert sums["second"][0] == pytest.approx(float(values.square().sum()), rel=1e-5)


def test_at_the_posterior_every_weight_is_the_evidence() -> None:
    x = an_x()
    log_w = MODEL.log_weights(x, MODEL.posterior(x), 100, fresh())
    assert torch.allclose(log_w, MODEL.log_evidence(x[None]), rtol=1e-9)


@pytest.mark.parametrize(("W", "b", "S", "message"), [
    ([[1.0, 0.0]], [0.0, 0.0], np.eye(2), "wanted"),
    ([1.0, 0.0], [0.0, 0.0], np.eye(2), "wanted"),
    ([[1.0], [0.0]], [0.0, 0.0], np.eye(3), "wanted"),
    ([[1.0], [0.0]], [0.0, 0.0], -np.eye(2), "not positive definite"),
])  # fmt: skip
def test_what_is_no_model_is_refused(W: list[float], b: list[float], S: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LinearGaussian(W=real(W), b=real(b), S=real(S))


# --- tables ---------------------------------------------------------------------------------------


def test_a_table_and_bayes_rule() -> None:
    assert torch.allclose(TABLE.evidence, real([0.35, 0.25, 0.4]))
    assert torch.allclose(TABLE.prior, real([0.55, 0.45]))
    for x in range(3):
        for z in range(2):
            assert torch.isclose(TABLE.posterior(x)[z] * TABLE.evidence[x], TABLE.joint[x, z])
            assert torch.isclose(TABLE.likelihood(z)[x] * TABLE.prior[z], TABLE.joint[x, z])


def test_draws_of_a_table() -> None:
    x, z = TABLE.sample(N, fresh(), CPU)
    counts = torch.bincount(2 * x + z, minlength=6).double()
    wanted = TABLE.joint.reshape(-1) * N
    assert counts[5] == 0  # an impossible cell
    assert bool(((counts - wanted).abs() <= FAR * (wanted * (1 - wanted / N)).sqrt() + 1e-9).all())


def test_weights_of_a_table() -> None:
    q = real([0.3, 0.7])
    log_w = TABLE.log_weights(1, q, N, fresh())
    assert close_means(log_w.exp()[:, None], TABLE.evidence[1].item())
    assert close_means(log_w[:, None], float((q * (TABLE.joint[1] / q).log()).sum()))


@pytest.mark.parametrize("joint", [[[0.5, 0.6]], [[1.5, -0.5]], [0.5, 0.5]])
def test_what_is_no_table_is_refused(joint: list[float]) -> None:
    with pytest.raises(ValueError, match="a joint is a matrix"):
        Table(real(joint))


def test_no_index_beyond_the_last() -> None:
    """Weights whose float sum is below 1 leave no gap at the top."""
    assert int(indices(torch.full((10,), 0.1, dtype=torch.float64), N, fresh(), CPU).max()) == 9


@pytest.mark.gpu
def test_on_an_accelerator() -> None:
    x = an_x()
    q, device = other_posterior(x), torch.device("cuda")
    g = torch.Generator(device).manual_seed(1)
    cpu, gpu = MODEL.log_weights(x, q, N, fresh()), MODEL.log_weights(x, q, N, g)
    assert gpu.device.type == "cuda"
    assert abs(float(gpu.mean()) - float(cpu.mean())) <= 2 * FAR * float(cpu.std()) / math.sqrt(N)
    assert abs(MODEL.elbo_sums(x, q, N, g)["first"][0] / N - float(cpu.mean())) <= 2 * FAR * float(cpu.std()) / math.sqrt(N)
    assert TABLE.sample(10, g, device)[0].device.type == "cuda"
