"""Where the seeds come from: a claim's content and this package's version, so that nobody chooses them.

Main definitions: `fingerprint`, `seed_of`, `chunk_seed`.
"""

from __future__ import annotations

import hashlib

from derivcheck import __version__
from derivcheck.statistics.sums import Array
from derivcheck.statistics.trial import Trial


def fingerprint(trial: Trial, where: str) -> str:
    """A hash of all that is claimed, and where. Numbers count to 12 digits: the last bits differ between machines."""
    claim, tier = trial.claim, trial.tier
    numbers = [_digits(claim.value), _digits(claim.tolerance)]
    parts = [where, claim.latex, claim.relation, *numbers, tier.name, tier.assumption, trial.arithmetic.name]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def seed_of(fingerprint: str, seed: int) -> int:
    """The seed of a claim's draws, 32 bits, from its fingerprint, the user's seed and the package's version."""
    digest = hashlib.sha256(f"{fingerprint} {seed} {__version__}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


def chunk_seed(seed: int, chunk: int) -> int:
    """The seed of one chunk: distinct over 2^32 chunks of one trial, since torch's CPU generator keeps 32 bits."""
    return (seed + chunk * 0x9E3779B1) % 2**32


def _digits(values: Array) -> str:
    return " ".join(f"{value:.12g}" for value in values.ravel())
