r"""What the numbers drawn can resolve at all, before any statistics.

`torch.randn` in float32 on the CPU makes a normal of a uniform with 24 bits, so nothing lies beyond √(2·24 ln 2) =
5.77 standard deviations; in float64 beyond √(2·53 ln 2) = 8.57. A float32 draw is rounded to 6e-8, and what a few
operations make of it is good to about 1e-5 of the scale.
Main definitions: `Arithmetic`, `FLOAT32`, `FLOAT64`, `NotResolvable`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from derivcheck.statistics.claim import Claim


class NotResolvable(ValueError):
    """A claim is finer than what can be told from draws: no verdict, and the reason."""


@final
@dataclass(frozen=True)
class Arithmetic:
    """resolution: the smallest tolerance, as a share of the claim's scale. reach: the largest draw, in standard deviations."""

    name: str
    resolution: float
    reach: float

    def admit(self, claim: Claim) -> None:
        """Do nothing if draws in this arithmetic can decide the claim.

        Raises:
            NotResolvable: the tolerance is below the resolution, or the claim rests on a tail beyond the reach.
        """
        finest = float(np.min(claim.relative))
        if finest < self.resolution:
            reason = f"a tolerance of {finest:.2g} of the scale is below the {self.resolution:g} that {self.name} draws resolve"
            raise NotResolvable(f"{claim.latex}: {reason}")
        if claim.reach > self.reach:
            reason = f"it rests on draws {claim.reach:g} sd out, and {self.name} normals end at {self.reach:g} sd"
            raise NotResolvable(f"{claim.latex}: {reason}")


FLOAT32 = Arithmetic("float32", 1e-5, 5.77)
FLOAT64 = Arithmetic("float64", 1e-12, 8.57)
