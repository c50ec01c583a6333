"""A statistic of what a run, or somebody's submission, holds; arrays of a data set stand beside it.

Main definitions: `Found`, `value_of`, `reference_arrays`, `UnknownStatistic`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray

from derivcheck.claims.model import Statistic
from derivcheck.datasets._dataset import Dataset
from derivcheck.measures._measure import Arrays, CannotMeasure, Measure, measured
from derivcheck.models._state import generator
from derivcheck.registry import declared
from derivcheck.theories.load import did_you_mean

DRAWN = 4000  # of a law, as its reference
ORDERED = frozenset({"path", "curve"})  # arrays whose rows have an order
REFERENCE = "reference"  # arrays with names that begin so are the data set's, never a submission's


class UnknownStatistic(ValueError):
    """There is no measure of a name, and the model reports no metric of it."""


@final
@dataclass(frozen=True)
class Found:
    """What is judged: named arrays and, of a model that was evaluated here, its metrics."""

    arrays: Arrays
    metrics: Mapping[str, float] = field(default_factory=dict)


def value_of(
    asked: Statistic,
    replaced: Mapping[str, str | list[float]],
    found: Found,
    reference: Arrays,
    half: np.random.Generator | None = None,
) -> float:
    """The statistic; NaN where a metric is.

    replaced: a control's own arrays. half: of a random half of the rows that are judged, where their order means
    nothing. Images are flattened where the measure takes rows.

    Raises:
        CannotMeasure: an array is missing or is not what the measure needs.
        UnknownStatistic: neither measure nor metric.
    """
    known: Mapping[str, Measure] = declared("derivcheck.measures", "MEASURE")
    name = asked.statistic
    if name not in known:
        if name in found.metrics:
            return float(found.metrics[name])
        raise _unknown(name, found, list(known))
    called, there = {**asked.arrays, **replaced}, {**_not_reference(found.arrays), **reference}
    arrays = dict[str, NDArray[Any]]()
    for needed, shape in known[name].needs.items():
        source = called.get(needed, needed)
        if isinstance(source, str):
            if source not in there:
                raise CannotMeasure(f"the array {source!r} ({needed} of {name}, shape ({shape})) is missing")
            arrays[needed] = _rows(there[source], shape)
        else:
            arrays[needed] = np.asarray(source)
    if half is not None and ORDERED.isdisjoint(arrays):
        arrays = _half(arrays, known[name], half)
    return measured(name, arrays)


def _half(arrays: dict[str, NDArray[Any]], measure: Measure, random: np.random.Generator) -> dict[str, NDArray[Any]]:
    """The same random half of all arrays whose rows a measure counts as n: what is judged, not its reference."""
    judged = [k for k, shape in measure.needs.items() if shape.startswith("n")]
    n = min((len(arrays[k]) for k in judged if arrays[k].ndim), default=0)
    pick = random.permutation(n)[: n // 2]
    return {k: v[pick] if k in judged and v.ndim else v for k, v in arrays.items()}


def _not_reference(arrays: Arrays) -> Arrays:
    return {k: v for k, v in arrays.items() if not k.startswith(REFERENCE)}


def _rows(array: NDArray[Any], shape: str) -> NDArray[Any]:
    """Images (n, h, w) as rows (n, h·w), where rows are needed."""
    return array.reshape(len(array), -1) if shape.count(",") == 1 and array.ndim > 2 and len(array) else array


def _unknown(name: str, found: Found, measures: list[str]) -> ValueError:
    if not found.metrics:
        return CannotMeasure(f"{name} is measured of a model, not of arrays: submit the folder of `derivcheck train -o`")
    hint = did_you_mean(name, [*measures, *found.metrics]).replace("known keys", "there are")
    return UnknownStatistic(f"no measure and no metric `{name}`; {hint}")


@lru_cache(maxsize=8)
def reference_arrays(name: str | None) -> Arrays:
    """A data set as `reference`, with `reference_labels` (rows) or `reference_modes` (a law).

    Raises:
        CannotLoad: the data is not there.
    """
    if name is None:
        return {}
    known: Mapping[str, Dataset] = declared("derivcheck.datasets", "DATASET")
    if (dataset := known[name]).law is not None:
        law = dataset.law()
        drawn = law.sample(DRAWN, generator(torch.device("cpu"), name, "reference"), torch.device("cpu"))
        return {REFERENCE: drawn.numpy(), f"{REFERENCE}_modes": law.means.numpy()}
    assert dataset.load is not None
    rows = dataset.load(None)
    return {REFERENCE: rows.train.numpy(), f"{REFERENCE}_labels": rows.train_labels.numpy()}
