"""What can be wrong with a theory file: place, fact, way out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TheoryFault:
    """One fault of a theory file: where it stands, what is wrong, what to write instead."""

    where: str
    line: int | None
    fact: str
    hint: str = ""

    def __str__(self) -> str:
        place = self.where if self.line is None else f"{self.where}:{self.line}"
        return f"{place}: {self.fact}" + (f"\n    {self.hint}" if self.hint else "")


class UnreadableTheory(Exception):
    """A theory file that does not say what it should; `faults` has every reason, in the file's order."""

    def __init__(self, *faults: TheoryFault) -> None:
        self.faults = faults
        super().__init__("\n".join(str(f) for f in faults))
