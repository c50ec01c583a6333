r"""Where a curve ends: the mean of its last fifth."""

from __future__ import annotations

from derivcheck.measures._curves import fifths
from derivcheck.measures._measure import Arrays, Measure


def _value(arrays: Arrays) -> float:
    found = fifths(arrays["curve"])
    return float(found[4])


MEASURE = Measure(
    title="Mean of a curve's last fifth",
    unit="of the curve",
    needs={"curve": "n"},
    value=_value,
)
