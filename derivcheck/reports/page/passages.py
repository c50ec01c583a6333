"""The document in order, as passages that a page shows: headings, paragraphs, code, displays.

A passage carries its notes; a display carries them row by row. Main definition: `PassageWriter`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from markupsafe import Markup

from derivcheck.reports.page.mathml import Renderer, SignMark
from derivcheck.reports.page.notes import Note, NoteWriter
from derivcheck.reports.page.prose import ProseWriter, made_safe, slot
from derivcheck.reports.page.rows import Row, rows_of
from derivcheck.reports.page.signs import Places, marks_in, place_in
from derivcheck.reports.page.tex import markdown_of_tex
from derivcheck.reports.words.visible import visible
from derivcheck.verdicts.result import RelationResult

if TYPE_CHECKING:
    from derivcheck.source import Block, Document

BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")
DOLLARS = re.compile(r"\$([^$\n]+)\$|\\\((.+?)\\\)")


@dataclass(frozen=True)
class RowView:
    """One row of a display: its cells, and its notes."""

    cells: tuple[Markup, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Passage:
    """A piece of the page. html: of all kinds but a display, which has rows."""

    kind: Literal["heading", "paragraph", "code", "display"]
    html: Markup = Markup("")  # noqa: RUF009 - a Markup is a string, immutable
    level: int = 0
    notes: tuple[Note, ...] = ()
    rows: tuple[RowView, ...] = ()
    columns: int = 1


class PassageWriter:
    """Walks a document's blocks and writes its passages."""

    def __init__(self, relations: Sequence[RelationResult], name: str, renderer: Renderer) -> None:
        self._places = Places(relations)
        self._render = renderer
        self._notes = NoteWriter(name, renderer)
        self._prose = ProseWriter()
        self._shown: set[str] = set()
        self._tex = False

    def passages(self, document: Document) -> Iterator[Passage]:
        """All passages, in the document's order."""
        running: list[Block] = []
        self._tex = document.format == "tex"
        for block in document.blocks:
            flows = block.kind != "heading" and not block.display and block.environment != "code"
            if flows:
                running.append(block)
                continue
            yield from self._paragraphs(running)
            running = []
            yield self._standing(block)
        yield from self._paragraphs(running)

    def unplaced(self, relations: Sequence[RelationResult]) -> list[Note]:
        """Notes of relations that no passage has shown."""
        return [self._notes.note(r) for r in relations if r.id not in self._shown]

    # --- blocks that stand alone -----------------------------------------------------------------

    def _standing(self, block: Block) -> Passage:
        if block.kind == "heading":
            return Passage("heading", self._heading(block.text), level=min(block.level + 1, 6))
        if block.kind == "math":
            return self._display(block)
        return Passage(
            "code", Markup("<pre>{}</pre>").format(visible(block.text, keep=frozenset("\n\t")))
        )

    def _heading(self, text: str) -> Markup:
        insets: list[Markup] = []

        def inset(found: re.Match[str]) -> str:
            insets.append(self._render.render(found[1] or found[2], display=False))
            return slot(len(insets) - 1)

        return self._prose.inline(DOLLARS.sub(inset, made_safe(text.strip())), insets)

    # --- displays --------------------------------------------------------------------------------

    def _display(self, block: Block) -> Passage:
        rows = rows_of(block.text)
        per_row = self._shared_out(block, rows)
        views = tuple(
            RowView(self._cells(block, row, relations), self._noted(relations))
            for row, relations in zip(rows, per_row, strict=True)
        )
        columns = max((len(view.cells) for view in views), default=1)
        return Passage("display", rows=views, columns=columns)

    def _shared_out(self, block: Block, rows: Sequence[Row]) -> list[list[RelationResult]]:
        """The block's relations, each with the last row that begins before it."""
        per_row: list[list[RelationResult]] = [[] for _ in rows]
        found = self._inside(block)
        if not rows:
            return per_row
        starts = [place_in(block, row.start) for row in rows]
        for relation in found:
            cell = -1 if relation.cell is None else relation.cell
            place = (cell, relation.line, relation.column)
            number = max((i for i, start in enumerate(starts) if start <= place), default=0)
            per_row[number].append(relation)
        return per_row

    def _cells(
        self, block: Block, row: Row, relations: Sequence[RelationResult]
    ) -> tuple[Markup, ...]:
        numbered = len(relations) > 1
        cells = [self._cell(block, a, b, relations, numbered=numbered) for a, b in row.cells]
        return tuple(cells)

    def _cell(
        self,
        block: Block,
        start: int,
        end: int,
        relations: Sequence[RelationResult],
        *,
        numbered: bool,
    ) -> Markup:
        latex = block.text[start:end]
        if not latex.strip():
            return Markup()
        marks = marks_in(block, start, end, relations, numbered=numbered)
        return self._render.render(latex, display=True, marks=marks)

    # --- paragraphs ------------------------------------------------------------------------------

    def _paragraphs(self, blocks: Sequence[Block]) -> Iterator[Passage]:
        """Running prose with its inline mathematics, cut at blank lines."""
        text: list[str] = []
        insets: list[Markup] = []
        relations: list[RelationResult] = []

        def finished() -> Iterator[Passage]:
            markdown = "".join(text)
            if markdown.strip():
                html = self._prose.block(markdown, tuple(insets))
                yield Passage("paragraph", html, notes=self._noted(relations))
            text.clear()
            insets.clear()
            relations.clear()

        for block in blocks:
            if block.kind == "math":
                inside = self._inside(block)
                relations += inside
                insets.append(self._inline(block, inside))
                text.append(slot(len(insets) - 1))
                continue
            first, *others = BLANK_LINE.split(self._markdown(block.text))
            text.append(first)
            for part in others:
                yield from finished()
                text.append(part)
        yield from finished()

    def _markdown(self, text: str) -> str:
        safe = made_safe(text)
        return markdown_of_tex(safe) if self._tex else safe

    def _inline(self, block: Block, relations: Sequence[RelationResult]) -> Markup:
        marks: tuple[SignMark, ...] = marks_in(
            block, 0, len(block.text), relations, numbered=bool(relations)
        )
        return self._render.render(block.text, display=False, marks=marks)

    # --- relations -------------------------------------------------------------------------------

    def _inside(self, block: Block) -> list[RelationResult]:
        last = place_in(block, len(block.text))
        found = self._places.between(place_in(block, 0), last)
        return [r for r in found if r.id not in self._shown]

    def _noted(self, relations: Sequence[RelationResult]) -> tuple[Note, ...]:
        self._shown.update(r.id for r in relations)
        return tuple(self._notes.note(r) for r in relations)
