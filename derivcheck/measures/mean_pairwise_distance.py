r"""How much samples vary: the mean distance between two of them."""

from __future__ import annotations

from derivcheck.measures._distances import MOST, pairwise
from derivcheck.measures._measure import Arrays, Measure


def _value(arrays: Arrays) -> float:
    x = arrays["samples"][:MOST]
    return float(pairwise(x, x).sum() / (len(x) * (len(x) - 1))) if len(x) > 1 else float("nan")


MEASURE = Measure(
    title="Mean distance between two samples",
    unit="of the samples",
    needs={"samples": "n, d"},
    value=_value,
)
