"""What a set of proofs amounts to: for every file how many of its relations are proved, and which are not.

Main definitions: `Proofs`, `ProvedFile`. Definitions and assumptions are nothing to prove.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Self

from pydantic import Field

from derivcheck.source.front_matter import value_of
from derivcheck.verdicts.result import Record, RelationResult, Report


class ProvedFile(Record):
    """One file of proofs."""

    id: str = Field(description="from its front matter, else its path")
    path: str
    relations: int = Field(description="all but definitions and assumptions")
    proved: int
    exact: int = Field(description="correct on random worlds, without a proof")
    disagreements: int = 0
    laws: dict[str, int] = Field(description="in how many relations each is used")
    seconds: float
    unproved: list[RelationResult]
    problems: list[str] = []

    @classmethod
    def of(cls, report: Report, front_matter: str | None) -> Self:
        """What a report says of its file as a proof."""
        relations = [r for r in report.relations if r.verdict != "not_checkable"]
        unproved = [r for r in relations if r.evidence != "proved"]
        path = report.document.name
        return cls(
            id=value_of(front_matter, "id") or path,
            path=path,
            relations=len(relations),
            proved=len(relations) - len(unproved),
            exact=sum(r.verdict == "correct" for r in unproved),
            disagreements=report.summary.disagreements,
            laws=dict(sorted(Counter(law for r in relations for law in r.laws).items())),
            seconds=report.seconds,
            unproved=unproved,
            problems=[*report.document.problems, *report.theory.problems],
        )


class Proofs(Record):
    """All files, and their sums."""

    relations: int
    proved: int
    disagreements: int
    files: list[ProvedFile]

    @classmethod
    def of(cls, files: Iterable[ProvedFile]) -> Self:
        """The sums of these files."""
        rows = list(files)
        return cls(
            relations=sum(f.relations for f in rows),
            proved=sum(f.proved for f in rows),
            disagreements=sum(f.disagreements for f in rows),
            files=rows,
        )
