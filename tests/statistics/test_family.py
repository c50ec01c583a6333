"""The family of a run: declared before the first draw, a level each, had once; seeds that nobody chooses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from derivcheck.statistics import seeds
from derivcheck.statistics.arithmetic import FLOAT64, NotResolvable
from derivcheck.statistics.claim import claim
from derivcheck.statistics.family import (
    AlreadyTried,
    DeclaredTooLate,
    DeclaredTwice,
    Family,
    Ledger,
    NotDeclared,
)
from derivcheck.statistics.quadratic_form import quadratic_form
from derivcheck.statistics.seeds import chunk_seed, fingerprint, seed_of
from derivcheck.statistics.sequential import examine, planned
from derivcheck.statistics.sums import Sums
from derivcheck.statistics.tiers.exact_gaussian import KnownMean, KnownVariance
from derivcheck.statistics.tiers.joint import Joint
from derivcheck.statistics.tiers.known_cumulants import KnownCumulants
from derivcheck.statistics.tiers.self_normalised import SelfNormalised
from derivcheck.statistics.trial import Trial

ONE = np.ones(1)


def draw(seed: int, n: int) -> Sums:
    return Sums(n, {"first": np.random.default_rng(seed).standard_normal((n, 1)).sum(0)})


TRIAL = Trial(claim("m", 0.0, relative=0.02, scale=1.0), KnownVariance(ONE), draw)
OTHER = replace(TRIAL, claim=claim("m", 0.5, relative=0.02, scale=1.0))


def family(*places: str, alpha: float = 1e-6, seed: int = 0) -> Family:
    ledger = Ledger(alpha, seed)
    for place in places:
        ledger.declare(TRIAL, place)
    return ledger.close()


def test_the_claims_share_the_level() -> None:
    share = family("a", "b", "c", "d").share(TRIAL, "c")
    assert share.alpha == 1e-6 / 4
    assert (share.family_alpha, share.family_size) == (1e-6, 4)


def test_ten_thousand_claims_cost_two_fifths_more_draws() -> None:
    """((z(α/4F) + z(β/2)) / (z(α/4) + z(β/2)))² = 1.41 at α = 1e-6, β = 1e-3."""
    many = planned(TRIAL, 1e-6 / 1e4)[-1].n
    assert many / planned(TRIAL, 1e-6)[-1].n == pytest.approx(1.41, abs=0.03)


def test_what_was_not_declared_has_no_level() -> None:
    with pytest.raises(NotDeclared, match="not declared before the first draw"):
        family("a").share(TRIAL, "b")
    with pytest.raises(NotDeclared, match="not the claim that was declared"):
        family("a").share(OTHER, "a")
    share = family("a").share(TRIAL, "a")
    with pytest.raises(NotDeclared):
        next(examine(OTHER, share))


def test_nothing_is_declared_once_levels_are_given_out() -> None:
    ledger = Ledger(1e-6)
    ledger.declare(TRIAL, "a")
    ledger.close()
    with pytest.raises(DeclaredTooLate, match="before the first draw"):
        ledger.declare(TRIAL, "b")
    with pytest.raises(DeclaredTooLate, match="already"):
        ledger.close()


def test_a_verdict_is_not_tried_again() -> None:
    once = family("a", "b")
    once.share(TRIAL, "a")
    with pytest.raises(AlreadyTried, match="twice"):
        once.share(TRIAL, "a")
    once.share(TRIAL, "b")


def test_a_place_holds_one_claim() -> None:
    ledger = Ledger(1e-6)
    ledger.declare(TRIAL, "a")
    with pytest.raises(DeclaredTwice, match="two names"):
        ledger.declare(OTHER, "a")


def test_what_cannot_be_resolved_is_not_counted() -> None:
    ledger = Ledger(1e-6)
    with pytest.raises(NotResolvable):
        ledger.declare(Trial(claim("m", 1.0, relative=1e-6), KnownMean(ONE), draw), "fine")
    ledger.declare(TRIAL, "a")
    assert ledger.close().size == 1


@pytest.mark.parametrize("alpha", [0.0, 1.0, -1e-6, float("nan")])
def test_a_level_is_a_probability(alpha: float) -> None:
    with pytest.raises(ValueError, match="error level"):
        Ledger(alpha)


# --- seeds ---------------------------------------------------------------------------------------


def test_every_part_of_a_claim_moves_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    said = TRIAL.claim
    changed = [
        replace(TRIAL, claim=replace(said, latex="n")),
        replace(TRIAL, claim=replace(said, value=said.value + 1e-6)),
        replace(TRIAL, claim=replace(said, tolerance=said.tolerance * 1.01)),
        replace(TRIAL, claim=replace(said, relation="<=")),
        replace(TRIAL, claim=replace(said, reach=1.0)),
        replace(TRIAL, tier=KnownMean(ONE)),
        replace(TRIAL, tier=KnownVariance(1.5 * ONE)),
        replace(TRIAL, tier=Joint((KnownVariance(ONE),), (1,))),
        replace(TRIAL, tier=Joint((KnownVariance(1.5 * ONE),), (1,))),
        replace(TRIAL, tier=SelfNormalised(ONE, kurtosis=3.0)),
        replace(TRIAL, tier=SelfNormalised(ONE, kurtosis=4.0)),
        replace(TRIAL, tier=KnownCumulants(quadratic_form([[1.0]], [1.0]))),
        replace(TRIAL, tier=KnownCumulants(quadratic_form([[1.0]], [2.0]))),
        replace(TRIAL, arithmetic=FLOAT64),
    ]
    marks = {fingerprint(TRIAL, "a"), fingerprint(TRIAL, "b"), *(fingerprint(trial, "a") for trial in changed)}
    assert len(marks) == 2 + len(changed)
    mark = fingerprint(TRIAL, "a")
    here = {seed_of(mark, 0), seed_of(mark, 1)}
    monkeypatch.setattr(seeds, "__version__", "another")
    assert len(here | {seed_of(mark, 0)}) == 3


def test_the_seed_is_the_same_on_every_machine() -> None:
    """The last bits of a number do not count; the hash is SHA-256, not Python's."""
    nearly = replace(TRIAL, claim=replace(TRIAL.claim, tolerance=TRIAL.claim.tolerance * (1 + 1e-15)))
    assert fingerprint(nearly, "a") == fingerprint(TRIAL, "a")
    assert family("a").share(TRIAL, "a").seed == family("x", "a").share(TRIAL, "a").seed
    assert family("a", seed=1).share(TRIAL, "a").seed != family("a").share(TRIAL, "a").seed


def test_what_prints_by_its_address_has_no_seed() -> None:
    """A lambda in a tier: its text is another in every process."""
    with pytest.raises(TypeError, match="function has no content"):
        fingerprint(replace(TRIAL, tier=replace(TRIAL.tier, name=lambda: "T0")), "a")  # type: ignore[type-var]


def test_chunk_seeds_do_not_meet() -> None:
    """The seeds come back to the first after 2^32 chunks, and no sooner: not after any smaller power of two."""
    assert chunk_seed(7, 1 << 32) == chunk_seed(7, 0)
    assert all(chunk_seed(7, 1 << power) != chunk_seed(7, 0) for power in range(32))
    count = 1 << 17
    assert len({chunk_seed(2**32 - 5, chunk) for chunk in range(count)}) == count
