r"""The share of an embedding's variance that lies between the classes: Σ_c n_c ‖μ_c − μ‖² / Σ_i ‖x_i − μ‖²."""

from __future__ import annotations

import numpy as np

from derivcheck.measures._classes import class_means
from derivcheck.measures._measure import Arrays, Measure


def _value(arrays: Arrays) -> float:
    x = arrays["embedding"].astype(np.float64)
    means, counts = class_means(x, arrays["labels"])
    whole = float(np.square(x - x.mean(0)).sum())
    between = float((counts[:, None] * np.square(means - x.mean(0))).sum())
    return between / whole if whole > 0 else float("nan")


MEASURE = Measure(
    title="Variance between the classes over all variance",
    unit="a share",
    needs={"embedding": "n, k", "labels": "n"},
    value=_value,
    source="correlation ratio η²; Fisher 1925, chapter VIII",
)
