r"""Whether a path is continuous at its resolution: its largest step over the distance of its ends; 1/(n − 1) on a straight line."""

from __future__ import annotations

import numpy as np

from derivcheck.measures._measure import Arrays, Measure


def _value(arrays: Arrays) -> float:
    path = arrays["path"].astype(np.float64)
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    ends = float(np.linalg.norm(path[-1] - path[0]))
    return float(steps.max()) / ends if ends > 0 else float("nan")


MEASURE = Measure(
    title="Largest step of a path over the distance of its ends",
    unit="a ratio",
    needs={"path": "n, d"},
    value=_value,
)
