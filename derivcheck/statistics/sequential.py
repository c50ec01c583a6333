r"""The decision rule: refuted if the claim is outside the confidence set, passed if the set is inside the tolerance.

P(refuted | true) ≤ α and P(pass | off by the tolerance or more) ≤ α, whatever n is: each look's set misses the truth
with probability at most its level, and both wrong verdicts need a set that misses it. n_max is such that at the last
look P(inconclusive) ≤ β' in both cases, so a true claim passes, and a wrong one is refuted, with probability
≥ 1 − β' − α; β' = β − α where alpha leaves room.
Main definitions: `check`, `examine`, `follow`, `min_discrepancy`, `min_num_samples`.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from derivcheck.statistics.arithmetic import NotResolvable
from derivcheck.statistics.claim import Claim
from derivcheck.statistics.family import Ledger, Share
from derivcheck.statistics.looks import LAST_SHARE, Look, looks
from derivcheck.statistics.outcome import Outcome, Seen, Verdict
from derivcheck.statistics.seeds import chunk_seed
from derivcheck.statistics.sums import Array, Sums
from derivcheck.statistics.tier import Tier
from derivcheck.statistics.trial import Chunk, Trial

Codes = NDArray[np.int8]
REFUTED, OPEN, PASS = -1, 0, 1
_WORDS: dict[int, Verdict] = {REFUTED: "refuted", OPEN: "inconclusive", PASS: "pass"}

MOST = 1 << 36  # draws for one claim: an hour and a half at 1e7 a second, and far fewer chunks than seeds
BETA = 1e-3


def check(trial: Trial, *, alpha: float, beta: float = BETA, seed: int = 0) -> Outcome:
    """Examine one trial in this process, as a family of one claim.

    Raises:
        NotResolvable: the arithmetic, the tier or the number of draws cannot decide the claim.
        NotFinite: a NaN or an infinity in the sample.
    """
    ledger = Ledger(alpha, seed)
    ledger.declare(trial, "alone")
    way = examine(trial, ledger.close().share(trial, "alone"), beta)
    chunks = next(way)
    while True:
        try:
            chunks = way.send(drawn(trial, chunks))
        except StopIteration as end:
            return end.value


def drawn(trial: Trial, chunks: Sequence[Chunk]) -> Sums:
    """The sums over all chunks, one after the other."""
    total = trial.draw(chunks[0].seed, chunks[0].n)
    for chunk in chunks[1:]:
        total += trial.draw(chunk.seed, chunk.n)
    return total


def examine(trial: Trial, share: Share, beta: float = BETA) -> Generator[tuple[Chunk, ...], Sums, Outcome]:
    """The looks one by one: yields the chunks to draw next, is sent the sums over them, returns the outcome.

    The chunks depend on the plan alone, so the outcome is the same whoever draws them, in one process or several;
    the sums are to be added in their order.

    Raises:
        NotDeclared: the share is another claim's.
        NotResolvable: the tier or the number of draws cannot decide the claim.
    """
    share.admit(trial)
    plan = planned(trial, share.alpha, beta)
    way, done, count, started = follow(trial.claim, trial.tier, plan), 0, 0, perf_counter()
    look = next(way)
    while True:
        chunks = _chunks(look.n - done, trial.block, share.seed, count)
        done, count = look.n, count + len(chunks)
        try:
            look = way.send((yield chunks))
        except StopIteration as end:
            codes, seen = end.value
            break
    power = 1 - _spare(share.alpha, beta) - share.alpha
    verdict, tier, seconds = _WORDS[int(codes)], trial.tier, perf_counter() - started
    return Outcome(verdict, trial.claim, tier.name, tier.assumption, share, power, plan[-1].n, seen, seconds)


def follow(
    claim: Claim, tier: Tier, plan: Sequence[Look]
) -> Generator[Look, Sums, tuple[Codes, tuple[Seen, ...]]]:
    """The decision rule alone: yields a look, is sent the sums over the draws since the last one.

    The sums may have a leading shape of replicates, (..., m): each gets its own first decision, shape (...). A
    calibration runs this very code on a million simulated sums.

    Raises:
        ValueError: the sums are over another number of draws than the look has.
    """
    total, codes, seen = None, np.asarray(OPEN, dtype=np.int8), list[Seen]()
    for look in plan:
        fresh = yield look
        total = fresh if total is None else total + fresh
        if total.n != look.n:
            raise ValueError(f"a look at {look.n:,} draws was sent sums over {total.n:,}")
        low, high = tier.interval(total, look.alpha)
        seen.append(Seen(look.n, look.alpha, tier.estimate(total), low, high))
        codes = np.where(codes == OPEN, decided(claim, low, high), codes)
        if np.all(codes != OPEN):
            break
    return codes, tuple(seen)


def decided(claim: Claim, low: Array, high: Array) -> Codes:
    """What one confidence set says: REFUTED, PASS or OPEN. Shapes: low, high (..., m); result (...).

    A NaN is neither above nor below: it refutes nothing and passes nothing.
    """
    above, below = claim.value < low, claim.value > high
    not_above, not_below = high < claim.value + claim.tolerance, low > claim.value - claim.tolerance
    match claim.relation:
        case "<=":
            outside, inside = above, not_above
        case ">=":
            outside, inside = below, not_below
        case "=":
            outside, inside = above | below, not_above & not_below
    passed = np.where(np.all(inside, axis=-1), PASS, OPEN)
    return np.where(np.any(outside, axis=-1), REFUTED, passed).astype(np.int8)


def planned(trial: Trial, alpha: float, beta: float = BETA) -> tuple[Look, ...]:
    """The looks of a trial, for a claim at level alpha; the coordinates share alpha and beta.

    Raises:
        NotResolvable: the tolerance needs more than `MOST` draws, or the tier refuses the level.
    """
    n_max = min_num_samples(trial, alpha=alpha, beta=beta)
    if n_max > MOST:
        finest = float(np.max(min_discrepancy(trial, MOST, alpha=alpha, beta=beta) / trial.claim.tolerance))
        reason = f"its tolerance needs {n_max:.1e} draws; {finest:.2g} times that would be resolved by {MOST:.1e}"
        raise NotResolvable(f"{trial.claim.latex}: {reason}")
    return looks(n_max, alpha / trial.claim.value.size)


def min_num_samples(trial: Trial, *, alpha: float, beta: float = BETA) -> int:
    """The draws for the claim's tolerance, at level alpha and power 1 − beta of the whole sequence of looks.

    Named as TensorFlow Probability names its like: `min_num_samples_for_dkwm_mean_test`.
    """
    m = trial.claim.value.size
    return trial.tier.min_num_samples(trial.claim.tolerance, alpha * LAST_SHARE / m, _spare(alpha, beta) / m)


def min_discrepancy(trial: Trial, n: int, *, alpha: float, beta: float = BETA) -> Array:
    """The tolerance, shape (m,), for which n draws have that level and power.

    Named as TensorFlow Probability names its like: `min_discrepancy_of_true_means_detectable_by_dkwm`.
    """
    m = trial.claim.value.size
    return trial.tier.min_discrepancy(n, alpha * LAST_SHARE / m, _spare(alpha, beta) / m)


def _spare(alpha: float, beta: float) -> float:
    """What is left of beta for an inconclusive end, when a wrong verdict takes at most alpha of it."""
    return max(beta - alpha, beta / 2)


def _chunks(n: int, largest: int, seed: int, first: int) -> tuple[Chunk, ...]:
    """n draws in nearly equal chunks, numbered from `first`."""
    count = -(-n // largest)
    size, more = divmod(n, count)
    return tuple(Chunk(chunk_seed(seed, first + i), size + (i < more)) for i in range(count))
