r"""Linear SimSiam models drawn at random, and the flow of each kind as it stands on the page.

Main definitions: `Kind`, `KINDS`, `Start`, `random_start`, `page_flow`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, final

import numpy as np

from derivcheck.experiments._gaussian import random_covariance
from derivcheck.samplers.simsiam import LinearSimSiam
from derivcheck.samplers.stream import real
from derivcheck.statistics.sums import Array


class Kind(NamedTuple):
    """Which parts of the method are there."""

    predictor: bool
    stop_gradient: bool

    def __str__(self) -> str:
        """As an instance is named."""
        has = ["without", "with"]
        return f"{has[self.predictor]} predictor, {has[self.stop_gradient]} stop-gradient"


KINDS = tuple(Kind(predictor, stop) for predictor in (True, False) for stop in (True, False))


class Flow(NamedTuple):
    """Ẇ and Ẇ_p.   Shapes: (k, d), (k, k)."""

    encoder: Array
    predictor: Array


@final
@dataclass(frozen=True)
class Start:
    """A model and the weights that it starts from.   Shapes: X, X_prime (d, d), W (k, d), W_p (k, k)."""

    kind: Kind
    X: Array
    X_prime: Array
    W: Array
    W_p: Array

    def model(self, *, predictor_rate: float = 1.0, weight_decay: float = 0.0) -> LinearSimSiam:
        """What draws the views and takes the gradients."""
        return LinearSimSiam(
            X=real(self.X),
            X_prime=real(self.X_prime),
            predictor=self.kind.predictor,
            stop_gradient=self.kind.stop_gradient,
            predictor_rate=predictor_rate,
            weight_decay=weight_decay,
        )


def random_start(random: np.random.Generator, kind: Kind, k: int = 2, d: int = 3) -> Start:
    """k ≠ d and a W_p that is neither symmetric nor near I, so that a wrong side or a lost transpose shows."""
    X, X_prime = random_covariance(random, d, (0.7, 1.4)), random_covariance(random, d, (0.4, 0.8))
    W_p = np.eye(k) + random.normal(0, 0.5, (k, k)) if kind.predictor else np.eye(k)
    return Start(kind, (X + X.T) / 2, (X_prime + X_prime.T) / 2, random.normal(0, 0.7, (k, d)), W_p)


def page_flow(start: Start, W: Array, W_p: Array) -> Flow:
    r"""The flow of J = ½ E‖W_p W x_1 − sg(W x_2)‖², as on the page.

    Stop-gradient: Ẇ = −W_pᵀ (W_p W (X + X') − W X). None: Ẇ = −(W_pᵀ W_p + I) W X' − (W_p − I)ᵀ (W_p − I) W X.
    Ẇ_p = −W_p W (X + X') Wᵀ + W X Wᵀ; without a predictor W_p is I and stays so.
    """
    X, Xp, eye = start.X, start.X_prime, np.eye(len(W))
    P = W_p if start.kind.predictor else eye
    if start.kind.stop_gradient:
        of_encoder = -P.T @ (P @ W @ (X + Xp) - W @ X)
    else:
        of_encoder = -(P.T @ P + eye) @ W @ Xp - (P - eye).T @ (P - eye) @ W @ X
    of_predictor = -P @ W @ (X + Xp) @ W.T + W @ X @ W.T
    return Flow(of_encoder, of_predictor if start.kind.predictor else np.zeros_like(W_p))
