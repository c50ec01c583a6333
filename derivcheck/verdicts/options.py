"""What a caller may choose about a check; everything but `jobs` can change what the report says."""

from __future__ import annotations

from dataclasses import dataclass

WORK_A_SECOND = 4_000  # uses of laws that fit well into a second
SUGGESTING = 8.0  # seconds after which the search for a correction stops, finished or not


@dataclass(frozen=True)
class Options:
    """The choices of one check.

    seed: with the document's content it fixes every random draw. worlds: random exact models a
    relation. timeout: seconds a relation. jobs: processes, which never change a verdict. strict: an
    undecided relation counts as a failure. prove: look for certificates. proof_budget: seconds of the
    processor for the search for one; what it tries is counted, so that the seconds are only a backstop.
    sample: confront relations with draws as well; draws are counted too.
    """

    seed: int = 0
    worlds: int = 16
    timeout: float = 10.0
    jobs: int = 1
    strict: bool = False
    prove: bool = True
    proof_budget: float = 2.0
    sample: bool = False

    @property
    def proof_work(self) -> int:
        """How many uses of laws the search for one certificate may try."""
        return max(1, round(self.proof_budget * WORK_A_SECOND))
