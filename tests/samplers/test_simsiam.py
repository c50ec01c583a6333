"""Linear SimSiam: gradients by automatic differentiation against the flow's formula, descent against the flow.

Guards: a stop-gradient that stops nothing, a predictor that moves when there is none, a rate or decay applied twice.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from scipy.optimize import OptimizeResult

from derivcheck.samplers import simsiam
from derivcheck.samplers.simsiam import LinearSimSiam
from tests.samplers.seeing import CPU, FAR, close_covariance, close_means, fresh, gauss

RANDOM = np.random.default_rng(0)
W, W_p = 0.5 * RANDOM.normal(size=(3, 4)), 0.5 * RANDOM.normal(size=(3, 3))
MOMENTS: dict[str, Any] = {"X": gauss(RANDOM, 4).cov, "X_prime": gauss(RANDOM, 4).cov}
KINDS = pytest.mark.parametrize(("predictor", "stop_gradient"), [(True, True), (True, False), (False, True), (False, False)])


def test_two_views_share_their_mean_only() -> None:
    x_1, x_2 = LinearSimSiam(**MOMENTS).views(50_000, fresh(), CPU)
    X, both = MOMENTS["X"], MOMENTS["X"] + MOMENTS["X_prime"]
    assert close_covariance(torch.cat((x_1, x_2), 1), torch.cat((torch.cat((both, X), 1), torch.cat((X, both), 1))))


@KINDS
def test_the_mean_gradient_is_the_drift(predictor: bool, stop_gradient: bool) -> None:
    model = LinearSimSiam(**MOMENTS, predictor=predictor, stop_gradient=stop_gradient)
    n = 50_000  # each replica has a batch of one
    views = (x[:, None, :].double() for x in model.views(n, fresh(), CPU))
    starts = (torch.tensor(w).expand(n, *w.shape) for w in (W, W_p))
    of_W, of_W_p = model.gradient(*starts, *views)
    drift = model.drift(W, W_p)
    assert close_means(-of_W.flatten(1), torch.tensor(drift[0]).flatten())
    assert close_means(-of_W_p.flatten(1), torch.tensor(drift[1]).flatten())
    other = LinearSimSiam(**MOMENTS, predictor=predictor, stop_gradient=not stop_gradient).drift(W, W_p)
    assert not close_means(-of_W.flatten(1), torch.tensor(other[0]).flatten())


@KINDS
def test_descent_follows_the_flow(predictor: bool, stop_gradient: bool) -> None:
    """The mean over replicas at time 1 with rate h is off by O(h): halving h halves the distance."""
    model = LinearSimSiam(**MOMENTS, predictor=predictor, stop_gradient=stop_gradient, predictor_rate=2.0, weight_decay=0.3)
    flow = model.flow(W, W_p, [1.0])
    gaps = list[float]()
    for steps in (10, 20):
        last = (torch.zeros(0), torch.zeros(0))
        replicas = 4000
        for _, w, w_p in model.sgd(
            torch.tensor(W), torch.tensor(W_p), rate=1 / steps, steps=steps, batch=16, replicas=replicas, generator=fresh()
        ):
            assert w.shape == (replicas, 3, 4)
            last = (w, w_p)
        gaps.append(max(np.abs(a.mean(0).numpy() - b[0]).max() for a, b in zip(last, flow, strict=True)))
    noise = FAR * float(last[0].std(0).max()) / math.sqrt(replicas)
    assert gaps[0] < 0.1
    assert gaps[1] <= 0.65 * gaps[0] + noise
    assert gaps[1] < np.abs(flow[0][0] - W).max() / 5


def test_weight_decay_and_rate_in_the_drift() -> None:
    plain, decayed = LinearSimSiam(**MOMENTS).drift(W, W_p), LinearSimSiam(**MOMENTS, predictor_rate=3.0, weight_decay=0.5).drift(W, W_p)
    assert np.allclose(decayed[0], plain[0] - 0.5 * W)
    assert np.allclose(decayed[1], 3 * plain[1] - 0.5 * W_p)


def test_the_flow_balances_encoder_and_predictor() -> None:
    """W Wᵀ − W_pᵀ W_p/α_p decays as e^{−2ηt}: see proofs/simsiam/balance.md."""
    model = LinearSimSiam(**MOMENTS, predictor_rate=2.0, weight_decay=0.25)
    w, w_p = model.flow(W, W_p, [0.0, 1.0, 3.0])
    C = w @ w.transpose(0, 2, 1) - w_p.transpose(0, 2, 1) @ w_p / 2
    assert np.allclose(w[0], W)
    assert np.allclose(C[1], math.exp(-0.5) * C[0], atol=1e-8)
    assert np.allclose(C[2], math.exp(-1.5) * C[0], atol=1e-8)


def test_without_stop_gradient_the_encoder_collapses() -> None:
    """|W|² ≤ e^{−2 λ_min(X′) t} |W_0|²: see proofs/simsiam/collapse.md."""
    rate = float(torch.linalg.eigvalsh(MOMENTS["X_prime"])[0])
    times = [1.0, 5.0, 20.0]
    w, _ = LinearSimSiam(**MOMENTS, stop_gradient=False).flow(W, W_p, times)
    bound = (W**2).sum() * np.exp(-2 * rate * np.asarray(times))
    assert bool(((w**2).sum((1, 2)) <= bound * (1 + 1e-9)).all())


def test_without_predictor_it_stays_as_it_is() -> None:
    model = LinearSimSiam(**MOMENTS, predictor=False, weight_decay=0.5)
    _, w_p = model.flow(W, W_p, [2.0])
    assert np.array_equal(w_p[0], W_p)
    steps = model.sgd(torch.tensor(W), torch.tensor(W_p), rate=0.1, steps=2, batch=2, replicas=3, generator=fresh())
    assert all(torch.equal(p, torch.tensor(W_p).float().expand(3, 3, 3)) for _, _, p in steps)


def test_a_solver_that_gives_up_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    given_up = OptimizeResult(success=False, message="Required step size is less than spacing between numbers.")
    monkeypatch.setattr(simsiam, "solve_ivp", lambda *_, **__: given_up)
    with pytest.raises(ArithmeticError, match=r"no solution up to time 2.0: Required step size"):
        LinearSimSiam(**MOMENTS).flow(W, W_p, [2.0])


def test_moments_that_are_no_covariances_are_refused() -> None:
    with pytest.raises(ValueError, match="not positive definite"):
        LinearSimSiam(X=-torch.eye(1, dtype=torch.float64), X_prime=torch.eye(1, dtype=torch.float64))


def test_descent_depends_on_the_generator_alone() -> None:
    model = LinearSimSiam(**MOMENTS)

    def last(seed: int) -> torch.Tensor:
        kept = [w for _, w, _ in model.sgd(torch.tensor(W), torch.tensor(W_p), rate=0.1, steps=3, batch=2, replicas=5, generator=fresh(seed))]
        return kept[-1]

    assert torch.equal(last(1), last(1))
    assert not torch.equal(last(1), last(2))


@pytest.mark.gpu
def test_on_an_accelerator() -> None:
    model, g = LinearSimSiam(**MOMENTS), torch.Generator("cuda").manual_seed(1)
    *_, (_, w, _) = model.sgd(torch.tensor(W), torch.tensor(W_p), rate=0.02, steps=50, batch=16, replicas=2000, generator=g)
    assert w.device.type == "cuda"
    assert np.abs(w.mean(0).cpu().numpy() - model.flow(W, W_p, [1.0])[0][0]).max() < 0.1
