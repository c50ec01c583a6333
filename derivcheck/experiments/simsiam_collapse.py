r"""Training linear SimSiam, predictor and all: close to the flow, balanced as it is, and collapsing where it does, by T4.

Encoder and predictor learn together, so the mean over the runs obeys no closed equation. What is claimed is therefore a
share of the runs: at least 0.95 of them end within a stated distance of the flow's end, which an ODE solver finds. Whether a
single run does is a yes or a no, so the share needs no assumption. The distances hold for this step size and this batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from torch import Tensor

from derivcheck.experiments._experiment import Experiment, Instance
from derivcheck.experiments._siamese import Kind, Start, random_start
from derivcheck.experiments._trials import share_trial
from derivcheck.samplers.simsiam import LinearSimSiam
from derivcheck.samplers.stream import real
from derivcheck.statistics.claim import claim
from derivcheck.statistics.sums import Array
from derivcheck.statistics.trial import Trial

RATE, STEPS, BATCH = 1 / 32, 32, 12  # of the encoder, K, and the views of a step: t = 1
DECAY = 0.3  # of the weights
SHARE, TOLERANCE = 0.95, 0.05
FAR, FAR_BALANCE = 0.4, 0.3  # the stated distances
GENTLE = 12.0  # the speed up to which steps of this size keep the imbalance within the stated distance
FULL, NO_STOP = Kind(predictor=True, stop_gradient=True), Kind(predictor=True, stop_gradient=False)
NO_PREDICTOR = Kind(predictor=False, stop_gradient=True)
NEAR = r"P(\|(W_K, W_{p,K}) - (W(t), W_p(t))\|_F \leq 0.4) \geq 0.95"
BALANCE = r"P(\|C_K - e^{-2 \eta t} C_0\|_F \leq 0.3) \geq 0.95, \quad C = W W^\top - \frac{1}{\alpha_p} W_p^\top W_p"
COLLAPSE = r"P(\|W_K\|_F \leq e^{-\lambda_{min}(X') t} \|W_0\|_F) \geq 0.95"
STAYS = r"P(\|W_K\|_F \geq \|W_0\|_F) \geq 0.95"
CLAIM = rf"{NEAR}; \quad {BALANCE}; \quad {COLLAPSE} \text{{ without stop-gradient or predictor}}; \quad {STAYS} \text{{ with both}}"


@final
@dataclass(frozen=True)
class Training:
    """A start, the predictor's rate over the encoder's, and the weight decay."""

    start: Start
    predictor_rate: float = 1.0
    weight_decay: float = 0.0

    @property
    def model(self) -> LinearSimSiam:
        """What is trained."""
        return self.start.model(predictor_rate=self.predictor_rate, weight_decay=self.weight_decay)

    @property
    def speed(self) -> float:
        """The norm of (Ẇ, Ẇ_p) at the start."""
        return math.hypot(*(float(np.linalg.norm(part)) for part in self.model.drift(self.start.W, self.start.W_p)))

    def flow(self) -> tuple[Array, Array]:
        """(W(t), W_p(t)) at t = 1."""
        W, W_p = self.model.flow(self.start.W, self.start.W_p, [RATE * STEPS])
        return W[-1], W_p[-1]

    def ends(self, n: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """(W_K, W_{p,K}) of n runs.   Shapes: (n, k, d), (n, k, k)."""
        start = (real(self.start.W), real(self.start.W_p))
        way = self.model.sgd(*start, rate=RATE, steps=STEPS, batch=BATCH, replicas=n, generator=random)
        return [(W, W_p) for _, W, W_p in way][-1]


Event = Callable[[Tensor, Tensor], Tensor]
"""(W_K, W_{p,K}) -> whether it holds of each run, shape (n,)."""


def _share(latex: str, training: Training, events: Sequence[Event], device: torch.device) -> Trial:
    """Each event holds of 0.95 of the runs, or more."""

    def statistic(n: int, random: torch.Generator) -> Tensor:
        ends = training.ends(n, random)
        return torch.stack([event(*ends) for event in events], 1).to(torch.float64)

    value = np.full(len(events), SHARE)
    return share_trial(claim(latex, value, relative=TOLERANCE, scale=np.ones(len(events)), relation=">="), statistic, device)


def near(end: tuple[Array, Array]) -> Event:
    """Within `FAR` of this end of the flow."""
    aim, aim_p = (real(part) for part in end)
    return lambda W, W_p: (
        (W - aim.to(W)).square().sum((1, 2)) + (W_p - aim_p.to(W)).square().sum((1, 2)) <= FAR**2
    )


def balanced(aim: Array, gram: Callable[[Tensor, Tensor], Tensor]) -> Event:
    """The imbalance is within `FAR_BALANCE` of this one."""
    return lambda W, W_p: (gram(W, W_p) - real(aim).to(W)).square().sum((1, 2)) <= FAR_BALANCE**2


def imbalance(predictor_rate: float) -> Callable[[Tensor, Tensor], Tensor]:
    """W Wᵀ − W_pᵀ W_p/α_p.   Shapes: (…, k, d), (…, k, k); result (…, k, k)."""
    return lambda W, W_p: W @ W.mT - W_p.mT @ W_p / predictor_rate


def _other_product(predictor_rate: float) -> Callable[[Tensor, Tensor], Tensor]:
    return lambda W, W_p: W @ W.mT - W_p @ W_p.mT / predictor_rate


def _at_start(start: Start, gram: Callable[[Tensor, Tensor], Tensor]) -> Array:
    return gram(real(start.W), real(start.W_p)).numpy()


def _norm(start: Start) -> float:
    return float(np.linalg.norm(start.W))


def _decayed(start: Start) -> Event:
    most = math.exp(-float(np.linalg.eigvalsh(start.X_prime)[0]) * RATE * STEPS) * _norm(start)
    return lambda W, _: W.square().sum((1, 2)) <= most**2


def _grown(start: Start) -> Event:
    least = _norm(start)
    return lambda W, _: W.square().sum((1, 2)) >= least**2


WRONG = {
    "flow without stop-gradient": NEAR + r", \quad (W(t), W_p(t)) \text{ without stop-gradient}",
    "flow with stop-gradient": NEAR + r", \quad (W(t), W_p(t)) \text{ with stop-gradient}",
    "flow without predictor's motion": NEAR + r", \quad W_p(t) = W_p(0)",
    "collapse of the full method": COLLAPSE + r" \text{ with predictor and stop-gradient}",
    "no collapse without stop-gradient": STAYS + r" \text{ without stop-gradient}",
    "no collapse without predictor": STAYS + r" \text{ without predictor}",
    "imbalance kept for ever": BALANCE.replace(r"e^{-2 \eta t} ", ""),
    "missing learning rate": BALANCE.replace(r"\frac{1}{\alpha_p} ", ""),
    "predictor on the other side": BALANCE.replace(r"W_p^\top W_p", r"W_p W_p^\top"),
}


def _with_kind(start: Start, kind: Kind) -> Start:
    return Start(kind, start.X, start.X_prime, start.W, start.W_p)


def _growing(random: np.random.Generator) -> Start:
    """The full method on data that vary far more than their views, with W_p near ½ I: W grows."""
    base = random_start(random, FULL)
    return Start(FULL, base.X + np.eye(len(base.X)), 0.5 * base.X_prime, base.W, 0.5 * np.eye(2) + random.normal(0, 0.1, (2, 2)))


def _apart(one: tuple[Array, Array], other: tuple[Array, Array]) -> float:
    return math.hypot(*(float(np.linalg.norm(a - b)) for a, b in zip(one, other, strict=True)))


def _full(random: np.random.Generator, device: torch.device) -> Instance:
    while True:
        start = _growing(random)
        end = Training(start).flow()
        others = {
            "flow without stop-gradient": Training(_with_kind(start, NO_STOP)).flow(),
            "flow without predictor's motion": Training(start, predictor_rate=0.0).flow(),
        }
        if np.linalg.norm(end[0]) > 1.15 * _norm(start) and all(_apart(end, o) > 2 * FAR for o in others.values()):
            break
    training = Training(start)
    wrong = {name: (_share(WRONG[name], training, [near(other)], device),) for name, other in others.items()}
    name = "collapse of the full method"
    wrong[name] = (_share(WRONG[name], training, [_decayed(start)], device),)
    right = _share(rf"{NEAR}; \quad {STAYS}", training, [near(end), _grown(start)], device)
    return Instance(str(FULL), (right,), wrong)


def _collapsing(random: np.random.Generator, kind: Kind, device: torch.device) -> Instance:
    """The flow ends below the bound by as much as single runs are scattered."""
    while True:
        start = random_start(random, kind)
        training, end = Training(start), Training(start).flow()
        other = Training(_with_kind(start, FULL if kind == NO_STOP else Kind(predictor=False, stop_gradient=False))).flow()
        most = math.exp(-float(np.linalg.eigvalsh(start.X_prime)[0]) * RATE * STEPS) * _norm(start)
        if np.linalg.norm(end[0]) < most - FAR / 2 and (kind != NO_STOP or _apart(end, other) > 2 * FAR):
            break
    right = _share(rf"{NEAR}; \quad {COLLAPSE}", training, [near(end), _decayed(start)], device)
    name = "no collapse without stop-gradient" if kind == NO_STOP else "no collapse without predictor"
    wrong = {name: (_share(WRONG[name], training, [_grown(start)], device),)}
    if kind == NO_STOP:
        name = "flow with stop-gradient"
        wrong[name] = (_share(WRONG[name], training, [near(other)], device),)
    return Instance(str(kind), (right,), wrong)


def _sheared(random: np.random.Generator) -> Start:
    """A predictor far from normal, W_pᵀ W_p ≠ W_p W_pᵀ, so that the sides are told apart."""
    base = random_start(random, FULL)
    W_p = np.array([[0.6, 1.8], [0.0, 0.6]]) + random.normal(0, 0.15, (2, 2))
    return Start(FULL, base.X, base.X_prime, base.W * 1.6 / np.linalg.norm(base.W), W_p)


def _decaying(random: np.random.Generator, device: torch.device) -> Instance:
    """Weight decay, and a predictor that learns twice as fast as the encoder."""
    rate, left = 2.0, math.exp(-2 * DECAY * RATE * STEPS)
    gram, plain, turned = imbalance(rate), imbalance(1.0), _other_product(rate)
    while True:
        start = _sheared(random)
        training = Training(start, predictor_rate=rate, weight_decay=DECAY)
        if training.speed > GENTLE:
            continue
        end = [real(part) for part in training.flow()]
        wrong = {
            "imbalance kept for ever": (gram, _at_start(start, gram)),
            "missing learning rate": (plain, left * _at_start(start, plain)),
            "predictor on the other side": (turned, left * _at_start(start, turned)),
        }
        if all(np.linalg.norm(of(*end).numpy() - aim) > 2 * FAR_BALANCE for of, aim in wrong.values()):
            break
    right = _share(BALANCE, training, [balanced(left * _at_start(start, gram), gram)], device)
    return Instance(
        f"weight decay {DECAY}, predictor twice as fast",
        (right,),
        {name: (_share(WRONG[name], training, [balanced(aim, of)], device),) for name, (of, aim) in wrong.items()},
    )


def _instances(random: np.random.Generator, device: torch.device) -> list[Instance]:
    return [
        _full(random, device),
        _full(random, device),
        _collapsing(random, NO_STOP, device),
        _collapsing(random, NO_PREDICTOR, device),
        _decaying(random, device),
    ]


EXPERIMENT = Experiment(
    title="Collapse and balance in trained linear SimSiam",
    claim=CLAIM,
    source="Tian, Chen & Ganguli 2021, theorem 1; proofs/simsiam/collapse.md, proofs/simsiam/balance.md",
    controls=WRONG,
    instances=_instances,
)
