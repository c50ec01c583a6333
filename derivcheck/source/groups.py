"""Braces of LaTeX source: where a group ends, what an argument is. Linear, without recursion."""

from __future__ import annotations

import re

MAX_ARGUMENT = 20_000

_BRACE = re.compile(r"\\[\s\S]|[{}]")
_BRACKET = re.compile(r"\\[\s\S]|[{}\]]")
_SPACE = re.compile(r"\s*")
_ARGUMENT = re.compile(r"\\(?:[a-zA-Z@]+|[\s\S])|[^\s{}]")


def group_end(text: str, at: int, limit: int | None = None) -> int | None:
    """The offset behind the group that opens at `at` (a `{`), or None if it never closes."""
    depth = 0
    for match in _BRACE.finditer(text, at, min(len(text), limit or len(text))):
        if match.group() == "{":
            depth += 1
        elif match.group() == "}":
            depth -= 1
            if depth == 0:
                return match.end()
    return None


def group_ends(text: str) -> dict[int, int]:
    """For every `{` that closes, the offset behind its group; all in one pass."""
    ends: dict[int, int] = {}
    stack: list[int] = []
    for match in _BRACE.finditer(text):
        if match.group() == "{":
            stack.append(match.start())
        elif match.group() == "}" and stack:
            ends[stack.pop()] = match.end()
    return ends


def skip_space(text: str, at: int) -> int:
    """The offset of the next character that is not white space."""
    match = _SPACE.match(text, at)
    return match.end() if match else at


def argument(text: str, at: int, ends: dict[int, int] | None = None) -> tuple[int, int, int] | None:
    """The macro argument at `at`: its inner start and stop, and the offset behind it.

    ends: `group_ends(text)`, where many arguments are looked for in one text.
    """
    at = skip_space(text, at)
    if at < len(text) and text[at] == "{":
        end = ends.get(at) if ends is not None else group_end(text, at, at + MAX_ARGUMENT)
        return None if end is None else (at + 1, end - 1, end)
    match = _ARGUMENT.match(text, at)
    return (match.start(), match.end(), match.end()) if match else None


def bracketed(text: str, at: int) -> tuple[int, int, int] | None:
    """The optional argument `[..]` at `at`, if there is one."""
    at = skip_space(text, at)
    if at >= len(text) or text[at] != "[":
        return None
    depth = 0
    for match in _BRACKET.finditer(text, at + 1, at + 500):
        found = match.group()
        depth += (found == "{") - (found == "}")
        if found == "]" and depth <= 0:
            return at + 1, match.start(), match.end()
        if depth < 0:
            return None
    return None
