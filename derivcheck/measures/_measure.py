"""What a measure is: a number from named arrays, its unit, and what it sees.

Main definitions: `Measure`, `measured`, `CannotMeasure`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from derivcheck.registry import declared

Arrays = Mapping[str, NDArray[Any]]


class CannotMeasure(ValueError):
    """An array is missing, has another shape than it should, or holds something that is not a finite number."""


@final
@dataclass(frozen=True)
class Measure:
    """A declared statistic. needs: the arrays and their shapes, letters standing for any length, the same throughout."""

    title: str
    unit: str
    needs: Mapping[str, str]
    value: Callable[[Arrays], float]
    source: str = ""


def measured(name: str, arrays: Arrays) -> float:
    """A measure of arrays.

    Raises:
        CannotMeasure: there is no such measure, or the arrays are not what it needs.
    """
    known: Mapping[str, Measure] = declared("derivcheck.measures", "MEASURE")
    if name not in known:
        raise CannotMeasure(f"there is no measure {name}; there are {', '.join(known)}")
    measure, lengths = known[name], dict[str, int]()
    for array, shape in measure.needs.items():
        if array not in arrays:
            raise CannotMeasure(f"{name} needs the array {array!r} of shape ({shape})")
        _fit(array, arrays[array], shape, lengths)
    return float(measure.value({k: arrays[k] for k in measure.needs}))


def _fit(name: str, array: NDArray[Any], shape: str, lengths: dict[str, int]) -> None:
    letters = [s.strip() for s in shape.split(",")]
    said = f"the array {name!r} has the shape {array.shape}, not ({shape})"
    if array.ndim != len(letters):
        raise CannotMeasure(said)
    for letter, length in zip(letters, array.shape, strict=True):
        wanted = int(letter) if letter.isdigit() else lengths.setdefault(letter, length)
        if wanted != length or length == 0:
            raise CannotMeasure(f"{said} with {lengths}")
    if array.dtype.kind not in "fiub" or not np.isfinite(array).all():
        raise CannotMeasure(f"the array {name!r} holds something that is not a finite number")
