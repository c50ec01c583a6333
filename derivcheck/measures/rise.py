r"""Whether a curve rises: the mean of its last fifth less that of its first."""

from __future__ import annotations

from derivcheck.measures._curves import fifths
from derivcheck.measures._measure import Arrays, Measure


def _value(arrays: Arrays) -> float:
    found = fifths(arrays["curve"])
    return float(found[4] - found[0])


MEASURE = Measure(
    title="Rise of a curve from its first fifth to its last",
    unit="of the curve",
    needs={"curve": "n"},
    value=_value,
)
