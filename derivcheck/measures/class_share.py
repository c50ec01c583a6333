r"""How many rows of a path, its ends left out, look like one class: the share that is nearest to a known row of it."""

from __future__ import annotations

import numpy as np

from derivcheck.measures._classes import voted
from derivcheck.measures._distances import MOST
from derivcheck.measures._measure import Arrays, Measure


def _value(arrays: Arrays) -> float:
    inner = arrays["path"][1:-1]
    if len(inner) == 0:
        return float("nan")
    found = voted(inner, arrays["reference"][:MOST], arrays["reference_labels"][:MOST], 1)
    return float(np.mean(found == arrays["wanted"][0]))


MEASURE = Measure(
    title="Share of a path's inner rows whose nearest known row is of the class wanted",
    unit="a share",
    needs={"path": "n, d", "wanted": "1", "reference": "m, d", "reference_labels": "m"},
    value=_value,
)
