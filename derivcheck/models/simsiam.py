r"""Linear SimSiam: J = ½ E|W_p W x_1 − sg(W x_2)|², trained by stochastic gradient descent, against its gradient flow.

Without the stop-gradient, or without the predictor, the features collapse; with both they do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from derivcheck.models._model import Bound, Config, Control, Evaluation, Model
from derivcheck.models._state import generator
from derivcheck.samplers.simsiam import LinearSimSiam
from derivcheck.samplers.stream import real
from derivcheck.statistics.sums import Array

STEPS = 50  # an epoch; the trajectory is recorded at its end
LOST_HALF = 2.0  # what J without its ½ makes of the step


@final
@dataclass(frozen=True)
class SimSiamConfig(Config):
    """Time is rate · steps; the data's laws, and the start, come from the seed."""

    epochs: int = 20
    d: int = 6
    k: int = 4
    predictor: bool = True
    stop_gradient: bool = True
    rate: float = 0.02
    batch: int = 4096


@final
class SimSiamTraining:
    """Plain SGD on fresh views; the flow from the same start."""

    def __init__(self, config: SimSiamConfig, device: torch.device) -> None:
        self.config, self.device = config, device
        random = np.random.default_rng([config.seed, config.d, config.k])
        self.asked = LinearSimSiam(
            X=real(_covariance(random, config.d, 1.0, 3.0)), X_prime=real(_covariance(random, config.d, 0.4, 0.8)),
            predictor=config.predictor, stop_gradient=config.stop_gradient,
        )  # fmt: skip
        self.done = replace(self.asked, stop_gradient=False) if config.slip == "no stop-gradient" else self.asked
        scale = 0.5
        self.start = (
            scale * random.normal(size=(config.k, config.d)),
            np.eye(config.k) + 0.1 * _symmetric(random, config.k) if config.predictor else np.eye(config.k),
        )
        self.weights = tuple(torch.as_tensor(s, dtype=torch.float32, device=device) for s in self.start)
        self.path = torch.zeros(config.epochs, config.k)

    def epoch(self, number: int) -> Mapping[str, float]:
        """STEPS steps; the mean loss on the last batch."""
        random = generator(self.device, self.config.seed, number, "epoch")
        c = self.config
        rate = c.rate * (LOST_HALF if c.slip == "missing half" else 1.0)
        for _, W, W_p in self.done.sgd(
            *self.weights, rate=rate, steps=STEPS, batch=c.batch, replicas=1, generator=random
        ):
            self.weights = W[0], W_p[0]
        self.path[number] = torch.as_tensor(self._eigenvalues(_array(self.weights[0])))
        views = (x[None] for x in self.done.views(c.batch, random, self.device))
        return {"J": float(self.asked.loss(*(w[None] for w in self.weights), *views))}

    def state(self) -> Mapping[str, Tensor]:
        """W, W_p, and the eigenvalues so far."""
        return {"W": self.weights[0].cpu(), "W_p": self.weights[1].cpu(), "path": self.path}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state."""
        self.weights = state["W"].to(self.device), state["W_p"].to(self.device)
        self.path = state["path"]

    def _eigenvalues(self, W: Array) -> Array:
        """Of the covariance of the features, W (X + X′) Wᵀ, in falling order. Shape: (k,)."""
        both = (self.asked.X + self.asked.X_prime).numpy()
        return np.asarray(np.linalg.eigvalsh(W @ both @ W.T)[::-1], dtype=np.float64).copy()

    def evaluate(self) -> Evaluation:
        """Eigenvalues along the way, against those along the flow."""
        times = self.config.rate * STEPS * np.arange(1, self.config.epochs + 1)
        along, predictors = self.asked.flow(*self.start, times=[float(t) for t in times])
        flow = np.stack([self._eigenvalues(W) for W in along])
        found = self.path.numpy()
        initial = self._eigenvalues(self.start[0])
        largest = max(initial.max(), flow.max())
        metrics = {
            "trajectory_error": float(np.abs(found - flow).max() / largest),
            "trace_of_features": float(found[-1].sum()),
            "trace_along_the_flow": float(flow[-1].sum()),
            "trace_at_the_start": float(initial.sum()),
        }
        if self.config.predictor and self.config.stop_gradient:
            # conserved by the flow without weight decay: Tian, Chen & Ganguli 2021, theorem 1
            kept = self.start[0] @ self.start[0].T - self.start[1].T @ self.start[1]
            drift = along[-1] @ along[-1].T - predictors[-1].T @ predictors[-1] - kept
            metrics["balance_drift_of_the_flow"] = float(np.abs(drift).max())
        return Evaluation(metrics, {"times": times, "eigenvalues": found, "eigenvalues_of_the_flow": flow})

    def sample(self, n: int, random: torch.Generator) -> Tensor:
        """Features W x_1 of n views. Shape: (n, k)."""
        return self.asked.views(n, random, self.device)[0] @ self.weights[0].T


def _array(x: Tensor) -> NDArray[Any]:
    return x.detach().cpu().double().numpy()


def _symmetric(random: np.random.Generator, n: int) -> Array:
    A = random.normal(size=(n, n))
    return (A + A.T) / 2


def _covariance(random: np.random.Generator, n: int, low: float, high: float) -> Array:
    """A random rotation of eigenvalues between low and high."""
    Q = np.linalg.qr(random.normal(size=(n, n)))[0]
    return (Q * np.linspace(low, high, n)) @ Q.T


def _bounds(config: SimSiamConfig) -> tuple[Bound, ...]:
    followed = Bound("trajectory_error", high=0.01, why="of the largest eigenvalue, at every epoch")
    if config.predictor and config.stop_gradient:
        return (
            followed,
            Bound("trace_of_features", low=0.1, why="no collapse with predictor and stop-gradient"),
            Bound("balance_drift_of_the_flow", high=1e-6, why="W Wᵀ − W_pᵀ W_p is conserved by the flow"),
        )
    return (followed, Bound("trace_of_features", high=1e-3, why="collapse: a part of the method is missing"))


MODEL = Model(
    title="Linear SimSiam",
    source="Tian, Chen & Ganguli 2021, equations 1 to 3",
    losses={"J": r"\frac{1}{2} \mathbb{E}[\|W_p W x_1 - \text{Stop-Grad}(W x_2)\|^2]"},
    conventions="squared error summed over features, averaged over the batch, with the factor ½; time = rate · steps; one rate for W and W_p",
    units={},
    config=SimSiamConfig,
    start=SimSiamTraining,
    bounds=_bounds,
    controls={
        "no stop-gradient": Control(
            {"slip": "no stop-gradient"}, ("trajectory_error", "trace_of_features"), "the target is differentiated too"
        ),
        "missing half": Control({"slip": "missing half"}, ("trajectory_error",), "J without its ½: twice the speed"),
    },
    variants={
        "whole": {},
        "no predictor": {"predictor": False},
        "no stop-gradient": {"stop_gradient": False},
        "neither": {"predictor": False, "stop_gradient": False},
    },
    quick={},
    proofs={"J": "simsiam/objective-trace.md", "trajectory_error": "simsiam/weight-flow.md"},
)
