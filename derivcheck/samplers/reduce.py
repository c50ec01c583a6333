"""From draws to the sums of a tier: drawn in float32 or float64, added in float64.

Main definitions: `power_sums`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from derivcheck.statistics.sums import Sums


def power_sums(values: Tensor, centre: Tensor | float = 0.0) -> Sums:
    r"""`first` = Σ (x − centre) and `second` = Σ (x − centre)², by coordinate.

    Shapes: values (n, m), centre (m,); sums (m,).
    """
    shifted = values.to(torch.float64) - centre
    first, second = shifted.sum(0), shifted.square().sum(0)
    return Sums(len(values), {"first": first.cpu().numpy(), "second": second.cpu().numpy()})
