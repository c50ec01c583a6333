r"""How much a curve still moves at its end: |mean of its last fifth − mean of the fifth before|."""

from __future__ import annotations

from derivcheck.measures._curves import fifths
from derivcheck.measures._measure import Arrays, Measure


def _value(arrays: Arrays) -> float:
    found = fifths(arrays["curve"])
    return abs(float(found[4] - found[3]))


MEASURE = Measure(
    title="Change of a curve between its last two fifths",
    unit="of the curve",
    needs={"curve": "n"},
    value=_value,
)
