r"""Sides of a relation as text: verbatim from the source, and cleaned for the reader.

The reader does not see alignment marks, labels, tags, colours, boxes, labels of braces, line breaks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from derivcheck.syntax.tokens import Tokens, next_solid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivcheck.source.document import Block


_BRACED = frozenset(
    [
        "\\underbrace",
        "\\overbrace",
        "\\cancel",
        "\\bcancel",
        "\\xcancel",
        "\\underline",
        "\\smash",
        "\\mathclap",
        "\\mathrel",
        "\\mathbin",
        "\\mathord",
        "\\underbracket",
        "\\overbracket",
        "\\mathstrut",
        "\\hl",
        "\\uwave",
        "\\underset@",
    ]
)
_LABELLED = frozenset(["\\underbrace", "\\overbrace", "\\underbracket", "\\overbracket"])
_METADATA = ("\\tag", "\\label", "\\no", "\\boxed", "\\phantom", "\\hphantom", "{", "}")
_UNSEEN = frozenset({"amp", "drop", "row", "words"})
_ESCAPES = re.compile(r"\\([_*])(?![a-zA-Z])")
_CLOSING = " \t\n\r\f\v,;."  # what may follow a side; by rstrip, for a pattern is quadratic in long runs
_WIDE = str.maketrans(
    {"，": ",", "（": "(", "）": ")", "；": ";", "：": ":", "－": "-", "＋": "+", "＝": "="}
)


def verbatim(block: Block, tokens: Tokens, indices: Sequence[int]) -> str:
    """The side as it stands in the source, without alignment marks and line breaks."""
    pieces: list[str] = []
    for first, last in _runs(tokens, indices):
        piece = block.verbatim(tokens.items[first].start, tokens.items[last].end).strip()
        if piece and (not pieces or block.content.is_identity or pieces[-1] != piece):
            pieces.append(piece)
    joined = re.sub(r"\s+", lambda run: " " if "\n" in run[0] else run[0], " ".join(pieces))
    return joined.rstrip(_CLOSING)


def _runs(tokens: Tokens, indices: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for i in indices:
        if (tokens.items[i].kind in ("amp", "row", "words") and not tokens.depth[i]) or _metadata(
            tokens, i
        ):
            continue
        if runs and runs[-1][1] == i - 1:
            runs[-1] = (runs[-1][0], i)
        else:
            runs.append((i, i))
    return runs


def _metadata(tokens: Tokens, i: int) -> bool:
    token = tokens.items[i]
    return token.kind == "drop" and token.text.startswith(_METADATA)


def cleaned(tokens: Tokens, indices: Sequence[int]) -> str:
    """The side for the reader: macros expanded, everything that means nothing taken out."""
    gone: set[int] = set()
    for i in indices:
        text = tokens.items[i].text
        if text in _BRACED and i not in gone:
            gone.add(i)
            if text in _LABELLED:
                gone |= _label_of(tokens, i)
    out: list[str] = []
    last = -1
    for i in indices:
        token = tokens.items[i]
        if i in gone or (token.kind in _UNSEEN and (token.kind == "drop" or not tokens.depth[i])):
            continue
        if token.kind == "null" and token.value == "right" and _reopened(tokens, i, indices):
            gone.add(_reopened(tokens, i, indices))
            continue
        piece = " " if token.kind in ("space", "quad") else token.text
        if (
            out
            and last != i - 1
            and piece != " "
            and out[-1][-1:].isalpha()
            and piece[:1].isalpha()
        ):
            out.append(" ")
        out.append(piece)
        last = i
    text = re.sub(r"\s+", " ", "".join(out)).strip()
    return _ESCAPES.sub(r"\1", text).translate(_WIDE).rstrip(" .,;")


def _label_of(tokens: Tokens, i: int) -> set[int]:
    r"""The tokens of `_{label}` behind `\underbrace{..}`."""
    at = next_solid(tokens, i + 1)
    if at >= len(tokens.items) or tokens.partner[at] < at:
        return set()
    mark = next_solid(tokens, tokens.partner[at] + 1)
    if mark >= len(tokens.items) or tokens.items[mark].kind != "script":
        return set()
    start = next_solid(tokens, mark + 1)
    if start >= len(tokens.items):
        return {mark}
    stop = max(start, tokens.partner[start])
    return set(range(mark, stop + 1))


def _reopened(tokens: Tokens, i: int, indices: Sequence[int]) -> int:
    r"""The `\left.` of the next row that belongs to this `\right.`; 0 if there is none."""
    at = i + 1
    while at < len(tokens.items) and tokens.items[at].kind in (
        "space",
        "quad",
        "amp",
        "row",
        "drop",
    ):
        at += 1
    found = (
        at < len(tokens.items)
        and tokens.items[at].kind == "null"
        and tokens.items[at].value == "left"
    )
    return at if found and at <= indices[-1] else 0
