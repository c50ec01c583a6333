"""What a tier is: a confidence set that is valid at any n fixed beforehand, and the assumption it rests on.

Main definitions: `Tier`.
"""

from __future__ import annotations

from typing import Protocol

from derivcheck.statistics.sums import Array, Sums


class Tier(Protocol):
    """One way from sums to a confidence set. Its objects carry what they assume."""

    @property
    def name(self) -> str:
        """T0 … T5."""
        ...

    @property
    def assumption(self) -> str:
        """What must be true for the level to hold, in a sentence a reader can judge."""
        ...

    def estimate(self, sums: Sums) -> Array:
        """θ as the sums alone give it, shape (m,): for people to look at; no verdict uses it."""
        ...

    def interval(self, sums: Sums, alpha: float) -> tuple[Array, Array]:
        """Lower and upper ends, shape (m,), that miss θ_j with probability at most alpha, for each j.

        Works on any leading shape of the sums, so that a calibration can pass a million replicates at once.
        """
        ...

    def min_discrepancy(self, n: int, alpha: float, beta: float) -> Array:
        """The smallest tolerance, shape (m,), that n draws resolve at these levels for one coordinate.

        With it a true claim's interval lies inside the tolerance, and the interval of one that is off by as
        much excludes it, each with probability ≥ 1 − beta.
        """
        ...

    def min_num_samples(self, tolerance: Array, alpha: float, beta: float) -> int:
        """An n whose `min_discrepancy` is at most the tolerance in every coordinate; the smallest within 0.1 %."""
        ...
