"""Which relation stands where in a block: reports know lines and columns, blocks know offsets."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

from derivcheck.reports.page.mathml import SignMark

if TYPE_CHECKING:
    from derivcheck.source import Block
    from derivcheck.verdicts.result import RelationResult

SIGN = re.compile(
    r"\\(?:leqslant|geqslant|leqq|geqq|leq|geq|le|ge|lt|gt|neq|ne|propto|approx|simeq|sim|iff|implies"
    r"|[lL]eftrightarrow|Longleftrightarrow|Rightarrow|Longrightarrow|[lL]ongrightarrow|rightarrow|to"
    r"|equiv|coloneqq|triangleq|doteq|cong|in)(?![A-Za-z])"
    r"|:=|=>|<=|>=|[=<>~≤≥≠∝≈∼→⇒⇔∈≡≔]"
)
Place = tuple[int, int, int]  # cell (-1 outside notebooks), line, column


class Places:
    """The relations of a report, found by the stretch of the source that they stand in."""

    def __init__(self, relations: Sequence[RelationResult]) -> None:
        self._relations = sorted(relations, key=place_of)
        self._places = [place_of(r) for r in self._relations]

    def between(self, first: Place, last: Place) -> list[RelationResult]:
        """The relations from the first place to the last, both included, in order."""
        return self._relations[bisect_left(self._places, first) : bisect_right(self._places, last)]


def place_of(relation: RelationResult) -> Place:
    """Where a relation's sign stands."""
    return (-1 if relation.cell is None else relation.cell, relation.line, relation.column)


def place_in(block: Block, offset: int) -> Place:
    """The place of an offset of a block's text."""
    line, column = block.position(offset)
    return (-1 if block.cell is None else block.cell, line, column)


def marks_in(
    block: Block, start: int, end: int, relations: Sequence[RelationResult], *, numbered: bool
) -> tuple[SignMark, ...]:
    """Marks for the signs of these relations, with offsets counted from `start`."""
    if not relations:
        return ()
    signs = {
        place_in(block, found.start()): found for found in SIGN.finditer(block.text, start, end)
    }
    marks: list[SignMark] = []
    for relation in relations:
        found = signs.pop(place_of(relation), None)
        if found is not None and not relation.implicit:
            number = number_of(relation) if numbered else ""
            anchor = f"sign-{relation.id}"
            css = relation.verdict.replace("_", "-")
            marks.append(SignMark(found.start() - start, found.end() - start, css, anchor, number))
    return tuple(marks)


def number_of(relation: RelationResult) -> str:
    """The relation's number, for where several share a row: `r014` is 14."""
    return relation.id.lstrip("r").lstrip("0") or relation.id
