"""Several tiers on the same draws: the coordinates of one claim, one after the other.

Main definitions: `Joint`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from derivcheck.statistics.sums import Array, Sums
from derivcheck.statistics.tier import Tier


@final
@dataclass(frozen=True)
class Joint:
    """Each part reads the sums it needs by name; the parts need not be independent, since the claim splits alpha.

    A whitened z, say: (KnownVariance, KnownMean, KnownResidual) on `first`, `second`, `cross` and `square`
    claims (0, 1, 0). Shapes: sizes[i] is the number of coordinates of part i.
    """

    parts: tuple[Tier, ...]
    sizes: tuple[int, ...]

    @property
    def name(self) -> str:
        """The names of the parts."""
        return ", ".join(dict.fromkeys(part.name for part in self.parts))

    @property
    def assumption(self) -> str:
        """All that the parts assume."""
        return "; ".join(dict.fromkeys(part.assumption for part in self.parts))

    def estimate(self, sums: Sums) -> Array:
        """Those of the parts."""
        return _stacked([part.estimate(sums) for part in self.parts])

    def interval(self, sums: Sums, alpha: float) -> tuple[Array, Array]:
        """Those of the parts."""
        ends = [part.interval(sums, alpha) for part in self.parts]
        return _stacked([low for low, _ in ends]), _stacked([high for _, high in ends])

    def min_discrepancy(self, n: int, alpha: float, beta: float) -> Array:
        """Those of the parts."""
        return _stacked([part.min_discrepancy(n, alpha, beta) for part in self.parts])

    def min_num_samples(self, tolerance: Array, alpha: float, beta: float) -> int:
        """What the most demanding part needs."""
        shares = np.split(tolerance, np.cumsum(self.sizes)[:-1])
        return max(part.min_num_samples(t, alpha, beta) for part, t in zip(self.parts, shares, strict=True))


def _stacked(rows: Sequence[Array]) -> Array:
    return np.concatenate(rows, axis=-1)
