"""What a caller may choose about a check; everything but `jobs` can change what the report says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """The choices of one check.

    seed: with the document's content it fixes every random draw. worlds: random exact models a
    relation. timeout: seconds a relation. jobs: processes, which never change a verdict. strict: an
    undecided relation counts as a failure.
    """

    seed: int = 0
    worlds: int = 16
    timeout: float = 10.0
    jobs: int = 1
    strict: bool = False
