r"""Whether features point in different directions: √k times the mean standard deviation of a coordinate of x/‖x‖."""

from __future__ import annotations

import numpy as np

from derivcheck.measures._measure import Arrays, Measure


def _value(arrays: Arrays) -> float:
    x = arrays["features"].astype(np.float64)
    lengths = np.linalg.norm(x, axis=1, keepdims=True)
    if not lengths.all() or len(x) < 2:
        return float("nan")
    return float((x / lengths).std(0, ddof=1).mean()) * x.shape[1] ** 0.5


MEASURE = Measure(
    title="Spread of the features' directions",
    unit="1 if they fill the sphere, 0 if they are one",
    needs={"features": "n, k"},
    value=_value,
    source='Chen & He 2021, "Exploring Simple Siamese Representation Learning", figure 2',
)
