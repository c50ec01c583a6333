r"""How far two samples' laws lie apart: 2 E‖X − Y‖ − E‖X − X'‖ − E‖Y − Y'‖, 0 if and only if they are one."""

from __future__ import annotations

import numpy as np

from derivcheck.measures._distances import MOST, pairwise
from derivcheck.measures._measure import Arrays, Measure


def _value(arrays: Arrays) -> float:
    x, y = arrays["samples"][:MOST], arrays["data"][:MOST]
    n, m = len(x), len(y)
    within = pairwise(x, x).sum() / (n * max(n - 1, 1)) + pairwise(y, y).sum() / (m * max(m - 1, 1))
    return float(2 * np.mean(pairwise(x, y)) - within)


MEASURE = Measure(
    title="Energy distance of samples and data",
    unit="of the data",
    needs={"samples": "n, d", "data": "m, d"},
    value=_value,
    source='Székely & Rizzo 2013, "Energy statistics", equation 2.1 (unbiased form: it may be negative)',
)
