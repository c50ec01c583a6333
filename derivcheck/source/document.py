"""A document as data: blocks of prose, headings and mathematics in order."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from derivcheck.source.faults import Fault
    from derivcheck.source.mapped import Mapped


Format = Literal["markdown", "tex", "notebook"]
Kind = Literal["prose", "heading", "math"]


@dataclass(frozen=True)
class Page:
    """The text of a file, or of one cell of a notebook (`cell` counts all cells from 0)."""

    text: str
    cell: int | None = None

    @cached_property
    def line_starts(self) -> list[int]:
        """Offsets at which lines begin."""
        starts = [0]
        at = self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of an offset."""
        line = bisect_right(self.line_starts, max(offset, 0))
        return line, offset - self.line_starts[line - 1] + 1


@dataclass(frozen=True)
class Macro:
    r"""A macro of the document: `\newcommand{\E}[2][q]{..}` has 2 parameters, the first optional."""

    name: str
    body: str
    parameters: int = 0
    optional: str | None = None


@dataclass(frozen=True)
class Block:
    """A stretch of prose, a heading, or one formula.

    content: the text after macro expansion, with the place of every character.
    source_text: verbatim, without the delimiters. environment: of a bare environment, `math` for a
    fence, `code` for a prose block that is code.
    """

    kind: Kind
    content: Mapped
    source_text: str
    page: Page
    display: bool = False
    environment: str | None = None
    question: str = ""
    level: int = 0  # of a heading, 1 to 6

    @property
    def text(self) -> str:
        """The text after macro expansion."""
        return self.content.text

    @property
    def cell(self) -> int | None:
        """The notebook's cell, from 0 over all cells; None for other files."""
        return self.page.cell

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column (from 1, within the cell) of a character of `text`."""
        return self.page.position(
            self.content.stretch(offset, offset + (offset < len(self.content)))[0]
        )

    def verbatim(self, start: int, stop: int) -> str:
        """The source of text[start:stop], before macros were expanded."""
        return "".join(self.page.text[a:b] for a, b in self.content.runs(start, stop))


@dataclass(frozen=True)
class Document:
    """A file that was read: its blocks in order, and what was wrong with it."""

    name: str
    format: Format
    blocks: tuple[Block, ...]
    front_matter: str | None = None
    macros: tuple[Macro, ...] = ()
    problems: tuple[Fault, ...] = field(default_factory=tuple)
