"""The flows, bounds and variances that the SimSiam experiments state, against the sampler's own drift and exact sums."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.linalg import expm

from derivcheck.experiments import simsiam_collapse, simsiam_descent, simsiam_gradient
from derivcheck.experiments._siamese import KINDS, Kind, page_flow, random_start

CPU = torch.device("cpu")


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_page_s_flow_is_the_sampler_s_drift(kind: Kind) -> None:
    start = random_start(np.random.default_rng(2), kind)
    said, drift = page_flow(start, start.W, start.W_p), start.model().drift(start.W, start.W_p)
    assert np.allclose(said.encoder, drift[0], atol=1e-12)
    assert np.allclose(said.predictor, drift[1], atol=1e-12)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_operator_is_the_mean_of_the_sampled_ones(kind: Kind) -> None:
    frozen = simsiam_descent.Frozen(simsiam_descent._start(np.random.default_rng(1), kind))
    sampled, weights = frozen._sampled()
    assert np.allclose(np.einsum("n,nij->ij", weights, sampled), frozen.operator, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_the_steps_stay_within_the_discretisation_bound(kind: Kind, seed: int) -> None:
    frozen = simsiam_descent.Frozen(simsiam_descent._start(np.random.default_rng(seed), kind))
    A, w = frozen.operator, frozen.start.W.ravel()
    stepped = np.linalg.matrix_power(np.eye(len(A)) - simsiam_descent.RATE * A, simsiam_descent.STEPS) @ w
    flowed = expm(-simsiam_descent.RATE * simsiam_descent.STEPS * A) @ w
    assert 0 < np.linalg.norm(stepped - flowed) <= frozen.bound <= simsiam_descent.MOST


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_stated_variance_is_that_of_the_runs(kind: Kind) -> None:
    """20,000 runs: a sample variance is off by 10 % with probability far below 1e-6 (kurtosis below 10)."""
    frozen = simsiam_descent.Frozen(simsiam_descent._start(np.random.default_rng(4), kind))
    ends = simsiam_descent._ends(frozen.start, 20_000, torch.Generator().manual_seed(0)).flatten(1)
    assert np.allclose(ends.to(torch.float64).var(0).numpy() / np.diag(frozen.covariance), 1, atol=0.1)


def test_wrong_flows_differ() -> None:
    start = random_start(np.random.default_rng(0), KINDS[0])
    right = simsiam_gradient.claimed(start)
    size = max(float(np.abs(part).max()) for part in right)
    for _, formula in simsiam_gradient.WRONG.values():
        off = max(float(np.abs(a - b).max()) for a, b in zip(formula(start), right, strict=True))
        assert off > 3 * simsiam_gradient.TOLERANCE * size


def test_the_imbalance_decays_along_the_flow_as_the_page_says() -> None:
    base = random_start(np.random.default_rng(0), KINDS[0])
    training = simsiam_collapse.Training(base, predictor_rate=2.0, weight_decay=simsiam_collapse.DECAY)
    gram = simsiam_collapse.imbalance(2.0)
    end = gram(*(torch.from_numpy(part) for part in training.flow())).numpy()
    left = np.exp(-2 * simsiam_collapse.DECAY * simsiam_collapse.RATE * simsiam_collapse.STEPS)
    assert np.allclose(end, left * simsiam_collapse._at_start(base, gram), atol=1e-8)


def test_an_event_is_counted_by_run() -> None:
    W = torch.zeros(3, 2, 3)
    W[1] = 1.0
    end = (np.zeros((2, 3)), np.eye(2))
    assert simsiam_collapse.near(end)(W, torch.eye(2).expand(3, 2, 2)).tolist() == [True, False, True]
