r"""Stochastic gradient descent on linear SimSiam follows the flow in the mean, and decays as the flow does, by T3.

The predictor is held fixed, so the step is linear in W: the mean of W_K is (I − η A)^K W_0 for the flow Ẇ = −A W, written on
vec W, and what separates it from W(t) = e^{−tA} W_0, t = ηK, is at most the discretisation bound of `Frozen`. The variance
of W_K comes from its exact second moments, step by step. Hence |E W_K − W(t)| ≤ bound in each entry; and where nothing
holds W up (no stop-gradient, or no predictor), E W_K along any direction is at most e^{−λ_min(X') t} ‖W_0‖_F + bound.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np
import torch
from scipy.linalg import expm
from torch import Tensor

from derivcheck.experiments._experiment import Experiment, Instance
from derivcheck.experiments._siamese import KINDS, Kind, Start, page_flow, random_start
from derivcheck.experiments._trials import varied_trial
from derivcheck.samplers.stream import real
from derivcheck.statistics.claim import claim
from derivcheck.statistics.sums import Array
from derivcheck.statistics.trial import Trial

RATE, STEPS, BATCH = 0.02, 40, 2  # η, K and the views of a step
TOLERANCE = 0.04  # beside the discretisation bound, of the root mean square of W_0's entries
MOST = 0.05  # of the discretisation bound
K, D = 3, 2  # rows and columns of W
IDENTITY = Kind(predictor=False, stop_gradient=True)
NEAR = r"\left|\mathbb{E}[W_K]_{ij} - W(t)_{ij}\right| \leq b, \quad t = \eta K"
DECAY = r"\langle \mathbb{E} W_K, U \rangle \leq e^{-\lambda_{min}(X') t} \|W_0\|_F + b, \quad \|U\|_F = 1"
CLAIM = rf"{NEAR}; \quad {DECAY} \text{{ without predictor or without stop-gradient}}"
BECAUSE = "the second moments of W under the linear step with these Gaussian views are known at every step"


@final
@dataclass(frozen=True)
class Frozen:
    r"""The step with a fixed predictor, w ← (I − η A_B) w, w = vec W by rows, A_B the mean over a batch of views."""

    start: Start

    @cached_property
    def operator(self) -> Array:
        """A of the flow, by columns: the page's flow of each unit matrix.   Shapes: (k d, k d)."""
        units = np.eye(self.start.W.size).reshape(-1, *self.start.W.shape)
        return -np.stack([page_flow(self.start, unit, self.start.W_p).encoder.ravel() for unit in units], axis=1)

    @cached_property
    def bound(self) -> float:
        r"""b = K m^{K−1} ½ η² ‖A‖² e^{η‖A‖} ‖w_0‖, m = max(‖I − ηA‖, ‖e^{−ηA}‖), in the spectral norm.

        P^K − Q^K = Σ_j P^j (P − Q) Q^{K−1−j}, and the exponential's series from the second power on is at most its first
        such term times e^{η‖A‖}.
        """
        A = self.operator
        size = float(np.linalg.norm(A, 2))
        one, exact = np.eye(len(A)) - RATE * A, expm(-RATE * A)
        most = max(float(np.linalg.norm(one, 2)), float(np.linalg.norm(exact, 2)))
        step = 0.5 * (RATE * size) ** 2 * math.exp(RATE * size)
        return STEPS * most ** (STEPS - 1) * step * float(np.linalg.norm(self.start.W))

    def at_end(self) -> Array:
        """W(t) of the flow, shape (k, d)."""
        return (expm(-RATE * STEPS * self.operator) @ self.start.W.ravel()).reshape(self.start.W.shape)

    @cached_property
    def covariance(self) -> Array:
        """Cov w_K, shape (k d, k d): E w wᵀ goes to (I − ηĀ) E w wᵀ (I − ηĀ)ᵀ + η²/B (E[A w wᵀ Aᵀ] − Ā E w wᵀ Āᵀ)."""
        sampled, weights = self._sampled()
        mean = np.einsum("n,nij->ij", weights, sampled)
        size = len(mean)
        flat = sampled.reshape(len(weights), -1)
        pairs = ((flat * weights[:, None]).T @ flat).reshape(size, size, size, size)  # E A_ij A_kl
        step = np.eye(size) - RATE * mean
        w = self.start.W.ravel()
        second = np.outer(w, w)
        for _ in range(STEPS):
            spread = np.tensordot(pairs, second, ((1, 3), (0, 1))) - mean @ second @ mean.T
            second, w = step @ second @ step.T + RATE**2 / BATCH * spread, step @ w
        return second - np.outer(w, w)

    def _sampled(self) -> tuple[Array, Array]:
        """A of one pair of views, and its weight, at three Gauss-Hermite nodes a dimension: exact for its second moments."""
        d, (nodes, mass) = len(self.start.X), np.polynomial.hermite_e.hermegauss(3)
        axes = np.stack(np.meshgrid(*[nodes] * (3 * d), indexing="ij"), -1).reshape(-1, 3, d)
        weights = np.stack(np.meshgrid(*[mass / mass.sum()] * (3 * d), indexing="ij"), -1).reshape(-1, 3 * d).prod(1)
        root, noise = np.linalg.cholesky(self.start.X), np.linalg.cholesky(self.start.X_prime)
        x_1, x_2 = (axes[:, 0] @ root.T + axes[:, i] @ noise.T for i in (1, 2))
        P, eye = self.start.W_p, np.eye(len(self.start.W))
        sampled = _kron(P.T @ P, x_1, x_1) - _kron(P.T, x_1, x_2)
        if not self.start.kind.stop_gradient:
            sampled += _kron(eye, x_2, x_2) - _kron(P, x_2, x_1)
        return sampled, weights


def _kron(left: Array, a: Array, b: Array) -> Array:
    """left ⊗ a bᵀ for each row of a and b: what W ↦ left W b aᵀ is on the rows of W.   Shapes: (n, k d, k d)."""
    return np.einsum("ij,na,nb->niajb", left, a, b).reshape(len(a), left.shape[0] * a.shape[1], -1)


def _ends(start: Start, n: int, random: torch.Generator) -> Tensor:
    """W_K of n replicas, shape (n, k, d)."""
    way = start.model(predictor_rate=0.0).sgd(
        real(start.W), real(start.W_p), rate=RATE, steps=STEPS, batch=BATCH, replicas=n, generator=random
    )
    return [W for _, W, _ in way][-1]


def _near(latex: str, frozen: Frozen, said: Array, device: torch.device) -> Trial:
    """Both W_K and −W_K stay below what is said and the bound."""
    start, size = frozen.start, float(np.sqrt(np.mean(frozen.start.W**2)))

    def statistic(n: int, random: torch.Generator) -> Tensor:
        W = _ends(start, n, random).flatten(1)
        return torch.cat([W, -W], 1)

    value = np.concatenate([said.ravel(), -said.ravel()]) + frozen.bound
    wanted = claim(latex, value, relative=TOLERANCE, scale=np.full(value.shape, size), relation="<=")
    return varied_trial(wanted, statistic, np.tile(np.diag(frozen.covariance), 2), BECAUSE, device)


def _decay(latex: str, frozen: Frozen, rate: float, device: torch.device) -> Trial:
    """E W_K along the direction of W(t) is at most e^{−rate t} ‖W_0‖_F and the bound."""
    start, size = frozen.start, float(np.linalg.norm(frozen.start.W))
    direction = frozen.at_end().ravel() / np.linalg.norm(frozen.at_end())

    def statistic(n: int, random: torch.Generator) -> Tensor:
        W = _ends(start, n, random).flatten(1)
        return W.to(torch.float64) @ real(direction).to(W.device)[:, None]

    value = math.exp(-rate * RATE * STEPS) * size + frozen.bound
    wanted = claim(latex, value, relative=TOLERANCE, scale=size, relation="<=")
    variance = direction @ frozen.covariance @ direction
    return varied_trial(wanted, statistic, variance, BECAUSE, device)


def _least(start: Start) -> float:
    return float(np.linalg.eigvalsh(start.X_prime)[0])


def _edited(start: Start, kind: Kind) -> Start:
    return Start(kind, start.X, start.X_prime, start.W, start.W_p)


def _other_stop(start: Start) -> Start:
    return _edited(start, Kind(start.kind.predictor, not start.kind.stop_gradient))


def _no_views(start: Start) -> Start:
    return Start(start.kind, start.X, 0 * start.X_prime, start.W, start.W_p)


WRONG_FLOW: dict[str, tuple[str, Callable[[Start], Array]]] = {
    "no stop-gradient, or one too many": (
        NEAR + r", \quad W(t) \text{ of the other flow}",
        lambda s: Frozen(_other_stop(s)).at_end(),
    ),
    "views without spread": (NEAR + r", \quad X' = 0 \text{ in the flow}", lambda s: Frozen(_no_views(s)).at_end()),
    "no motion": (NEAR.replace(r"W(t)", r"W_0"), lambda s: s.W),
}
DECAYS = {
    "rate of the square": DECAY.replace(r"-\lambda_{min}", r"-2\lambda_{min}"),
    "largest eigenvalue": DECAY.replace("min", "max"),
    "collapse in spite of predictor and stop-gradient": DECAY,
}


def _instances(random: np.random.Generator, device: torch.device) -> list[Instance]:
    """The four kinds, and the full method with a predictor that holds W up: there the decay is what is wrong."""
    found = [_instance(_start(random, kind), device) for kind in KINDS]
    return [*found, _instance(_held_up(random), device)]


def _start(random: np.random.Generator, kind: Kind) -> Start:
    """Weights from which the flow is gentle, so that the discretisation bound is small beside what moves.

    Behind a stop-gradient without predictor, they also end above the two decays that are too fast.
    """
    while True:
        start = random_start(random, kind, K, D)
        frozen, size = Frozen(start), float(np.linalg.norm(start.W))
        above = float(np.linalg.norm(frozen.at_end())) - frozen.bound - 3 * TOLERANCE * size
        slow = kind != IDENTITY or all(above > math.exp(-rate * RATE * STEPS) * size for rate in _too_fast(start).values())
        if frozen.bound <= MOST and slow:
            return start


def _too_fast(start: Start) -> dict[str, float]:
    """Rates of decay that the flow with W_p = I does not have."""
    eigenvalues = np.linalg.eigvalsh(start.X_prime)
    return {"rate of the square": 2 * float(eigenvalues[0]), "largest eigenvalue": float(eigenvalues[-1])}


def _held_up(random: np.random.Generator) -> Start:
    """W_p = ½ I: Ẇ = ¼ W (X − X'), which grows where the data vary more than the views."""
    start = random_start(random, Kind(predictor=True, stop_gradient=True), K, D)
    return Start(start.kind, start.X + np.eye(D), start.X_prime, start.W, 0.5 * np.eye(K))


def _instance(start: Start, device: torch.device) -> Instance:
    frozen, free = Frozen(start), not (start.kind.predictor and start.kind.stop_gradient)
    right = [_near(NEAR, frozen, frozen.at_end(), device)]
    wrong = {name: (_near(latex, frozen, said(start), device),) for name, (latex, said) in WRONG_FLOW.items()}
    if free:
        right.append(_decay(DECAY, frozen, _least(start), device))
    if start.kind == IDENTITY:
        wrong |= {name: (_decay(DECAYS[name], frozen, rate, device),) for name, rate in _too_fast(start).items()}
    if not free and np.linalg.norm(frozen.at_end()) > np.linalg.norm(start.W):
        name = "collapse in spite of predictor and stop-gradient"
        wrong[name] = (_decay(DECAYS[name], frozen, _least(start), device),)
    return Instance(str(start.kind), tuple(right), wrong)


EXPERIMENT = Experiment(
    title="Stochastic gradient descent on linear SimSiam against its flow",
    claim=CLAIM,
    source="Tian, Chen & Ganguli 2021; proofs/simsiam/weight-flow.md, proofs/simsiam/collapse.md",
    controls={name: latex for name, (latex, _) in WRONG_FLOW.items()} | DECAYS,
    instances=_instances,
)
