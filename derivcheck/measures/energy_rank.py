r"""Where the energy distance stands among those of random splits of the pooled samples: the p-value of a permutation test."""

from __future__ import annotations

import numpy as np

from derivcheck.measures._distances import pairwise
from derivcheck.measures._measure import Arrays, Measure

ROWS, SPLITS = 500, 199


def _value(arrays: Arrays) -> float:
    x, y = arrays["samples"][:ROWS], arrays["data"][:ROWS]
    distances = pairwise(both := np.concatenate([x, y]), both)
    signs = np.repeat([1.0 / len(x), -1.0 / len(y)], [len(x), len(y)])
    random = np.random.default_rng(0)
    found = -signs @ distances @ signs
    others = [-(s := random.permutation(signs)) @ distances @ s for _ in range(SPLITS)]
    return float((1 + sum(o >= found for o in others)) / (1 + SPLITS))


MEASURE = Measure(
    title="p-value of the permutation test of equal laws, with the energy distance",
    unit="a probability",
    needs={"samples": "n, d", "data": "m, d"},
    value=_value,
    source="Székely & Rizzo 2013, section 6",
)
