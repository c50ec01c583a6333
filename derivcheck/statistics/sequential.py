r"""The decision rule: refuted if the claim is outside the confidence set, passed if the set is inside the tolerance.

P(refuted | true) ≤ α and P(pass | off by the tolerance or more) ≤ α, whatever n is.
Main definitions: `Trial`, `Outcome`, `check`, `examine`, `planned`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Literal, final

import numpy as np

from derivcheck.statistics.claim import Claim
from derivcheck.statistics.looks import FIRST, Look, looks
from derivcheck.statistics.sums import Array, Sums
from derivcheck.statistics.tier import Tier

Verdict = Literal["pass", "refuted", "inconclusive"]
Draw = Callable[[int, int], Sums]
"""(seed, n) -> the sums over n fresh draws; the same seed gives the same sums."""


@final
@dataclass(frozen=True)
class Trial:
    """One claim with the way to sums about it. Draws come in blocks of `block`, each with a seed of its own."""

    claim: Claim
    tier: Tier
    draw: Draw
    block: int = FIRST


@final
@dataclass(frozen=True)
class Seen:
    """What one look saw. Shapes: estimate, low, high (m,)."""

    n: int
    alpha: float
    estimate: Array
    low: Array
    high: Array


@final
@dataclass(frozen=True)
class Outcome:
    """The verdict on a claim, with everything it rests on.

    power: of refuting a claim that is off by the tolerance, and of passing a true one, at the last planned look.
    """

    verdict: Verdict
    n: int
    alpha: float
    power: float
    seen: tuple[Seen, ...]


def planned(trial: Trial, alpha: float, beta: float) -> tuple[Look, ...]:
    """The looks of a trial: enough for power 1 − beta at the last, whose level is α/2 over all coordinates."""
    each = alpha / trial.claim.value.size
    n_max = trial.tier.min_num_samples(trial.claim.tolerance, each / 2, beta / trial.claim.value.size)
    return looks(n_max, each, trial.block)


def examine(trial: Trial, alpha: float, beta: float) -> Generator[range, Sums, Outcome]:
    """The looks one by one: yields the blocks to draw next, is sent the sums over them, returns the outcome."""
    claim, seen = trial.claim, list[Seen]()
    total, done = None, 0
    for look in planned(trial, alpha, beta):
        blocks = look.n // trial.block
        fresh = yield range(done, blocks)
        total, done = fresh if total is None else total + fresh, blocks
        low, high = trial.tier.interval(total, look.alpha)
        seen.append(Seen(look.n, look.alpha, trial.tier.estimate(total), low, high))
        verdict = _verdict(claim, low, high)
        if verdict != "inconclusive":
            return Outcome(verdict, look.n, alpha, 1 - beta, tuple(seen))
    return Outcome("inconclusive", seen[-1].n, alpha, 1 - beta, tuple(seen))


def check(trial: Trial, *, alpha: float, beta: float = 1e-3, seed: int = 0) -> Outcome:
    """Examine a trial in this process."""
    way = examine(trial, alpha, beta)
    blocks = next(way)
    while True:
        sums = [trial.draw(block_seed(seed, b), trial.block) for b in blocks]
        total = sums[0]
        for more in sums[1:]:
            total += more
        try:
            blocks = way.send(total)
        except StopIteration as end:
            return end.value


def block_seed(seed: int, block: int) -> int:
    """The seed of one block: distinct over 2^32 blocks of one trial, since torch's CPU generator keeps 32 bits."""
    return (seed + block * 0x9E3779B1) % 2**32


def _verdict(claim: Claim, low: Array, high: Array) -> Verdict:
    too_low, too_high = low <= claim.value - claim.tolerance, high >= claim.value + claim.tolerance
    below, above = claim.value > high, claim.value < low
    if claim.relation == "<=":
        outside, open_ = above, too_high
    elif claim.relation == ">=":
        outside, open_ = below, too_low
    else:
        outside, open_ = below | above, too_low | too_high
    if np.any(outside):
        return "refuted"
    return "inconclusive" if np.any(open_) else "pass"
