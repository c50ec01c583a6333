r"""When to look, and what a look may cost.

Looks k = 1..K at n_k = n_max 2^{k-K} draws, in whole steps of 4096, have level α_k = α 2^{-(K-k+1)}; Σ_k α_k < α, and
the last look, which decides the power, has α/2. The numbers of draws are fixed before the first one is seen.
Main definitions: `Look`, `looks`, `LAST_SHARE`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

STEP = 4096  # draws; also the first look, or less than two of them
LAST_SHARE = 0.5  # of alpha, at the last look


@final
@dataclass(frozen=True)
class Look:
    """After n draws in all, at level alpha."""

    n: int
    alpha: float


def looks(n_max: int, alpha: float, step: int = STEP) -> tuple[Look, ...]:
    """The looks, the last of which has n_max draws, or up to a step more."""
    steps = -(-n_max // step)
    count = steps.bit_length()
    return tuple(Look(step * -(-steps >> back), alpha * LAST_SHARE * 2.0**-back) for back in reversed(range(count)))
