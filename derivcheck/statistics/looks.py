r"""When to look, and what a look may cost.

Looks k = 1..K at n_k = first · 2^k draws have level α_k = α 2^{-(K-k+1)}; Σ_k α_k < α, and the last look has α/2.
Main definitions: `Look`, `looks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

FIRST = 4096  # draws at the first look


@final
@dataclass(frozen=True)
class Look:
    """After n draws in all, at level alpha."""

    n: int
    alpha: float


def looks(n_max: int, alpha: float, first: int = FIRST) -> tuple[Look, ...]:
    """The looks up to the first that has n_max draws or more."""
    count = 1
    while first << (count - 1) < n_max:
        count += 1
    return tuple(Look(first << (k - 1), alpha * 2.0 ** (k - count - 1)) for k in range(1, count + 1))
