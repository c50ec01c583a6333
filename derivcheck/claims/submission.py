"""What somebody submits: named arrays, or a folder of `derivcheck train`. From a stranger: nothing is unpickled.

Main definitions: `read_submission`, `Submission`, `NotReadable`, `ForAHuman`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
import torch
from safetensors import SafetensorError, safe_open

from derivcheck.claims.found import Found
from derivcheck.claims.npz import LIMIT_ARRAYS, LIMIT_BYTES, NotReadable, read_npz
from derivcheck.models._checkpoint import CONFIG, TENSORS, NoCheckpoint, config_of, load
from derivcheck.models._model import Config
from derivcheck.models._run import arrays_of, models
from derivcheck.models._run import reopened as reopened_model
from derivcheck.models._settings import UnknownSetting, configured

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".pdf", ".svg", ".gif", ".tif", ".tiff", ".bmp", ".webp"})
PICKLED = frozenset({".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".bin", ".joblib"})
LIMIT_CONFIG = 64 << 10  # bytes
LARGER = 20  # times its default: no whole number of a submitted configuration is larger


class ForAHuman(ValueError):
    """A picture: what it shows cannot be measured."""


@final
@dataclass(frozen=True)
class Submission:
    """What was submitted. model, config: of a folder; reduction: what it says of its losses' normalisation."""

    place: str
    found: Found
    model: str | None = None
    config: Config | None = None
    reduction: str | None = None


def read_submission(path: Path, device: torch.device) -> Submission:
    """Arrays from .npz or .safetensors, or a model from a folder, evaluated here.

    Raises:
        NotReadable: missing, damaged, pickled, too large, or of no known kind.
        ForAHuman: a picture.
    """
    if path.is_dir():
        return _folder(path, device)
    if not path.is_file():
        raise NotReadable(f"{path}: no such file or folder")
    suffix = path.suffix.lower()
    if suffix in PICTURES:
        raise ForAHuman(f"{path}: a picture cannot be measured; submit its arrays as .npz or .safetensors")
    if suffix in PICKLED:
        raise NotReadable(f"{path}: such files are pickled, and run code when they are opened; save .safetensors or .npz")
    if path.stat().st_size > LIMIT_BYTES:
        raise NotReadable(f"{path}: more than {LIMIT_BYTES >> 20} MiB; submit fewer rows")
    if suffix == ".npz":
        arrays = read_npz(path)
        said = arrays.pop("convention", None)
        return Submission(str(path), Found(arrays), reduction=None if said is None else str(said))
    if suffix == ".safetensors":
        return _safetensors(path)
    raise NotReadable(f"{path}: not .npz, .safetensors or a folder of `derivcheck train -o`")


def _safetensors(path: Path) -> Submission:
    try:
        with safe_open(path, framework="np") as file:
            names = list(file.keys())
            if len(names) > LIMIT_ARRAYS:
                raise NotReadable(f"{path}: {len(names)} arrays; at most {LIMIT_ARRAYS}")
            arrays = {name: file.get_tensor(name) for name in names}
            said: Mapping[str, str] = file.metadata() or {}
    except (SafetensorError, TypeError, ValueError, OSError) as error:
        if isinstance(error, NotReadable):
            raise
        raise NotReadable(f"{path}: no file of safetensors: {error}") from error
    return Submission(str(path), Found(arrays), reduction=said.get("convention"))


def _folder(path: Path, device: torch.device) -> Submission:
    """The model of a folder, evaluated anew: what its metrics.json says is not looked at."""
    for file, most in ((CONFIG, LIMIT_CONFIG), (TENSORS, LIMIT_BYTES)):
        if not (path / file).is_file():
            raise NotReadable(f"{path}: has no {file}; a folder is what `derivcheck train NAME -o DIR` writes")
        if (path / file).stat().st_size > most:
            raise NotReadable(f"{path / file}: more than {most >> 10} KiB")
    try:
        name, config = config_of(path, {k: m.config for k, m in models().items()})
        _modest(path, name, config)
        checkpoint = load(path)
        _finite(path, checkpoint.state)
        if len(checkpoint.history) != config.epochs:
            raise NotReadable(f"{path}: trained for {len(checkpoint.history)} of {config.epochs} epochs; let it finish")
        opened = reopened_model(path, device)
        evaluation = opened.training.evaluate()
        arrays = arrays_of(evaluation, checkpoint.history)
    except NoCheckpoint as error:
        raise NotReadable(str(error)) from error
    except (RuntimeError, KeyError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError) as error:
        if isinstance(error, NotReadable):
            raise
        fact = str(error).partition("\n")[0]
        raise NotReadable(f"{path}: its tensors are not of the model that its configuration names: {fact}") from error
    return Submission(str(path), Found(arrays, evaluation.metrics), name, config)


def _modest(path: Path, name: str, config: Config) -> None:
    """Settings of a stranger: of the right kind, no paths on this machine, and nothing that takes all its memory."""
    usual: dict[str, Any] = asdict(models()[name].config())
    try:
        configured(models()[name], {k: str(v) for k, v in asdict(config).items() if v is not None})
    except UnknownSetting as error:
        raise NotReadable(f"{path}: {error}") from error
    for key, value in asdict(config).items():
        default = usual[key]
        if key == "path" and value is not None:
            raise NotReadable(f"{path}: names a file of the machine it was trained on ({key}); submit arrays instead")
        if key == "slip":
            fits = value is None or isinstance(value, str)
        elif isinstance(default, float):
            fits = isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(value)
        else:
            fits = type(value) is type(default)
        if not fits:
            raise NotReadable(f"{path}: {key} = {value!r} is no value of that setting")
        if isinstance(value, bool) or not isinstance(value, int) or not isinstance(default, int) or key == "seed":
            continue
        if not 0 <= value <= LARGER * default:
            raise NotReadable(f"{path}: {key} = {value}; from 0 to {LARGER * default} is judged here")


def _finite(path: Path, state: Mapping[str, torch.Tensor]) -> None:
    for key, tensor in state.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise NotReadable(f"{path}: the tensor {key!r} holds something that is not a finite number")
