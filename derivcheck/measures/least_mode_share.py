r"""Whether samples reach every mode: the smallest share of samples that is nearest to one mode, times the number of modes."""

from __future__ import annotations

import numpy as np

from derivcheck.measures._distances import pairwise
from derivcheck.measures._measure import Arrays, Measure


def _value(arrays: Arrays) -> float:
    modes = arrays["reference_modes"]
    nearest = pairwise(arrays["samples"], modes).argmin(1)
    return float(np.bincount(nearest, minlength=len(modes)).min()) * len(modes) / len(nearest)


MEASURE = Measure(
    title="Smallest share of a mode, times the number of modes",
    unit="1 if all are equal",
    needs={"samples": "n, d", "reference_modes": "k, d"},
    value=_value,
)
