r"""LaTeX text as tokens with places, for edits of the text: groups, scripts, sums, fractions.

Independent of derivcheck's own tokens and grammar: an edit must not lean on what it tests.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
OPEN = {"(": ")", "[": "]", "{": "}", r"\{": r"\}"}
CLOSE = {v: k for k, v in OPEN.items()}


@dataclass(frozen=True)
class Level:
    """A stretch of tokens inside one pair of brackets (or the whole), and how it opens."""

    start: int
    end: int
    opener: str
    in_script: str  # "", "_" or "^": the innermost script that it stands in


class Text:
    """A piece of LaTeX as tokens."""

    def __init__(self, latex: str) -> None:
        self.latex = latex
        self.tokens: list[str] = TOKEN.findall(latex)

    def edited(self, start: int, end: int, replacement: str) -> str:
        """The text with tokens start..end replaced."""
        before, after = "".join(self.tokens[:start]), "".join(self.tokens[end:])
        if re.search(r"\\[A-Za-z]+$", before) and re.match(r"[A-Za-z]", replacement or after):
            before += " "
        if re.search(r"\\[A-Za-z]+$", replacement) and re.match(r"[A-Za-z]", after):
            replacement += " "
        return before + replacement + after

    def swapped(self, a: tuple[int, int], b: tuple[int, int]) -> str:
        """The text with two stretches exchanged (a before b)."""
        t = self.tokens
        parts = (t[: a[0]], t[b[0] : b[1]], t[a[1] : b[0]], t[a[0] : a[1]], t[b[1] :])
        return "".join("".join(p) for p in parts)

    @cached_property
    def partner(self) -> dict[int, int]:
        """The closing bracket's place for every opening one (balanced ones only)."""
        found: dict[int, int] = {}
        stack: list[int] = []
        for i, t in enumerate(self.tokens):
            if t in OPEN:
                stack.append(i)
            elif t in CLOSE and stack and self.tokens[stack[-1]] == CLOSE[t]:
                found[stack.pop()] = i
        return found

    @cached_property
    def script(self) -> list[str]:
        """For every token the innermost script it stands in: "", "_" or "^"."""
        marks = [""] * len(self.tokens)
        for i, t in enumerate(self.tokens):
            if t not in "_^":
                continue
            start = self.next(i + 1)
            if start is None:
                continue
            end = self.partner.get(start, start) + 1
            for j in range(start, end):
                marks[j] = t
        return marks

    def next(self, i: int) -> int | None:
        """The first place from i that is not white space."""
        while i < len(self.tokens) and self.tokens[i].isspace():
            i += 1
        return i if i < len(self.tokens) else None

    def previous(self, i: int) -> int | None:
        """The last place up to i that is not white space."""
        while i >= 0 and self.tokens[i].isspace():
            i -= 1
        return i if i >= 0 else None

    def group(self, i: int) -> tuple[int, int] | None:
        """The argument that starts at i: a braced group or one token."""
        start = self.next(i)
        if start is None:
            return None
        if self.tokens[start] == "{":
            end = self.partner.get(start)
            return None if end is None else (start, end + 1)
        return start, start + 1

    @cached_property
    def levels(self) -> list[Level]:
        """The whole and every bracketed stretch."""
        found = [Level(0, len(self.tokens), "", "")]
        for start, end in self.partner.items():
            before = self.previous(end - 1)
            if before is not None and self.tokens[before] == r"\right":
                end = before  # noqa: PLW2901 - the pair of `\left(` closes at `\right`
            found.append(Level(start + 1, end, self.tokens[start], self.script[start]))
        return found

    def top(self, level: Level) -> list[int]:
        """The places of a level that stand in no inner bracket."""
        places: list[int] = []
        i = level.start
        while i < level.end:
            places.append(i)
            i = self.partner.get(i, i)
            if places[-1] != i:
                places.append(i)
            i += 1
        return places

    def summands(self, level: Level) -> list[tuple[int, int]]:
        """The summands of a level, each with its sign; a level that is a list gives each item's."""
        cuts = [level.start]
        runs: list[list[tuple[int, int]]] = [[]]
        for i in self.top(level):
            t = self.tokens[i]
            if t in (",", ";", "|", r"\mid", r"\|", r"\parallel", "="):
                runs[-1].append((cuts[-1], i))
                runs.append([])
                cuts.append(i + 1)
            elif t in "+-" and self._binary(i, level):
                runs[-1].append((cuts[-1], i))
                cuts.append(i)
        runs[-1].append((cuts[-1], level.end))
        return [s for run in runs if len(run) > 1 for s in run if "".join(self.tokens[s[0] : s[1]]).strip()]

    def _binary(self, i: int, level: Level) -> bool:
        before = self.previous(i - 1)
        return before is not None and before >= level.start and self.tokens[before] not in (*"+-(,;|", r"\left")

    def call(self, i: int) -> tuple[int, int, int] | None:
        """name [scripts] ( arguments ) from i: the places (open, close, first after the name)."""
        j: int | None = i + 1
        while j is not None and j < len(self.tokens):
            j = self.next(j)
            if j is None or self.tokens[j] not in "_^":
                break
            script = self.group(j + 1)
            if script is None:
                return None
            j = script[1]
        if j is not None and j < len(self.tokens) and self.tokens[j] == "(" and j in self.partner:
            return j, self.partner[j], j
        return None
