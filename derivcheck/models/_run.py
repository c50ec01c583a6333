"""From a configuration to a trained model: epochs, checkpoints, and what it reaches.

Main definitions: `models`, `run`, `Finished`, `reopened`, `arrays_of`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray

from derivcheck.models._checkpoint import Checkpoint, NoCheckpoint, config_of, load, save
from derivcheck.models._model import Bound, Config, Evaluation, Model, Training
from derivcheck.models._state import generator
from derivcheck.registry import declared
from derivcheck.samplers.stream import best_device

EVERY = 5.0  # seconds between checkpoints

Progress = Callable[[int, int, Mapping[str, float]], None]
"""(epochs done, of how many, the loss terms of the last)."""


@final
@dataclass(frozen=True)
class Finished:
    """A trained model with its measurements. missed: the bounds that it does not reach."""

    name: str
    config: Config
    training: Training
    history: tuple[Mapping[str, float], ...]
    evaluation: Evaluation
    bounds: tuple[Bound, ...]
    seconds: float

    @property
    def missed(self) -> tuple[Bound, ...]:
        """The bounds that are not reached."""
        return tuple(b for b in self.bounds if not b.met(self.evaluation.metrics))


def models() -> Mapping[str, Model]:
    """Every reference model by its name."""
    return declared("derivcheck.models", "MODEL")


class NoDevice(ValueError):
    """There is no such device on this machine."""


def device_named(name: str | None) -> torch.device:
    """The device that a user names, or the best there is. One thread on the CPU: results do not depend on cores.

    Raises:
        NoDevice: torch knows none of that name here.
    """
    torch.set_num_threads(1)
    if name is None:
        return best_device()
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise NoDevice(str(error).partition("\n")[0]) from error
    return device


def run(
    name: str,
    config: Config,
    device: torch.device,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Finished:
    """Train, or go on from the checkpoint of the same configuration in the folder, and evaluate.

    Raises:
        NoCheckpoint: the folder holds a run of another configuration, or a damaged one.
        CannotLoad: the data is not there.
    """
    model, start = models()[name], monotonic()
    training = model.start(config, device)
    history = list[Mapping[str, float]]()
    if folder is not None and (folder / "config.json").exists():
        history = _resumed(folder, name, config, training)
    saved = monotonic()
    for number in range(len(history), config.epochs):
        history.append(training.epoch(number))
        if progress is not None:
            progress(number + 1, config.epochs, history[-1])
        last = number + 1 == config.epochs
        if folder is not None and (last or monotonic() - saved > EVERY):
            save(folder, name, config, Checkpoint(training.state(), tuple(history)))
            saved = monotonic()
    evaluation = training.evaluate()
    bounds = model.bounds(config)
    return Finished(name, config, training, tuple(history), evaluation, bounds, monotonic() - start)


@final
@dataclass(frozen=True)
class Reopened:
    """A trained model taken from its folder."""

    name: str
    config: Config
    training: Training
    history: tuple[Mapping[str, float], ...]
    device: torch.device

    @property
    def epochs(self) -> int:
        """How many it has been trained for."""
        return len(self.history)

    def sample(self, n: int, seed: int) -> NDArray[Any]:
        """Draws from the model, one a row."""
        return self.training.sample(n, generator(self.device, seed, "sample-model")).detach().cpu().numpy()

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What figures and measures are made of."""
        return arrays_of(self.training.evaluate(), self.history)


def arrays_of(
    evaluation: Evaluation, history: Sequence[Mapping[str, float]]
) -> dict[str, NDArray[Any]]:
    """The arrays of an evaluation, and each loss term by epoch as `loss/<term>`."""
    terms = history[0] if history else ()
    curves = {f"loss/{t}": np.asarray([h[t] for h in history]) for t in terms}
    return {**curves, **evaluation.arrays}


def reopened(folder: Path, device: torch.device) -> Reopened:
    """The model in a folder, whole or as far as it came.

    Raises:
        NoCheckpoint: there is none, or it is damaged.
        CannotLoad: its data is not here.
    """
    name, config = config_of(folder, {k: m.config for k, m in models().items()})
    checkpoint = load(folder)
    training = models()[name].start(config, device)
    training.load(checkpoint.state)
    return Reopened(name, config, training, checkpoint.history, device)


def _resumed(
    folder: Path, name: str, config: Config, training: Training
) -> list[Mapping[str, float]]:
    found = config_of(folder, {k: m.config for k, m in models().items()})
    if found != (name, config):
        raise NoCheckpoint(f"{folder}: a run of {found[0]} with other settings: {found[1]}")
    if not (folder / "checkpoint.safetensors").exists():
        return []  # killed before the first checkpoint
    checkpoint = load(folder)
    training.load(checkpoint.state)
    return list(checkpoint.history)
