"""What a claim comes to, as a record: with the numbers of every seed, for a terminal or JSON.

Main definitions: `ClaimsReport`, `ClaimResult`, `SeedResult`, `SubmissionResult`.
"""

from __future__ import annotations

from pydantic import BaseModel

from derivcheck.claims.model import Convention
from derivcheck.claims.verdict import Outcome, Word


class SeedResult(BaseModel):
    """One seed. effect: by how much the relation is met (negative: missed), beside the claim's margin."""

    seed: int
    a: float | None
    b: float | None
    effect: float | None
    outcome: Outcome
    why: str = ""


class ClaimResult(BaseModel):
    """A claim's verdict (`holds`, `contradicted`, `run-dependent`, `not established`), or a submission's.

    A submission's words besides: `asked` (something must be said first) and `for a human` (nothing can be measured).
    """

    id: str
    statement: str
    reading: str
    source: str
    model: str
    settings: dict[str, str]
    statistic: str
    unit: str
    relation: str
    margin: float
    convention: Convention | None
    verdict: Word
    reason: str
    seeds: list[SeedResult] = []
    control: str
    control_seeds: list[SeedResult] = []


class ClaimsReport(BaseModel):
    """A file's claims. quick: smaller runs than the claims say. submission: what was judged in place of runs."""

    title: str
    version: str
    torch: str
    device: str
    quick: bool = False
    submission: dict[str, str] = {}
    runs: int = 0
    seconds: float
    claims: list[ClaimResult]
