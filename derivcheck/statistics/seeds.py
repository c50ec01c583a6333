"""Where the seeds come from: a claim's content and this package's version, so that nobody chooses them.

Main definitions: `fingerprint`, `seed_of`, `chunk_seed`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import numpy as np

from derivcheck import __version__
from derivcheck.statistics.trial import Trial


def fingerprint(trial: Trial, where: str) -> str:
    """A hash of all that is claimed and how it is judged, and where.

    Numbers count to 12 digits, since their last bits differ between machines. The sampler is known by `where` alone.
    """
    parts = [where, *_content(trial.claim), *_content(trial.tier), trial.arithmetic.name]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def seed_of(fingerprint: str, seed: int) -> int:
    """The seed of a claim's draws, 32 bits, from its fingerprint, the user's seed and the package's version."""
    digest = hashlib.sha256(f"{fingerprint} {seed} {__version__}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


def chunk_seed(seed: int, chunk: int) -> int:
    """The seed of one chunk: distinct over 2^32 chunks of one trial, since torch's CPU generator keeps 32 bits."""
    return (seed + chunk * 0x9E3779B1) % 2**32


def _content(part: object) -> Iterator[str]:
    """What a record is made of, field by field.

    Raises:
        TypeError: something in it prints by its address, so that its hash would be another each time.
    """
    if isinstance(part, np.ndarray):
        yield f"{part.shape} " + " ".join(f"{value:.12g}" for value in part.ravel())
    elif isinstance(part, float):
        yield f"{part:.12g}"
    elif isinstance(part, tuple):
        for member in part:
            yield from _content(member)
    elif is_dataclass(part):
        yield type(part).__name__
        for field in fields(part):
            yield field.name
            yield from _content(getattr(part, field.name))
    elif isinstance(part, str | int | None):
        yield str(part)
    else:
        raise TypeError(f"{type(part).__name__} has no content to hash: a tier is a dataclass of numbers and texts")
