"""What a data set is: rows to learn from and rows kept aside, or a law that can be drawn from.

Main definitions: `Rows`, `Dataset`, `rows_of`, `law_of`, `CannotLoad`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import final

from torch import Tensor

from derivcheck.registry import declared
from derivcheck.samplers.mixture import GaussianMixture


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
    """A declared data set: rows, or a law whose density and score are known.

    load: from a path that a user gives (None: its own place).
    """

    title: str
    source: str
    load: Callable[[Path | None], Rows] | None = None
    law: Callable[[], GaussianMixture] | None = None


def rows_of(name: str, path: str | None) -> Rows:
    """The rows of a data set.

    Raises:
        CannotLoad: there is no such data set of rows, or its file is not what it should be.
    """
    dataset = _named(name)
    if dataset.load is None:
        raise CannotLoad(f"{name} is a law, not rows")
    return dataset.load(None if path is None else Path(path))


def law_of(name: str) -> GaussianMixture:
    """The law of a data set.

    Raises:
        CannotLoad: there is no such data set with a known law.
    """
    dataset = _named(name)
    if dataset.law is None:
        raise CannotLoad(f"{name} has no known law")
    return dataset.law()


def _named(name: str) -> Dataset:
    known: Mapping[str, Dataset] = declared("derivcheck.datasets", "DATASET")
    if name not in known:
        raise CannotLoad(f"there is no data set {name}; there are {', '.join(known)}")
    return known[name]
