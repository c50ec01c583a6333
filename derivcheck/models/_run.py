"""From a configuration to a trained model: epochs, checkpoints, and what it reaches.

Main definitions: `models`, `run`, `Finished`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import final

import torch

from derivcheck.models._checkpoint import Checkpoint, NoCheckpoint, config_of, load, save
from derivcheck.models._model import Bound, Config, Evaluation, Model, Training
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
