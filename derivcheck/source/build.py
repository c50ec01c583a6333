"""Pieces of a page to blocks: questions are followed and macros expanded, in reading order."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from derivcheck.source.document import Block, Document, Format, Page
from derivcheck.source.faults import Fault, Place
from derivcheck.source.macros import MacroTable
from derivcheck.source.questions import QuestionTracker

if TYPE_CHECKING:
    from derivcheck.source.mapped import Mapped

PieceKind = Literal["prose", "heading", "math", "code", "label"]


@dataclass(frozen=True)
class Piece:
    """A stretch of a page before macros and questions are known.

    starts_line: the piece begins where a line begins (labels such as `(c)` stand there only).
    """

    kind: PieceKind
    content: Mapped
    display: bool = False
    environment: str | None = None
    level: int = 0
    starts_line: bool = False


@dataclass
class Builder:
    """Collects the blocks of a document, page by page."""

    name: str
    form: Format
    problems: list[Fault] = field(default_factory=list)
    front_matter: str | None = None
    macros: MacroTable = field(default_factory=MacroTable)
    questions: QuestionTracker = field(default_factory=QuestionTracker)
    blocks: list[Block] = field(default_factory=list)

    def document(self) -> Document:
        """All that was collected."""
        return Document(
            self.name,
            self.form,
            tuple(self.blocks),
            self.front_matter,
            tuple(self.macros.all()),
            tuple(self.problems),
        )

    def fault(self, page: Page, offset: int, code: str, found: str, hint: str = "") -> None:
        """Note something odd at an offset of a page."""
        line, column = page.position(offset)
        self.problems.append(
            Fault(code, Place(self.name, line, column, page.cell), found, "", hint)
        )

    def add(self, page: Page, piece: Piece) -> None:
        """Take the next piece of a page."""
        if piece.kind == "math":
            self._math(page, piece)
        elif piece.kind == "heading":
            self.questions.heading(piece.content.text, piece.level)
            self._append(page, piece, "heading", piece.content)
        elif piece.kind == "label":
            self.questions.label(piece.content.text)
        elif piece.kind == "code":
            self._append(page, piece, "prose", piece.content)
        else:
            self._prose(page, piece)

    def _math(self, page: Page, piece: Piece) -> None:
        found = self.macros.expand(piece.content)
        if found.problem:
            offset = piece.content.stretch(0, 1)[0]
            hint = "write the formula out, or make the macro shorter"
            self.fault(page, offset, "macro", found.problem, hint)
        if found.content.text.strip() or not found.defined:
            self._append(page, piece, "math", found.content)

    def _prose(self, page: Page, piece: Piece) -> None:
        """Prose, cut at the lines that begin another question."""
        content = self.macros.collect(piece.content)
        text, at, cut = content.text, 0, 0
        while at < len(text):
            end = text.find("\n", at)
            stop = len(text) if end < 0 else end + 1
            if at > 0 or piece.starts_line:
                before = self.questions.question
                line = _plain_line(text[at:stop]) if self.form == "tex" else text[at:stop]
                if not (_EQUATION_NUMBER.fullmatch(line) and self._after_display(text[cut:at])):
                    self.questions.line(line, complete=end >= 0 or self._ends_line(page, piece))
                if self.questions.question != before and at > cut:
                    self._append(page, piece, "prose", content.slice(cut, at), before)
                    cut = at
            at = stop
        if cut < len(text):
            self._append(page, piece, "prose", content.slice(cut, len(text)))

    def _after_display(self, between: str) -> bool:
        """Whether a display stands right before: then `(3)` on a line of its own is its number."""
        last = self.blocks[-1] if self.blocks else None
        return last is not None and last.kind == "math" and last.display and not between.strip()

    def _ends_line(self, page: Page, piece: Piece) -> bool:
        last = piece.content.ends[-1] if len(piece.content) else 0
        return last >= len(page.text) or page.text[last] == "\n"

    def _append(
        self,
        page: Page,
        piece: Piece,
        kind: Literal["prose", "heading", "math"],
        content: Mapped,
        question: str | None = None,
    ) -> None:
        first, last = piece.content.stretch(0, len(piece.content))
        if kind == "prose":
            first, last = content.stretch(0, len(content))
        self.blocks.append(
            Block(
                kind,
                content,
                page.text[first:last],
                page,
                piece.display,
                "code" if piece.kind == "code" else piece.environment,
                self.questions.question if question is None else question,
                piece.level,
            )
        )


_EQUATION_NUMBER = re.compile(r"\s*\(\d{1,3}(?:\.\d{1,3})?[a-z]?\)\s*")
_BOLD = re.compile(r"\\(?:textbf|underline|textsc|emph|textit)\s*\{([^{}]*)\}")
_NOISE = re.compile(
    r"\\(?:noindent|bigskip|medskip|smallskip|newpage|par|bf|large|Large)(?![a-zA-Z])\s*|[{}]"
)


def _plain_line(line: str) -> str:
    """A line of LaTeX as Markdown would have it, for the labels at its beginning."""
    return _NOISE.sub("", _BOLD.sub(r"**\1**", line))
