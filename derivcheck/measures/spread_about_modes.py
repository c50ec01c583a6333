r"""Whether samples are spread about the modes as the law is: √ mean ‖x − nearest mode‖², over the same of the law's own draws."""

from __future__ import annotations

import numpy as np

from derivcheck.measures._distances import pairwise
from derivcheck.measures._measure import Arrays, Measure


def _value(arrays: Arrays) -> float:
    modes = arrays["reference_modes"]
    found, own = (
        float(np.square(pairwise(arrays[k], modes).min(1)).mean()) for k in ("samples", "reference")
    )
    return float(np.sqrt(found / own)) if own > 0 else float("nan")


MEASURE = Measure(
    title="Spread of samples about the modes, over the law's own",
    unit="a ratio",
    needs={"samples": "n, d", "reference": "m, d", "reference_modes": "k, d"},
    value=_value,
)
