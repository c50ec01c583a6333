"""Which question a line belongs to: headings, `**Problem 1.**`, `2.6`, `(c)`, `2. 1)`, list items."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_KEYWORD = r"(?:problem|question|exercise|task|aufgabe|quest|prob|ex|q|p)"
_NUMBERED = re.compile(
    rf"{_KEYWORD}\.?\s*#?\s*(\d{{1,3}}(?:\.\d{{1,3}}|\s*\([a-z]\)|\.?[a-z](?![a-z]))*)",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"(\d{1,2}(?:\.\d{1,2})+)(?![\d%])\.?(?=\s|$|[:)])")
_INTEGER = re.compile(r"(\d{1,2})(?=[.):\s]|$)")
_LETTER = re.compile(
    r"\(([a-zA-Z]|[ivx]{2,4})\)|([a-z])\)(?=\s)|part\s+\(?([a-zA-Z])\)?(?![a-z])", re.IGNORECASE
)
_ALONE = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)\.?\s*$")
_ALONE_MIXED = re.compile(r"(\d{1,2})\.([a-z])(?:\.([ivx]+))?\s*$")
_TWO = re.compile(r"(\d{1,2})[.)]\s+(?:(\d{1,2})\)|\(?([a-z])\))\s")
_ITEM = re.compile(r"(\s*)(\d{1,2})[.)](?=\s)")
_PAREN = re.compile(r"\s{0,3}\(([a-zA-Z]|[ivx]{2,4}|\d{1,2})\)(?=\s|$)")
_LOOSE = re.compile(r"\s{0,3}([a-z])\)(?=\s|$)")
_SOLVED = re.compile(
    rf"(?:solutions?|answers?|proof|response)\s+(?:to|of|for)?\s*(?:{_KEYWORD})?\.?\s*(\d{{1,2}}(?:\.\d{{1,2}})*)\b",
    re.IGNORECASE,
)
_SOLUTION = re.compile(
    r"(?:solutions?|answers?|proofs?|lösung|beweis|derivation)\b[\s.:*_]*", re.IGNORECASE
)
_MARKUP = re.compile(r"[*_#`~]+")
_ROMAN = re.compile(r"[ivx]+$")


@dataclass
class QuestionTracker:
    """The question in force while a document is read from top to bottom."""

    base: list[str] = field(default_factory=list)  # from headings and keywords
    below: list[tuple[str, str]] = field(default_factory=list)  # kind and label, outermost first
    heading_level: int = 0
    relative: dict[int, bool] = field(default_factory=dict)

    @property
    def question(self) -> str:
        """The dotted path, such as `1.c` or `2.6`; empty before the first."""
        return ".".join([*self.base, *(label for _, label in self.below)])

    def heading(self, title: str, level: int) -> None:
        """A heading of the given level (1 to 6; 7 for a bold line)."""
        title = _MARKUP.sub("", title).strip()
        solved = _SOLVED.match(title)
        if solved:
            self._set(solved[1].split("."), level)
            return
        if _SOLUTION.match(title):
            self.below.clear()
            return
        numbered = _numbered(title)
        if numbered:
            self._set([n for n in numbered if n.isdigit()], level)
            for label in (n for n in numbered if n.isalpha()):
                self._letter(label)
            return
        letter = _LETTER.match(title)
        if letter:
            self.below.clear()
            self._letter(next(g for g in letter.groups() if g))
            return
        integer = _INTEGER.match(title)
        if integer:
            self._integer(integer[1], level)
        elif level <= self.heading_level or not self.base:
            self._set([title[:60]] if level < 7 and self.base else [], level)

    def label(self, label: str) -> None:
        """An item's label of a LaTeX list, such as `(a)` or `1.2`."""
        self.line(label.rstrip() + " x", complete=False)

    def line(self, line: str, *, complete: bool) -> None:
        """A line of prose; complete if nothing (no formula) stands behind it on its line."""
        bare = line.strip()
        if not bare or not (bare[0] in "*_([" or bare[0].isalnum()):
            return
        if self._bold(bare):
            return
        text = _MARKUP.sub("", line.rstrip("\n"))
        keyword = re.match(
            rf"\s{{0,3}}{_KEYWORD}\.?\s*\d{{1,2}}[a-z]?\s*[.:)]?\s*$", text, re.IGNORECASE
        )
        if keyword and complete:
            self.heading(text, 7)
            return
        if complete and self._alone(text.strip()):
            return
        two = _TWO.match(text.lstrip())
        if two:
            self._set([two[1]], 7)
            self._number_or_letter(two[2] or two[3])
            return
        self._item_or_letter(text)

    def _bold(self, bare: str) -> bool:
        match = re.match(r"(\*\*|__)(.+?)\1", bare)
        if not match:
            if _SOLUTION.fullmatch(_MARKUP.sub("", bare)):
                self.below.clear()
                return True
            return False
        title = _MARKUP.sub("", match[2]).strip()
        if _SOLVED.match(title):
            self.heading(title, 7)
            return True
        if _SOLUTION.match(title):
            self.below.clear()
            return True
        whole = len(match.group()) == len(bare)
        if _numbered(title) or (_LETTER.match(title) and len(title) < 6):
            self.heading(title, 7)
            return True
        if whole and _ALONE.match(title):
            return self._alone(title)
        return False

    def _alone(self, text: str) -> bool:
        mixed = _ALONE_MIXED.match(text)
        if mixed:
            self._set([mixed[1]], 7)
            self._letter(mixed[2])
            if mixed[3]:
                self._letter(mixed[3])
            return True
        match = _ALONE.match(text)
        if not match:
            return False
        path = match[1].split(".")
        top = self.base[0] if self.base else "0"
        if len(path) == 1 and not (top.isdigit() and int(path[0]) == int(top) + 1):
            return False  # a page number, rather
        self._set(path, 7)
        return True

    def _item_or_letter(self, text: str) -> None:
        item = _ITEM.match(text)
        if item:
            self._item(len(item[1].expandtabs(4)), item[2])
            return
        label = _PAREN.match(text)
        if label:
            self._number_or_letter(label[1])
            return
        loose = _LOOSE.match(text)
        if loose and self._follows(loose[1]):
            self._letter(loose[1])

    def _item(self, indent: int, number: str) -> None:
        """A list item closes the items that are indented as far or further."""
        for at, (kind, _) in enumerate(self.below):
            if kind.startswith("item") and int(kind[4:]) > indent - 2:
                del self.below[at:]
                break
        self.below.append((f"item{indent}", number))

    def _follows(self, letter: str) -> bool:
        current = dict(self.below).get("letter")
        return letter == "a" or (current is not None and ord(letter) == ord(current) + 1)

    def _number_or_letter(self, label: str) -> None:
        if label.isdigit():
            self._put("digit", label)
        else:
            self._letter(label)

    def _letter(self, label: str) -> None:
        """A letter or roman label: `(i)` after `(h)` is a letter, otherwise a roman numeral."""
        label = label.lower()
        current = dict(self.below).get("letter")
        next_one = current is not None and len(label) == 1 and ord(label) == ord(current) + 1
        self._put("roman" if _ROMAN.match(label) and not next_one else "letter", label)

    def _put(self, kind: str, label: str) -> None:
        """A label replaces the last one of its kind and all below it."""
        kinds = [k for k, _ in self.below]
        if kind in kinds:
            del self.below[kinds.index(kind) :]
        self.below.append((kind, label))

    def _set(self, path: list[str], level: int) -> None:
        self.base = path
        self.below.clear()
        if level < 7:
            self.heading_level = level
            self.relative = {k: v for k, v in self.relative.items() if k < level}

    def _integer(self, number: str, level: int) -> None:
        """A heading `4` or `1. Title`: below the numbered heading above it, or of the top."""
        below = self.relative.get(level, False)
        if not below and number == "1" and self.base and level > self.heading_level > 0:
            below = True
        if below:
            depth = len(self.base) - (1 if self.relative.get(level) else 0)
            base = [*self.base[:depth], number]
            outer = self.heading_level
            self._set(base, level)
            self.relative[level] = True
            self.heading_level = min(outer, level)
            return
        self._set([number], level)


def _numbered(title: str) -> list[str] | None:
    """The path in `Problem 1`, `1.4.2 Title`, `1 Question1`, or None."""
    keyword = _NUMBERED.match(title)
    if keyword:
        return [p.lower() for p in re.findall(r"\d+|[A-Za-z]", keyword[1])]
    dotted = _DOTTED.match(title)
    if dotted:
        return dotted[1].split(".")
    again = re.match(rf"(\d{{1,2}})\s+{_KEYWORD}\s*\1\b", title, re.IGNORECASE)
    return [again[1]] if again else None
