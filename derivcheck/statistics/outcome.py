"""What came out of a trial, with everything that it rests on, as a record and as one line.

Main definitions: `Verdict`, `Seen`, `Outcome`, `line`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

import numpy as np

from derivcheck.statistics.claim import Claim
from derivcheck.statistics.family import Share
from derivcheck.statistics.sums import Array

Verdict = Literal["pass", "refuted", "inconclusive"]


@final
@dataclass(frozen=True)
class Seen:
    """What one look saw, at the level alpha of each coordinate. Shapes: estimate, low, high (m,)."""

    n: int
    alpha: float
    estimate: Array
    low: Array
    high: Array


@final
@dataclass(frozen=True)
class Outcome:
    """The verdict on a claim, with everything it rests on.

    power: a lower bound on the probability that a true claim passes, and on that of refuting one that is off by
    the tolerance or more. n_max: the draws that were planned for it. seconds: by the clock, from the first request
    for draws to the verdict.
    """

    verdict: Verdict
    claim: Claim
    tier: str
    assumption: str
    share: Share
    power: float
    n_max: int
    seen: tuple[Seen, ...]
    seconds: float

    @property
    def last(self) -> Seen:
        """The look that decided."""
        return self.seen[-1]

    @property
    def n(self) -> int:
        """The draws that were made."""
        return self.last.n

    @property
    def alpha(self) -> float:
        """The level of the claim."""
        return self.share.alpha

    @property
    def furthest(self) -> int:
        """The coordinate that is furthest from what is claimed of it, in tolerances."""
        away = (self.last.estimate - self.claim.value) / self.claim.tolerance
        match self.claim.relation:
            case "<=":
                return int(np.argmax(away))
            case ">=":
                return int(np.argmin(away))
            case "=":
                return int(np.argmax(np.abs(away)))


def line(outcome: Outcome) -> str:
    """One line for people; of several coordinates, the one furthest from its claim is shown."""
    claim, last, share, j = outcome.claim, outcome.last, outcome.share, outcome.furthest
    which = f" (coordinate {j + 1} of {claim.value.size})" if claim.value.size > 1 else ""
    parts = [
        f"{claim.latex}{which}: claimed {claim.relation} {claim.value[j]:.6g} ± {claim.tolerance[j]:.2g}",
        f"seen {last.estimate[j]:.6g} in [{last.low[j]:.6g}, {last.high[j]:.6g}]",
        f"{outcome.tier} ({outcome.assumption})",
        f"alpha {share.alpha:.2g} of {share.family_alpha:.2g} for {share.family_size:,} claims",
        f"power {outcome.power:.6g}",
        f"n = {outcome.n:,} of at most {outcome.n_max:,}",
        f"seed {share.seed}",
        f"{outcome.seconds:.2g} s",
    ]
    return f"{outcome.verdict}  " + "; ".join(parts)
