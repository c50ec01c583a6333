r"""How far apart the classes lie: the mean distance between the centres of two different classes."""

from __future__ import annotations

import numpy as np

from derivcheck.measures._classes import class_means
from derivcheck.measures._distances import pairwise
from derivcheck.measures._measure import Arrays, Measure


def _value(arrays: Arrays) -> float:
    means, _ = class_means(arrays["embedding"], arrays["labels"])
    if len(means) < 2:
        return float("nan")
    return float(pairwise(means, means)[np.triu_indices(len(means), 1)].mean())


MEASURE = Measure(
    title="Mean distance between two classes' centres",
    unit="of the embedding",
    needs={"embedding": "n, k", "labels": "n"},
    value=_value,
)
