r"""Where formulas end: closers of `$$`, `\[`, `\(`, environments; each search fails only once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

ENVIRONMENTS = frozenset(
    [
        "align",
        "alignat",
        "flalign",
        "gather",
        "multline",
        "eqnarray",
        "equation",
        "displaymath",
        "math",
        "aligned",
        "alignedat",
        "gathered",
        "split",
        "subequations",
        "dmath",
        "dgroup",
        "IEEEeqnarray",
        "empheq",
        "alignedat",
        "xalignat",
    ]
)
_DOLLARS = re.compile(r"\\[\s\S]|\$\$")
_DOLLAR = re.compile(r"\\[\s\S]|\$|\n[ \t>]*\n")
_BLANK = re.compile(r"\n[ \t>]*(?=\n)")
_WORDS = re.compile(r"(?<![\\A-Za-z{])[A-Za-z]{2,}(?:[ ,'-]+[A-Za-z]{2,}){3,}")
_TEXTS = re.compile(r"\\(?:text|mbox|textrm|textbf|textit|intertext|tag|label)\w*\s*\{[^{}]*\}")


@dataclass
class Closers:
    """Searches for closers in one text; a kind that was not found is not searched again."""

    text: str
    missing: set[str] = field(default_factory=set)

    def fixed(self, closer: str, at: int, limit: int | None = None) -> int | None:
        """The offset of the next `closer`, or None."""
        if closer in self.missing:
            return None
        found = self.text.find(closer, at)
        if found < 0:
            self.missing.add(closer)
            return None
        return found if limit is None or found <= limit else None

    def dollars(self, at: int) -> int | None:
        """The offset of the next `$$` that is not escaped."""
        if "$$" in self.missing:
            return None
        for match in _DOLLARS.finditer(self.text, at):
            if match.group() == "$$":
                return match.start()
        self.missing.add("$$")
        return None

    def dollar(self, at: int) -> int | None:
        """The offset of the next `$` of this paragraph, or None."""
        for match in _DOLLAR.finditer(self.text, at):
            if match.group() == "$":
                return match.start()
            if match.group()[0] == "\n":
                return None
        return None

    def environment(self, name: str, at: int) -> tuple[int, int] | None:
        r"""Start and end of the `\end{name}` that follows."""
        key = f"\\end{{{name}}}"
        found = self.fixed(key, at)
        return None if found is None else (found, found + len(key))

    def paragraph(self, at: int) -> int:
        """The end of the paragraph: the offset of the newline before the next blank line."""
        match = _BLANK.search(self.text, at)
        return match.start() if match else len(self.text)


def holds_prose(text: str) -> bool:
    """Whether a stretch between two `$$` that spans blank lines is prose: then a `$$` was lost."""
    if _BLANK.search(text) is None:
        return False
    bare = _TEXTS.sub(" ", text)
    return _WORDS.search(bare) is not None or re.search(r"(?m)^\s{0,3}#{1,6} ", bare) is not None


def is_inline_math(content: str, after: str) -> bool:
    """Whether what stands between two `$` is a formula, not two amounts of money."""
    if not content.strip():
        return False
    spaced_left, spaced_right = content[0].isspace(), content[-1].isspace()
    mathlike = re.search(r"[\\=^_<>+|~≤≥≈∝]", content) is not None
    if after.isdigit() and not mathlike:
        return False
    if spaced_left and spaced_right:
        return mathlike or len(content.strip()) <= 3
    if spaced_right and re.match(r"\d", content):
        return False
    if re.match(r"\d[\d.,]*\s*(?:[A-Za-z]{2,}|[-–/]|$)", content) and spaced_right != spaced_left:
        return False
    words = _WORDS.search(content)
    return words is None or mathlike
