"""A run on disk: a configuration a reader can open, and tensors that nothing has to be executed to read.

Main definitions: `Checkpoint`, `save`, `load`, `config_of`, `NoCheckpoint`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, final

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

import derivcheck
from derivcheck.models._model import Config

CONFIG, TENSORS = "config.json", "checkpoint.safetensors"


class NoCheckpoint(ValueError):
    """There is no run in a folder, or it is of another configuration, or a file of it is damaged."""


@final
@dataclass(frozen=True)
class Checkpoint:
    """The state after some epochs, and the loss terms of each."""

    state: Mapping[str, Tensor]
    history: tuple[Mapping[str, float], ...]


def save(folder: Path, name: str, config: Config, checkpoint: Checkpoint) -> None:
    """Write both files, each whole or not at all: a kill leaves the state before."""
    folder.mkdir(parents=True, exist_ok=True)
    said = {"model": name, "version": derivcheck.__version__, "config": asdict(config)}
    _replace(folder / CONFIG, json.dumps(said, indent=2) + "\n")
    new = folder / (TENSORS + ".new")
    tensors = {k: v.contiguous() for k, v in checkpoint.state.items()}
    save_file(tensors, new, metadata={"history": json.dumps([*map(dict, checkpoint.history)])})
    os.replace(new, folder / TENSORS)  # noqa: PTH105 - atomic on one file system


def load(folder: Path) -> Checkpoint:
    """The state in a folder.

    Raises:
        NoCheckpoint: there is none, or it cannot be read.
    """
    path = folder / TENSORS
    if not path.is_file():
        raise NoCheckpoint(f"{path}: no such file")
    try:
        with safe_open(path, framework="pt") as file:
            history = json.loads((file.metadata() or {})["history"])
            state = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - no iterator
    except (SafetensorError, KeyError, ValueError) as error:
        raise NoCheckpoint(f"{path}: no checkpoint of derivcheck: {error}") from error
    return Checkpoint(state, tuple(history))


def config_of(folder: Path, configs: Mapping[str, type[Config]]) -> tuple[str, Config]:
    """The model's name and the configuration of a run.

    Raises:
        NoCheckpoint: there is none, or it names no model or setting that is known.
    """
    path = folder / CONFIG
    try:
        said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        kind = configs[said["model"]]
        known = {f.name for f in fields(kind)}
        unknown = set(said["config"]) - known
        if unknown:
            raise NoCheckpoint(f"{path}: {said['model']} has no setting {', '.join(sorted(unknown))}")
        return said["model"], kind(**said["config"])
    except (OSError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, NoCheckpoint):
            raise
        raise NoCheckpoint(f"{path}: no configuration of a run: {error}") from error


def _replace(path: Path, text: str) -> None:
    new = path.with_suffix(path.suffix + ".new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
