"""What a reference model is: a loss from the page, training, figures that it must reach, slips that must not.

Main definitions: `Model`, `Config`, `Training`, `Evaluation`, `Bound`, `Control`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True)
class Config:
    """What a run is made of; the same configuration gives the same weights on one device.

    slip: the name of a deliberate mistake (see the model's controls), None for the model as it should be.
    """

    seed: int = 0
    epochs: int = 1
    slip: str | None = None


@final
@dataclass(frozen=True)
class Evaluation:
    """What a trained model is judged by: numbers, and the arrays that figures and statistics are made of.

    units of every metric are in its name's entry in the model's `units`.
    """

    metrics: Mapping[str, float]
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)


class Training(Protocol):
    """A model in training. All randomness of an epoch comes from (seed, epoch): resuming needs no generator state."""

    def epoch(self, number: int) -> Mapping[str, float]:
        """One pass over the data (or a fixed number of steps); the mean of each loss term."""
        ...

    def state(self) -> Mapping[str, Tensor]:
        """Everything that training changes: weights, optimiser moments, averages."""
        ...

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state."""
        ...

    def evaluate(self) -> Evaluation:
        """Measure the model against known truth."""
        ...

    def sample(self, n: int, random: torch.Generator) -> Tensor:
        """Draws from the trained model. Shape: (n, *event)."""
        ...


@final
@dataclass(frozen=True)
class Bound:
    """A figure that a run must reach: low ≤ metric ≤ high, and why."""

    metric: str
    low: float = -np.inf
    high: float = np.inf
    why: str = ""

    def met(self, metrics: Mapping[str, float]) -> bool:
        """Whether it is reached; a metric that is missing or NaN is not."""
        return self.low <= metrics.get(self.metric, np.nan) <= self.high


@final
@dataclass(frozen=True)
class Control:
    """A run that must not be accepted: what is changed in the configuration, and the bounds that must fail."""

    changes: Mapping[str, Any]
    fails: tuple[str, ...]
    what: str


@final
@dataclass(frozen=True)
class Model:
    """A declared reference model.

    losses: the terms of the loss in LaTeX, by the name under which training reports them, with conventions
    (sum or mean) in `conventions`. bounds: what a run with a configuration must reach. quick: a smaller run.
    proofs: the derivation in proofs/ that a loss, or a metric, is from; tests hold the one against the other.
    """

    title: str
    source: str
    losses: Mapping[str, str]
    conventions: str
    units: Mapping[str, str]
    config: type[Config]
    start: Callable[[Any, torch.device], Training]
    bounds: Callable[[Any], tuple[Bound, ...]]
    controls: Mapping[str, Control]
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    quick: Mapping[str, Any] = field(default_factory=dict)
    proofs: Mapping[str, str] = field(default_factory=dict)
    data: tuple[str, ...] = ()
