r"""One row to its statements: sides, signs, and the words around them.

Main definitions: `Statement`, `statements_of`; which tokens make a statement is `segments`' matter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from derivcheck.syntax.matching import hidden
from derivcheck.syntax.rows import BLANK
from derivcheck.syntax.segments import Group, groups_of
from derivcheck.syntax.signs import WEAK

if TYPE_CHECKING:
    from derivcheck.syntax.rows import Row
    from derivcheck.syntax.tokens import Tokens


@dataclass(slots=True)
class Statement:
    r"""`e0 s1 e1 s2 e2 …`: expressions and signs as token indices, in order.

    A sign may be one that is not judged (`\\subset`): its token has no `sign`.
    leading: it begins with a sign (or has no left side of its own).
    condition: what stands behind it under which it is said. is_condition: it is such a condition.
    """

    expressions: list[list[int]] = field(default_factory=list)
    signs: list[int] = field(default_factory=list)
    words_before: str = ""
    words_after: str = ""
    condition: str = ""
    is_condition: bool = False

    @property
    def leading(self) -> bool:
        """Whether it begins with a sign."""
        return bool(self.signs) and not self.expressions[0]

    @property
    def trailing(self) -> bool:
        """Whether it ends with a sign."""
        return bool(self.signs) and not self.expressions[-1]


def statements_of(tokens: Tokens, row: Row) -> list[Statement]:
    """The statements of a row, in order; a row without signs gives one with a single expression."""
    covered = hidden(tokens, row.tokens)
    top = {i for i, h in zip(row.tokens, covered, strict=True) if not h}
    groups = groups_of(tokens, row, covered)
    made = [_statement(tokens, group, top) for group in groups]
    _give_words(made, row)
    return [m for m in made if m.signs or any(m.expressions) or m.words_before or m.condition]


def _statement(tokens: Tokens, group: Group, top: set[int]) -> Statement:
    made = Statement(
        words_before=group.words_before,
        words_after=group.words_after,
        condition=group.condition,
        is_condition=group.is_condition,
    )
    expression: list[int] = []
    for i in group.tokens:
        token = tokens.items[i]
        if token.kind in ("sign", "foreign") and i in top:
            _close(tokens, made, expression)
            made.signs.append(i)
            expression = []
        else:
            expression.append(i)
    _close(tokens, made, expression)
    _merge_doubled(tokens, made)
    _merge_conditional(tokens, made)
    return made


def _close(tokens: Tokens, made: Statement, expression: list[int]) -> None:
    made.expressions.append(trimmed(tokens, expression))


def _merge_doubled(tokens: Tokens, made: Statement) -> None:
    r"""`= =` (a line end and the next line's beginning) is one sign; `\\Rightarrow =` is `=`."""
    at = 1
    while at < len(made.signs):
        if made.expressions[at]:
            at += 1
            continue
        first, second = (tokens.items[made.signs[k]].sign for k in (at - 1, at))
        drop = at - 1 if first in WEAK else at if second in WEAK or first == second else None
        if drop is None:
            at += 1
            continue
        del made.signs[drop]
        del made.expressions[at]


def _merge_conditional(tokens: Tokens, made: Statement) -> None:
    r"""`Y|X=x \sim q`: the law of Y given X = x; its left side holds an `=` of its own."""
    signs = [tokens.items[i].sign for i in made.signs[:2]]
    if signs == ["=", "sim"] and made.expressions[1]:
        left = made.expressions[0]
        if any(
            tokens.items[i].text in ("|", "\\mid", "\\vert") and not tokens.depth[i] for i in left
        ):
            made.expressions[:2] = [[*left, made.signs[0], *made.expressions[1]]]
            del made.signs[0]


def trimmed(tokens: Tokens, indices: list[int]) -> list[int]:
    """Without white space, alignment marks, punctuation and empty groups at both ends."""
    first, last = 0, len(indices)
    while first < last and _is_edge(tokens, indices[first]):
        first += 1
    while last > first and (
        _is_edge(tokens, indices[last - 1]) or _is_full_stop(tokens, indices, last - 1)
    ):
        last -= 1
    return indices[first:last]


def _is_edge(tokens: Tokens, i: int) -> bool:
    token = tokens.items[i]
    if token.kind in ("brace_open", "brace_close"):
        return abs(tokens.partner[i] - i) == 1 and tokens.partner[i] >= 0
    return (token.kind in BLANK and token.kind != "null") or token.kind == "comma"


def _is_full_stop(tokens: Tokens, indices: list[int], at: int) -> bool:
    return tokens.items[indices[at]].text in (
        ".",
        "。",
        "，",
        "\\qed",
        "\\blacksquare",
        "\\square",
        "\\Box",
    )


def _give_words(made: list[Statement], row: Row) -> None:
    if row.words and made:
        made[0].words_before = f"{row.words} {made[0].words_before}".strip()
