"""What can be wrong with a file: places, faults as records, and the one exception.

A document's faults are records (a report lists them, the other relations are judged as before);
an exception is only for a file that cannot be read at all.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where something stands: line and column from 1, within the cell for a notebook."""

    name: str
    line: int
    column: int
    cell: int | None = None

    def __str__(self) -> str:
        """`file.md:41:18`, clickable in a terminal; a cell stands before the line."""
        cell = "" if self.cell is None else f"[cell {self.cell}]"
        return f"{self.name}{cell}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Fault:
    """Something in a document that was not as expected, and the way out."""

    code: str
    place: Place
    found: str
    expected: str = ""
    hint: str = ""

    def __str__(self) -> str:
        """Place, fact, way out."""
        expected = f"; expected {self.expected}" if self.expected else ""
        hint = f"\n    {self.hint}" if self.hint else ""
        return f"{self.place}  {self.code}: {self.found}{expected}{hint}"


class SourceError(Exception):
    """Base of what the source room raises."""


class UnreadableFile(SourceError):
    """The file cannot be read as a document at all."""

    def __init__(self, name: str, found: str, hint: str) -> None:
        """Keep the parts as data; the message holds place, fact and way out."""
        super().__init__(f"{name}: {found}\n    {hint}")
        self.name = name
        self.found = found
        self.hint = hint
