"""The sums of T3: Catoni's influence of each draw at the points and scales that the claim fixes.

Main definitions: `influence_sums`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from derivcheck.statistics.sums import Sums
from derivcheck.statistics.tiers.stated_variance import StatedVariance


def influence_sums(values: Tensor, tier: StatedVariance) -> Sums:
    r"""`first` = Σ f, and `influence s p` = Σ ψ(λ_s (f − g_p)), ψ(x) = sign(x) ln(1 + |x| + x²/2).

    Shapes: values (n, m); sums (m,).
    """
    wide = values.to(torch.float64)
    by_name = {"first": wide.sum(0).cpu().numpy()}
    points, scales = wide.new_tensor(tier.points), wide.new_tensor(tier.scales)
    for p, point in enumerate(points):
        apart = wide - point
        for s, scale in enumerate(scales):
            x = apart * scale
            size = x.abs()
            total = torch.copysign(torch.log1p(size + size.square().mul_(0.5)), x).sum(0)
            by_name[f"influence {s} {p}"] = total.cpu().numpy()
    return Sums(len(values), by_name)
