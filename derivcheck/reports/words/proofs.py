"""The table of proofs for a terminal: a row for each file, and below it what is not proved."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from derivcheck.reports import Surface
from derivcheck.reports.text import INDENT, relation_lines
from derivcheck.reports.words.paint import paint
from derivcheck.reports.words.verdict import contradictions
from derivcheck.reports.words.visible import one_line

if TYPE_CHECKING:
    from derivcheck.verdicts.proofs import Proofs, ProvedFile
    from derivcheck.verdicts.result import RelationResult

WIDTH = 110  # of a file or pipe
NO_PROOF = "no proof found; it holds on random worlds"


def table(proofs: Proofs, surface: Surface, *, names: bool = False) -> str:
    """The table, then every relation that is not proved; names: the laws by name."""
    return "\n".join([*_rows(proofs, surface, names=names), *_unproved(proofs, surface), _sum(proofs)]) + "\n"


def _rows(proofs: Proofs, surface: Surface, *, names: bool) -> Iterator[str]:
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    made.add_column("proof", overflow="fold")
    for title in ("relations", "proved", "exact only"):
        made.add_column(title, justify="right", no_wrap=True)
    made.add_column("laws", justify="left" if names else "right", overflow="fold")
    made.add_column("seconds", justify="right", no_wrap=True)
    for f in proofs.files:
        whole = f.proved == f.relations
        made.add_row(
            Text(one_line(f.id)), str(f.relations), Text(str(f.proved), style="green" if whole else "yellow"),
            str(f.exact or "·"), ", ".join(f.laws) if names else str(len(f.laws)), f"{f.seconds:.1f}",
        )  # fmt: skip
    out = StringIO()
    console = Console(
        file=out, width=surface.width or WIDTH, force_terminal=surface.colour, no_color=not surface.colour, highlight=False
    )
    console.print(made)
    yield from (line.rstrip() for line in out.getvalue().splitlines())
    yield ""


def _unproved(proofs: Proofs, surface: Surface) -> Iterator[str]:
    for f in proofs.files:
        for problem in f.problems:
            yield f"{one_line(f.path)}: note: {one_line(problem)}"
        for relation in f.unproved:
            yield from _lines(f, relation, surface)
        if f.problems or f.unproved:
            yield ""


def _lines(f: ProvedFile, relation: RelationResult, surface: Surface) -> Iterator[str]:
    yield from relation_lines(one_line(f.path), relation, surface)
    if relation.verdict == "correct":
        yield INDENT + paint(NO_PROOF, "quiet", surface)


def _sum(proofs: Proofs) -> str:
    count = len(proofs.files)
    files = f"{count} file" + ("" if count == 1 else "s")
    laws = {law for f in proofs.files for law in f.laws}
    said = f"{files}: {proofs.proved} of {proofs.relations} relations proved, by {len(laws)} laws"
    if not proofs.disagreements:
        return said
    return f"{said}\n{contradictions(proofs.disagreements)}"
