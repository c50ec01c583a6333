"""What a data set is: rows to learn from and rows kept aside, or a law that can be drawn from.

Main definitions: `Rows`, `Dataset`, `CannotLoad`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import final

from torch import Tensor


class CannotLoad(ValueError):
    """The data is not there, or is not what its format says."""


@final
@dataclass(frozen=True)
class Rows:
    """A finite data set. Shapes: train (n, d), test (m, d), labels (n,) and (m,); side: of a square image."""

    train: Tensor
    test: Tensor
    train_labels: Tensor
    test_labels: Tensor
    side: int


@final
@dataclass(frozen=True)
class Dataset:
    """A declared data set. load: from a path that a user gives (None: its own place)."""

    title: str
    source: str
    load: Callable[[Path | None], Rows]
