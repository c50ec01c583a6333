r"""Rows of a formula: environments flattened, broken lines put together again.

Main definitions: `Row`, `rows_of`. A row that begins with `+`, `\cdot`, … (or, behind an alignment
mark or a `\quad`, with `-`), that follows an operator or an open bracket, is the rest of the row before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derivcheck.syntax.tokens import Tokens


BLANK = frozenset({"space", "quad", "amp", "drop", "null"})
"""Kinds that neither begin nor end an expression."""


@dataclass(slots=True)
class Row:
    r"""One logical row: indices of its tokens, and what the row's beginning says.

    environment: a number for each environment of the formula; rows outside have -1.
    indented: an alignment mark or `\\quad` stands before its first solid token.
    words: what an `\\intertext` before it says. opened, closed: brackets without a partner in it.
    """

    tokens: list[int] = field(default_factory=list)
    environment: int = -1
    kind: str = ""
    indented: bool = False
    words: str = ""
    opened: int = 0
    closed: int = 0


def rows_of(tokens: Tokens) -> list[Row]:
    """The logical rows of a formula, in order."""
    rows: list[Row] = []
    for row in _raw_rows(tokens):
        first = _first_solid(tokens, row)
        if first is None and not row.words:
            continue
        _count_brackets(tokens, row)
        if (
            rows
            and first is not None
            and not row.words
            and _continues(tokens, rows[-1], row, first)
        ):
            before = rows[-1]
            before.tokens.extend(row.tokens)
            before.opened = max(0, before.opened - row.closed) + row.opened
        else:
            rows.append(row)
    return rows


def _raw_rows(tokens: Tokens) -> list[Row]:
    rows = [Row()]
    open_environments: list[tuple[int, str]] = []
    count, closed = 0, False
    for i, token in enumerate(tokens.items):
        if i in tokens.aligning:
            if token.kind == "begin":
                if closed:
                    rows.append(Row())
                count += 1
                open_environments.append((count, token.value))
                rows[-1].environment, rows[-1].kind = count, token.value
            elif open_environments:
                open_environments.pop()
                closed = True
                token.kind = "quad"  # what follows is an equation's number, or another formula
                rows[-1].tokens.append(i)
            continue
        if token.kind == "words" and _behind_bracket(tokens, i):
            token.kind = "word"
        if token.kind in ("row", "words") and tokens.depth[i] == 0:
            current = open_environments[-1] if open_environments else (-1, "")
            said = (
                f"{rows[-1].words} {token.value}".strip()
                if token.kind == "words" and not _solid(tokens, rows[-1])
                else token.value
            )
            rows.append(Row(environment=current[0], kind=current[1], words=said))
            closed = closed and not open_environments
            continue
        rows[-1].tokens.append(i)
        if token.kind not in BLANK and token.kind != "text" and open_environments:
            closed = False
    return rows


def _behind_bracket(tokens: Tokens, i: int) -> bool:
    r"""`(\because ..)`: a remark inside the row, not a row of its own."""
    before = next((t for t in reversed(tokens.items[max(0, i - 4) : i]) if t.kind != "space"), None)
    return before is not None and before.kind == "open"


def _solid(tokens: Tokens, row: Row) -> bool:
    return any(tokens.items[i].kind not in BLANK for i in row.tokens)


def _first_solid(tokens: Tokens, row: Row) -> int | None:
    """The first token that says something; notes whether the row is indented."""
    for i in row.tokens:
        token = tokens.items[i]
        if token.kind in ("amp", "quad") or (token.kind == "drop" and "phantom" in token.text):
            row.indented = True
        if token.kind not in BLANK and not _empty_group(tokens, i):
            return i
    return None


def _empty_group(tokens: Tokens, i: int) -> bool:
    """`{}`, which authors put before a sign for its spacing."""
    partner = tokens.partner[i]
    return (
        tokens.items[i].kind in ("brace_open", "brace_close")
        and partner >= 0
        and abs(partner - i) == 1
    )


def _continues(tokens: Tokens, before: Row, row: Row, first: int) -> bool:
    """Whether the row is only a line break away from the row before."""
    if before.environment != row.environment:
        return False
    token = tokens.items[first]
    if token.kind == "sign":
        return False
    last = next((i for i in reversed(before.tokens) if tokens.items[i].kind not in BLANK), None)
    if last is None:
        return False
    ending = tokens.items[last]
    if token.kind == "operator":
        if token.text not in ("-", "−"):
            return True
        return row.indented and not _has_sign(tokens, row)
    if ending.kind == "operator" or (ending.kind == "sign" and tokens.depth[last] == 0):
        return True
    if row.kind.startswith("multline"):
        return True
    return before.opened > 0 < row.closed


def _has_sign(tokens: Tokens, row: Row) -> bool:
    return any(tokens.items[i].kind == "sign" and tokens.depth[i] == 0 for i in row.tokens)


def _count_brackets(tokens: Tokens, row: Row) -> None:
    for i in row.tokens:
        token = tokens.items[i]
        if tokens.depth[i]:
            continue
        if token.kind == "open":
            row.opened += 1
        elif token.kind == "close":
            if row.opened:
                row.opened -= 1
            else:
                row.closed += 1
