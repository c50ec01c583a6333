r"""How many classes samples are of: −Σ_c s_c log₂ s_c, s_c the share of samples whose 5 nearest known rows vote for c."""

from __future__ import annotations

import numpy as np

from derivcheck.measures._classes import voted
from derivcheck.measures._distances import MOST
from derivcheck.measures._measure import Arrays, Measure


def _value(arrays: Arrays) -> float:
    found = voted(arrays["samples"][:MOST], arrays["reference"][:MOST], arrays["reference_labels"][:MOST])
    shares = np.unique(found, return_counts=True)[1] / len(found)
    return float(-(shares * np.log2(shares)).sum()) + 0.0


MEASURE = Measure(
    title="Entropy of the samples' classes",
    unit="bits",
    needs={"samples": "n, d", "reference": "m, d", "reference_labels": "m"},
    value=_value,
)
