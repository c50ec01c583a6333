r"""How far samples lie from the data: their mean distance to the nearest known row, over that of known rows to each other."""

from __future__ import annotations

import numpy as np

from derivcheck.measures._distances import MOST, pairwise
from derivcheck.measures._measure import Arrays, Measure


def _value(arrays: Arrays) -> float:
    known = arrays["reference"][:MOST]
    own = pairwise(known, known)
    np.fill_diagonal(own, np.inf)
    usual = float(own.min(1).mean())
    found = float(pairwise(arrays["samples"][:MOST], known).min(1).mean())
    return found / usual if 0 < usual < np.inf else float("nan")


MEASURE = Measure(
    title="Distance to the nearest known row, relative",
    unit="of that among known rows",
    needs={"samples": "n, d", "reference": "m, d"},
    value=_value,
)
