"""Text from a stranger, made harmless for a line of output.

A document may hold escape sequences, NUL or bidirectional controls: they are shown by code point
instead of taking effect.
"""

from __future__ import annotations

import re
import unicodedata

HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
HARMLESS = frozenset("\u00ad\u200c\u200d")  # soft hyphen and the joiners that scripts need
SPACES = re.compile(r"\s+")


def visible(text: str, *, keep: frozenset[str] = frozenset()) -> str:
    """The text with every control, format and private character written as ⟨U+202E⟩."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c
        if c in keep or c in HARMLESS or unicodedata.category(c) not in HIDDEN
        else f"⟨U+{ord(c):04X}⟩"
        for c in text
    )


SIZES = re.compile(r"\\!|\\(?:left|right)(?![A-Za-z.])\s*")


def unsized(latex: str) -> str:
    r"""The LaTeX without `\left`, `\right` and `\!`, which only say how large a bracket is."""
    return SIZES.sub("", latex)


def one_line(text: str, width: int | None = None) -> str:
    """The text on one line, visible, cut to `width` signs."""
    line = visible(SPACES.sub(" ", text).strip())
    if width is not None and len(line) > width:
        return line[: max(width - 1, 1)].rstrip() + "…"
    return line
