r"""A display cut into its rows and cells, so that each row can stand beside its own verdicts.

Main definition: `rows_of`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ALIGNING = r"align\*?|aligned|alignat\*?|flalign\*?|split|eqnarray\*?|gather\*?|gathered|multline\*?|multlined|equation\*?"
OUTER = re.compile(
    rf"\s*\\begin\{{(?P<name>{ALIGNING})\}}(?:\[[a-z]\]|\{{\d*\}})?(?P<body>.*)\\end\{{(?P=name)\}}"
    r"[\s.,;]*",
    re.DOTALL,
)
TOKEN = re.compile(
    r"\\(?P<env>begin|end)\{[^{}]*\}|(?P<row>\\\\(?:\*|\[[^\[\]]*\])?)|\\.|(?P<brace>[{}])|(?P<cell>&)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Row:
    """One row: its offsets in the display, and those of its cells."""

    start: int
    end: int
    cells: tuple[tuple[int, int], ...]


def rows_of(latex: str) -> tuple[Row, ...]:
    """The rows of a display that hold anything; one row if it is no aligned environment."""
    start, end = 0, len(latex)
    for _ in range(3):  # an equation around an aligned, not more
        outer = OUTER.fullmatch(latex, start, end)
        if outer is None or not _is_one(outer["body"]):
            break
        start, end = outer.span("body")
    return tuple(
        row for row in _cut(latex, start, end) if latex[row.start : row.end].strip(" \n\t&")
    )


def _is_one(body: str) -> bool:
    r"""Whether no environment closes before it opens, as in `} \end{split} x \begin{split} {`."""
    level = 0
    for found in re.finditer(r"\\(begin|end)\{", body):
        level += 1 if found[1] == "begin" else -1
        if level < 0:
            return False
    return level == 0


def _cut(latex: str, start: int, end: int) -> list[Row]:
    rows: list[Row] = []
    cells: list[tuple[int, int]] = []
    row_start = cell_start = start
    level = 0
    for found in TOKEN.finditer(latex, start, end):
        if found["env"] or found["brace"]:
            level += 1 if found["env"] == "begin" or found["brace"] == "{" else -1
        elif level <= 0 and (found["cell"] or found["row"]):
            cells.append((cell_start, found.start()))
            cell_start = found.end()
            if found["row"]:
                rows.append(Row(row_start, found.start(), tuple(cells)))
                row_start, cells = found.end(), []
    rows.append(Row(row_start, end, (*cells, (cell_start, end))))
    return rows
