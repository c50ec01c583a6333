r"""Whether a vector field points to where the data lies: the mean cosine with the direction to the nearest mode."""

from __future__ import annotations

import numpy as np

from derivcheck.measures._distances import pairwise
from derivcheck.measures._measure import Arrays, Measure


def _value(arrays: Arrays) -> float:
    points, modes = arrays["field_points"].astype(np.float64), arrays["reference_modes"]
    field = arrays["field"].astype(np.float64)
    towards = modes[pairwise(points, modes).argmin(1)] - points
    lengths = np.linalg.norm(field, axis=1) * np.linalg.norm(towards, axis=1)
    there = lengths > 0
    return float(np.mean((field * towards).sum(1)[there] / lengths[there])) if there.any() else float("nan")


MEASURE = Measure(
    title="Mean cosine of the field with the direction to the nearest mode",
    unit="−1 to 1",
    needs={"field_points": "n, d", "field": "n, d", "reference_modes": "k, d"},
    value=_value,
)
