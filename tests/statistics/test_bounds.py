"""A claim that is a bound is refuted on its forbidden side alone."""

import numpy as np
import pytest

from derivcheck.statistics.claim import Relation, claim
from derivcheck.statistics.sequential import Trial, Verdict, check
from derivcheck.statistics.sums import Sums
from derivcheck.statistics.tiers.exact_gaussian import KnownVariance


def draw(seed: int, n: int) -> Sums:
    return Sums(n, {"first": np.random.default_rng(seed).standard_normal(n).sum(keepdims=True)})


@pytest.mark.parametrize(
    ("relation", "value", "verdict"),
    [
        ("=", 0.0, "pass"),
        ("=", -0.5, "refuted"),
        ("=", 0.5, "refuted"),
        ("<=", 0.0, "pass"),
        ("<=", 0.5, "pass"),
        ("<=", -0.5, "refuted"),
        (">=", 0.0, "pass"),
        (">=", -0.5, "pass"),
        (">=", 0.5, "refuted"),
    ],
)
def test_the_forbidden_side_alone_refutes(relation: Relation, value: float, verdict: Verdict):
    """Each fails with probability below 1e-6 (alpha), or 1e-9 (beta)."""
    said = claim("EX", value, relative=0.05, scale=1.0, relation=relation)
    trial = Trial(said, KnownVariance(np.ones(1)), draw)
    assert check(trial, alpha=1e-6, beta=1e-9).verdict == verdict
