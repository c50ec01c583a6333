r"""Tokens of LaTeX mathematics: enough to find signs, rows and brackets, without a grammar.

Main definitions: `Token`, `Tokens`, `lex`. Linear in the text, without recursion. What is unbalanced
stays a token like any other; `structure.tokenize` adds what stands inside what.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from derivcheck.source.groups import bracketed, group_ends, skip_space
from derivcheck.syntax.signs import FOREIGN, SIGNS, Sign
from derivcheck.syntax.vocabulary import (
    ALONE,
    CLOSERS,
    ENVIRONMENT_ARGUMENTS,
    NAMES,
    OPENERS,
    OPERATORS,
    ROW_TEXTS,
    SET_AS_NAMES,
    SPACES,
    TEXTS,
    WITH_ARGUMENT,
)  # fmt: skip

Kind = Literal[
    "word", "number", "operator", "script", "sign", "foreign", "comma", "space", "quad", "row",
    "amp", "brace_open", "brace_close", "open", "close", "null", "begin", "end", "text", "words",
    "drop",
]  # fmt: skip


_LEX = re.compile(
    r"(?P<row>\\\\\*?(?:[ \t]*\[-?[\d.]+[ \t]*\\?[a-z]+\])?|\\(?:cr|newline|tabularnewline)(?![a-zA-Z])"
    r"|\n[ \t]*\n\s*)"
    r"|(?P<env>\\(?:begin|end)\s*\{\s*(?P<name>[a-zA-Z]+\*?)\s*\})"
    r"|(?P<size>\\(?:left|right|middle|[bB]igg?[lrm]?)(?![a-zA-Z])\s*(?P<delimiter>\\[a-zA-Z]+|\\.|[^\s{}]))"
    r"|(?P<command>\\(?:[a-zA-Z]+|.|$))"
    r"|(?P<space>\s+)"
    r"|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<ascii>:\s?=|=:|<=>|=>|->|<=|>=|=<|==|(?<=\s)!=(?=\s))"
    r"|(?P<char>.)",
    re.DOTALL,
)


@dataclass(slots=True)
class Token:
    """One token; `sign` of a relation sign, `label` what stands over it."""

    kind: Kind
    text: str
    start: int
    end: int
    value: str = ""
    sign: Sign | None = None
    label: str = ""


@dataclass(slots=True)
class Tokens:
    """A formula's tokens; depth and partner come from braces and environments that close."""

    text: str
    items: list[Token]
    partner: list[int] = field(default_factory=list)
    depth: list[int] = field(default_factory=list)
    aligning: set[int] = field(default_factory=set)  # indices of \begin and \end that only align


def lex(text: str) -> list[Token]:
    """The tokens of a formula, in order."""
    items: list[Token] = []
    at, ends = 0, group_ends(text)
    while at < len(text):
        match = _LEX.match(text, at)
        assert match is not None
        token = _token(text, match, ends)
        items.append(token)
        at = token.end
    return items


def _token(text: str, match: re.Match[str], ends: dict[int, int]) -> Token:
    kind, found, start, end = match.lastgroup, match.group(), match.start(), match.end()
    if kind == "char":
        return _character(found, start, end)
    if kind == "command":
        return _command(text, found, start, end, ends)
    if kind == "row":
        return Token("row", found, start, end)
    if match["env"]:
        end = _env_arguments(text, match["name"].rstrip("*"), end, ends) if found[1] == "b" else end
        return Token(
            "begin" if found[1] == "b" else "end",
            text[start:end],
            start,
            end,
            match["name"].rstrip("*"),
        )
    if match["size"]:
        return _sized(found, match["delimiter"], start, end)
    if kind == "ascii":
        return Token("sign", found, start, end, sign=SIGNS["".join(found.split())])
    return Token("number" if kind == "number" else "space", found, start, end)


def _character(found: str, start: int, end: int) -> Token:
    if found in SIGNS:
        return Token("sign", found, start, end, sign=SIGNS[found])
    if found in "{}":
        return Token("brace_open" if found == "{" else "brace_close", found, start, end)
    if found in OPENERS:
        return Token("open", found, start, end, OPENERS[found])
    if found in CLOSERS:
        return Token("close", found, start, end, CLOSERS[found])
    kinds: dict[str, Kind] = {
        "&": "amp",
        "^": "script",
        "_": "script",
        ",": "comma",
        ";": "comma",
        "~": "space",
    }
    if found in OPERATORS:
        return Token("operator", found, start, end)
    if found in FOREIGN:
        return Token("foreign", found, start, end)
    return Token(kinds.get(found, "word"), found, start, end)


def _command(text: str, found: str, start: int, end: int, ends: dict[int, int]) -> Token:
    if found in SIGNS:
        return Token("sign", found, start, end, sign=SIGNS[found])
    if found in TEXTS or found in ROW_TEXTS:
        return _text(text, found, start, end, ends)
    if found in NAMES and (words := _words_in(text, end, ends)):
        return Token("text", text[start : words[0]], start, words[0], words[1])
    if found in WITH_ARGUMENT:
        return _with_argument(text, found, start, end, ends)
    if found in ALONE:
        return Token("drop", found, start, end)
    if found in OPENERS:
        return Token("open", found, start, end, OPENERS[found])
    if found in CLOSERS:
        return Token("close", found, start, end, CLOSERS[found])
    if found in ("\\quad", "\\qquad"):
        return Token("quad", found, start, end)
    if found in ("\\therefore", "\\because"):
        return Token("words", found, start, end, "therefore" if found[1] == "t" else "because")
    if found in SPACES or not found[1:].strip():
        return Token("space", found, start, end)
    if found in OPERATORS:
        return Token("operator", found, start, end)
    return Token("foreign" if found in FOREIGN else "word", found, start, end)


def _words_in(text: str, end: int, ends: dict[int, int]) -> tuple[int, str] | None:
    r"""`\mathrm{s.t.}`, `\operatorname{where}`: words that were set as a name."""
    at = skip_space(text, end)
    stop = ends.get(at)
    if stop is None or stop - at > 30:
        return None
    said = re.sub(r"\\[ ,;]|~|\s+", " ", text[at + 1 : stop - 1]).strip()
    return (stop, said) if said.lower() in SET_AS_NAMES else None


def _text(text: str, found: str, start: int, end: int, ends: dict[int, int]) -> Token:
    at = skip_space(text, end)
    stop = ends.get(at)
    if stop is None:
        return Token("word", found, start, end)
    kind: Kind = "words" if found in ROW_TEXTS else "text"
    return Token(kind, text[start:stop], start, stop, text[at + 1 : stop - 1])


def _with_argument(text: str, found: str, start: int, end: int, ends: dict[int, int]) -> Token:
    at = skip_space(text, end + (text[end : end + 1] == "*"))
    stop = ends.get(at)
    kind: Kind = "quad" if found in ("\\hspace", "\\hskip") else "drop"
    return Token(kind, text[start : stop or end], start, stop or end)


def _env_arguments(text: str, name: str, end: int, ends: dict[int, int]) -> int:
    optional = bracketed(text, end) if text[end : end + 1] == "[" else None
    end = optional[2] if optional and optional[1] - optional[0] < 40 else end
    if name in ENVIRONMENT_ARGUMENTS:
        at = skip_space(text, end)
        stop = ends.get(at)
        end = stop or end
    return end


def _sized(found: str, delimiter: str, start: int, end: int) -> Token:
    left = found.startswith(("\\left", "\\big", "\\Big"))
    if delimiter == ".":
        return Token("null", found, start, end, "left" if found.startswith("\\left") else "right")
    if delimiter in OPENERS and left:
        return Token("open", found, start, end, OPENERS[delimiter])
    if delimiter in CLOSERS and (left or found.startswith("\\right")):
        return Token("close", found, start, end, CLOSERS[delimiter])
    return Token("word", found, start, end)


def next_solid(tokens: Tokens, at: int) -> int:
    """The index of the next token that is not white space."""
    while at < len(tokens.items) and tokens.items[at].kind == "space":
        at += 1
    return at
