r"""Whether neighbours share their class: how often the 5 nearest other rows vote for a row's own class."""

from __future__ import annotations

import numpy as np

from derivcheck.measures._classes import voted
from derivcheck.measures._distances import MOST
from derivcheck.measures._measure import Arrays, Measure


def _value(arrays: Arrays) -> float:
    x, labels = arrays["embedding"][:MOST], arrays["labels"][:MOST]
    return float(np.mean(voted(x, x, labels, but_itself=True) == labels))


MEASURE = Measure(
    title="Accuracy of 5 nearest neighbours, each row left out in turn",
    unit="a share",
    needs={"embedding": "n, k", "labels": "n"},
    value=_value,
    source="Fix & Hodges 1951; leave-one-out",
)
