"""A claim with the way to sums about it.

Main definitions: `Trial`, `Draw`, `Chunk`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

from derivcheck.statistics.arithmetic import FLOAT32, Arithmetic
from derivcheck.statistics.claim import Claim
from derivcheck.statistics.sums import Sums
from derivcheck.statistics.tier import Tier

Draw = Callable[[int, int], Sums]
"""(seed, n) -> the sums over n fresh draws; the same seed and n give the same sums."""

LARGEST = 1 << 16  # draws at once: enough to forget the cost of a call, and still in cache


@final
@dataclass(frozen=True)
class Chunk:
    """n draws to make from this seed."""

    seed: int
    n: int


@final
@dataclass(frozen=True)
class Trial:
    """One claim with the way to sums about it. block: the most draws that are asked for at once.

    arithmetic: of the draws; a claim finer than that is refused.
    """

    claim: Claim
    tier: Tier
    draw: Draw
    block: int = LARGEST
    arithmetic: Arithmetic = FLOAT32
